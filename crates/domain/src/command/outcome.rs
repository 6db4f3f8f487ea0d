//! How a command ends, and what is left to do then.

use jiff::Timestamp;

use super::{Command, CommandKey, CommandStatus, Commands, DesiredStates, Restored, restore};
use crate::owner::{Owner, Owners};
use crate::store::StoreError;

/// Why a command failed that reached no device, as its `reason` says.
pub const NOT_SENT: &str = "not sent";

/// Why a command failed that nobody answered in time, as its `reason` says.
pub const TIMEOUT: &str = "timeout";

/// How a command ends.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ending {
    /// The device has done it.
    Done {
        /// What else it said.
        reason: Option<String>,
    },
    /// The device has not done it.
    Refused {
        /// Why not.
        reason: Option<String>,
    },
    /// It could not be sent.
    NotSent,
    /// Nobody has answered in time.
    TimedOut,
}

impl Ending {
    /// The status of a command that ended like this.
    #[must_use]
    pub fn status(&self) -> CommandStatus {
        match self {
            Self::Done { .. } => CommandStatus::Success,
            Self::Refused { .. } | Self::NotSent | Self::TimedOut => CommandStatus::Failed,
        }
    }

    /// Its reason.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Done { reason } | Self::Refused { reason } => reason.as_deref(),
            Self::NotSent => Some(NOT_SENT),
            Self::TimedOut => Some(TIMEOUT),
        }
    }

    /// Whether `command` can end like this at `now`: only a pending one ends,
    /// by the end of its time like this or that, after it by nothing else.
    #[must_use]
    pub fn fits(&self, command: &Command, now: Timestamp) -> bool {
        command.status == CommandStatus::Pending
            && (command.due <= now) == (*self == Self::TimedOut)
    }

    /// `command` after it has ended like this at `now`. One that was done is
    /// closed; one that failed stays open until the shadow has been seen to,
    /// from now on at the latest.
    #[must_use]
    pub fn apply(&self, mut command: Command, now: Timestamp) -> Command {
        command.status = self.status();
        command.reason = self.reason().map(str::to_owned);
        match self {
            Self::Done { .. } => {
                command.open = false;
                command.updated_at = now;
            }
            Self::Refused { .. } | Self::NotSent => {
                command.due = now;
                command.updated_at = now;
            }
            Self::TimedOut => command.updated_at = command.due,
        }
        command
    }
}

/// What became of a command that was to end.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// It has ended so.
    Now(Box<Command>),
    /// That does not fit it, see [`Ending::fits`]: it stays as it is shown.
    Unfit(Box<Command>),
    /// There is no such command under this registration.
    Missing,
}

/// Commands about which something is left to do.
///
/// Implementations pass the suite in `adapters/tests/it/commands.rs`.
pub trait OpenCommands: Sync {
    /// Ends a command at `now` as [`Ending::apply`] says, if that fits it.
    fn end(
        &self,
        command: CommandKey<'_>,
        ending: &Ending,
        now: Timestamp,
    ) -> impl Future<Output = Result<Ended, StoreError>> + Send;

    /// Notes that nothing is left to do about `command`, which has failed.
    fn close(&self, command: CommandKey<'_>)
    -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Open commands that are due at `now`, about `most` at once, whosever they
    /// are. What was stored a moment ago may be missing, what was closed a
    /// moment ago may be there.
    fn due(&self, now: Timestamp, most: usize) -> impl Future<Output = Due> + Send;
}

/// Commands that are due.
#[derive(Debug)]
pub struct Due {
    /// Each one, or why it, or a part of them, could not be read.
    pub commands: Vec<Result<Command, StoreError>>,
    /// Whether there are more.
    pub more: bool,
}

/// What looks after commands once they are sent.
#[derive(Debug)]
pub struct Upkeep<'a, O, C, S> {
    /// Who has a device.
    pub owners: &'a O,
    /// The commands.
    pub commands: &'a C,
    /// What devices are to become.
    pub shadows: &'a S,
}

impl<O: Owners, C: Commands + OpenCommands, S: DesiredStates> Upkeep<'_, O, C, S> {
    /// See [`finish`].
    pub(super) async fn finish(
        &self,
        owner: Option<&Owner>,
        command: &Command,
        now: Timestamp,
    ) -> Result<Restored, StoreError> {
        finish(self.commands, self.shadows, owner, command, now).await
    }
}

/// Does what is left to do about a command that has failed: takes back what it
/// set in the shadow, if its registration is the present one, then closes it.
/// Everything here can be repeated.
pub(super) async fn finish(
    commands: &(impl Commands + OpenCommands),
    shadows: &impl DesiredStates,
    owner: Option<&Owner>,
    command: &Command,
    now: Timestamp,
) -> Result<Restored, StoreError> {
    // The shadow of a device that changed hands went with the former owner.
    let present = owner.filter(|it| it.registration == command.registration);
    let restored = match present {
        Some(owner) if !command.desired.is_empty() => {
            restore(commands, shadows, owner, &command.device, now).await?
        }
        _ => Restored::Same,
    };
    commands.close(command.key()).await?;
    Ok(restored)
}
