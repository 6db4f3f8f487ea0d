//! Commands: what an owner wants a device to do, stored until it is known what
//! became of it.

mod answer;
mod create;
mod desired;
mod list;
mod message;
mod order;
mod outcome;
mod sweep;
mod target;
mod wanted;
#[cfg(test)]
mod world;

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

pub use self::answer::{Answered, Refusal, answer};
pub use self::create::{CreateError, Sending, create};
pub use self::desired::{
    Checked, Desired, DesiredStates, Patched, REPAIR, Restored, check_desired, restore,
};
pub use self::list::{CommandError, Query, one, page};
pub use self::message::{Answer, InvalidAnswer};
pub use self::order::{Ordered, Orders};
pub use self::outcome::{Due, Ended, Ending, NOT_SENT, OpenCommands, TIMEOUT, Upkeep};
pub use self::sweep::{Sweep, sweep};
pub use self::target::{Target, Targets, Used};
pub use self::wanted::{LARGEST, Wanted};

use crate::id::{
    CommandName, DeviceId, DeviceName, IdempotencyKey, InvalidId, RegistrationId, UserId,
};
use crate::page::{Listed, Owned, Stretch};
use crate::store::StoreError;

/// A command to a device.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Names it, and says when it was sent.
    pub id: CommandId,
    /// The registration that made the sender the owner.
    pub registration: RegistrationId,
    /// Whom it is for.
    pub device: DeviceId,
    /// What the owner called the device when the command was sent.
    pub device_name: DeviceName,
    /// Who sent it: the owner of the device at that time.
    pub user: UserId,
    /// What became of it.
    pub status: CommandStatus,
    /// Why it failed, or what else there is to say.
    pub reason: Option<String>,
    /// What to do.
    pub name: CommandName,
    /// What to do it with.
    pub value: Value,
    /// Whatever else the sender said.
    pub details: Option<Map<String, Value>>,
    /// What it sets in the desired state of the device's shadow, by top-level
    /// key; empty where it changes no state.
    pub desired: Map<String, Value>,
    /// While it is pending, the end of the time that the device has for its
    /// answer. Once it has failed, since when the shadow waits to be put right.
    pub due: Timestamp,
    /// Whether something is left to do: an answer to wait for, or a shadow to
    /// put right.
    pub open: bool,
    /// When it was sent: [`CommandId::time`].
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Command {
    /// What it is at `now`: a pending command whose time is over has failed at
    /// that very moment, whether or not the sweep has been there.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        if self.is_overdue(now) {
            self.status = CommandStatus::Failed;
            self.reason = Some(TIMEOUT.to_owned());
            self.updated_at = self.due;
        }
        self
    }

    /// Whether it waits for an answer that cannot count any more.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.status == CommandStatus::Pending && self.due <= now
    }

    /// Where it is stored.
    #[must_use]
    pub fn key(&self) -> CommandKey<'_> {
        CommandKey {
            user: &self.user,
            device: &self.device,
            registration: self.registration,
            id: self.id,
        }
    }
}

/// Which command: its id alone reaches none.
#[derive(Clone, Copy, Debug)]
pub struct CommandKey<'a> {
    /// Who sent it.
    pub user: &'a UserId,
    /// Whom it is for.
    pub device: &'a DeviceId,
    /// The registration under which it was sent.
    pub registration: RegistrationId,
    /// Its id.
    pub id: CommandId,
}

impl Listed for Command {
    type Place = CommandId;

    fn place(&self) -> CommandId {
        self.id
    }

    fn text(place: &CommandId) -> String {
        place.to_string()
    }
}

impl Owned for Command {
    fn registration(&self) -> RegistrationId {
        self.registration
    }

    fn is_before(place: &CommandId, time: Timestamp) -> bool {
        place.time().as_millisecond() < time.as_millisecond()
    }
}

/// Id of a command: a UUID of version 7, which begins with the time at which it
/// was sent, so that ids sort by time.
#[derive(
    Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
#[schema(value_type = String, format = "uuid", pattern = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
pub struct CommandId(pub Uuid);

impl CommandId {
    /// Parses `text`.
    ///
    /// # Errors
    ///
    /// [`InvalidId`] unless it is a UUID as [`fmt::Display`] writes it.
    pub fn new(text: &str) -> Result<Self, InvalidId> {
        match Uuid::parse_str(text) {
            Ok(id) if id.to_string() == text => Ok(Self(id)),
            _ => Err(InvalidId {
                field: "commandId",
                rule: "a UUID in lower case with hyphens, as the lists of commands show it",
            }),
        }
    }

    /// When it was made: the first 48 bits, in epoch milliseconds (RFC 9562).
    #[must_use]
    pub fn time(self) -> Timestamp {
        let millisecond = i64::try_from(self.0.as_u128() >> 80).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::MAX)
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What became of a command.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CommandStatus {
    /// The device has not answered yet.
    Pending,
    /// The device has done it.
    Success,
    /// It was not done; `reason` says why.
    Failed,
}

impl CommandStatus {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Success, Self::Failed];

    /// The word used in rows, answers and filters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Success => "success",
            Self::Failed => "failed",
        }
    }

    /// The status called `word`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

/// Where commands are stored.
///
/// Implementations pass the suite in `adapters/tests/it/commands.rs`.
pub trait Commands: Sync {
    /// Stores a new command, and which one was sent under `key` for
    /// [`KEY_HOURS`]. Repeating it changes nothing; without a `key` the answer then is
    /// the command as it is now.
    ///
    /// Of several commands under one key of a registration, the first one is
    /// stored; the key of an earlier registration counts no more.
    fn insert(
        &self,
        command: &Command,
        key: Option<&IdempotencyKey>,
    ) -> impl Future<Output = Result<Insertion, StoreError>> + Send;

    /// The command of `user` to `device`, under whichever registration it was sent.
    fn get(
        &self,
        user: &UserId,
        device: &DeviceId,
        id: CommandId,
    ) -> impl Future<Output = Result<Option<Command>, StoreError>> + Send;

    /// Reads up to `most` commands of `user` to `device` that are older than
    /// `after`, newest first, and leaves out those that are not `status` at
    /// `now`, see [`Command::at`]. One call, which may end early; it finds
    /// whatever was stored before it began.
    fn read(
        &self,
        user: &UserId,
        device: &DeviceId,
        status: Option<CommandStatus>,
        after: Option<CommandId>,
        most: usize,
        now: Timestamp,
    ) -> impl Future<Output = Result<Stretch<Command>, StoreError>> + Send;
}

/// How long a key is kept, in hours.
pub const KEY_HOURS: i64 = 24;

/// What became of a new command.
#[derive(Clone, Debug, PartialEq)]
pub enum Insertion {
    /// It is stored.
    New,
    /// It, or its key, was there before; the command as it is now.
    Known(Box<Command>),
}

/// How commands reach devices.
pub trait CommandTopic: Sync {
    /// Publishes `command` to its device, at least once. A device that is
    /// offline gets it when it is back, unless the command is due by then.
    fn publish(
        &self,
        command: &Command,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::{at, command};

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let id = command("anna", "SN-1", 7).id;
        assert_eq!(CommandId::new(&id.to_string()), Ok(id));
        for text in [
            "",
            "x",
            &id.to_string().to_uppercase(),
            &id.0.simple().to_string(),
            &format!("{{{id}}}"),
            &format!("{id}x"),
        ] {
            let error = CommandId::new(text).unwrap_err().to_string();
            assert!(error.starts_with("`commandId` must be a UUID"), "{text}");
        }
    }

    #[test]
    fn ids_sort_by_time_as_values_and_as_text() {
        let ids: Vec<_> = (0..300).map(|it| command("anna", "SN-1", it).id).collect();
        assert!(ids.is_sorted());
        assert!(ids.is_sorted_by_key(ToString::to_string));
    }

    #[test]
    fn an_id_holds_its_time() {
        assert_eq!(command("anna", "SN-1", 7).id.time(), at(7));
        assert_eq!(CommandId(Uuid::nil()).time(), Timestamp::UNIX_EPOCH);
        assert_eq!(CommandId(Uuid::max()).time(), Timestamp::MAX);
    }

    #[test]
    fn an_id_is_before_what_came_later() {
        let id = command("anna", "SN-1", 7).id;
        assert!(Command::is_before(&id, at(8)));
        assert!(!Command::is_before(&id, at(7)));
        assert!(!Command::is_before(&id, at(6)));
    }

    #[test]
    fn a_pending_command_fails_at_the_end_of_its_time() {
        let pending = command("anna", "SN-1", 7);
        let due = pending.due;
        assert_eq!(pending.clone().at(at(60_006)), pending);
        for now in [due, at(90_000)] {
            let failed = pending.clone().at(now);
            assert_eq!(failed.status, CommandStatus::Failed);
            assert_eq!(failed.reason.as_deref(), Some("timeout"));
            assert_eq!(failed.updated_at, due, "then, not when it was noticed");
        }
        let mut done = pending;
        done.status = CommandStatus::Success;
        assert_eq!(done.clone().at(at(90_000)), done);
    }

    #[test]
    fn the_words_for_a_status_are_the_same_everywhere() {
        for status in CommandStatus::ALL {
            let word = status.as_str();
            assert_eq!(CommandStatus::parse(word), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), word);
        }
        assert_eq!(CommandStatus::parse("Pending"), None);
        assert_eq!(CommandStatus::parse(""), None);
    }
}
