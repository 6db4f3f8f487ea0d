//! From an old row to what it is here, or to the reason why it cannot be moved.
//! Nothing in this file reads or writes anything.

use std::collections::BTreeMap;

use domain::command::{Command, CommandStatus, TIMEOUT};
use domain::event::{Event, EventId, EventType, Record};
use domain::id::{
    CommandName, DeviceId, DeviceName, InvalidId, MessageId, ModelNumber, RegistrationId, UserId,
};
use domain::registration::{Product, Registration, Status};
use domain::settings::UserSettings;
use jiff::{Timestamp, ToSpan};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::id;
use crate::old::{self, Row};
use crate::users::Users;

/// How long events and commands are kept, in hours: a year.
const KEPT: i64 = 365 * 24;
/// Longest name of a device, in characters.
const LONGEST_NAME: usize = 128;

/// Why a row cannot be moved.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The row is not as the old solution wrote it.
    #[error("the row cannot be read: {0}")]
    Unreadable(String),
    /// An id that cannot be one here.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// A time that is none.
    #[error("`{0}` is not a time in RFC 3339")]
    Time(&'static str),
    /// A word that has no meaning here.
    #[error("`{field}` is {found}; known are {known}")]
    Word {
        field: &'static str,
        found: String,
        known: &'static str,
    },
    /// The list of users does not have the owner.
    #[error("the list of users has no new user for the owner")]
    NoUser,
    /// Whose device it was cannot be found.
    #[error("the owner has no row for the device in the table of registrations")]
    NoRegistration,
    /// It would be removed at once.
    #[error("it is older than a year, as long as events and commands are kept")]
    Expired,
    /// It belongs to what is left behind.
    #[error("it holds addresses of the old stack")]
    OfOldStack,
}

/// What the conversion of rows needs beside them.
#[derive(Debug)]
pub(crate) struct World {
    /// Who is who.
    pub(crate) users: Users,
    /// What is added to a product's details, by model number: its model.
    pub(crate) models: BTreeMap<String, Map<String, Value>>,
    /// When this run began.
    pub(crate) now: Timestamp,
}

/// A moved registration, and whether its owner still has the device.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) registration: RegistrationId,
    pub(crate) user: UserId,
    pub(crate) name: DeviceName,
    pub(crate) since: Timestamp,
    pub(crate) is_over: bool,
}

/// Registrations by the old user and the device.
pub(crate) type Registrations = BTreeMap<(String, String), Known>;

impl World {
    /// A manufactured product, unclaimed.
    pub(crate) fn product(&self, row: Row) -> Result<Product, Refusal> {
        let row: old::Reference = read(row)?;
        Ok(Product {
            details: self.details(row.details, &row.model_number),
            device: DeviceId::new(row.device_id)?,
            model: ModelNumber::new(row.model_number)?,
            claimed_by: None,
            claims: 0,
        })
    }

    /// A registration, without its certificate, which the old table does not have.
    pub(crate) fn registration(&self, row: Row) -> Result<(String, Registration), Refusal> {
        let row: old::Registration = read(row)?;
        let status = match row.status.as_str() {
            "pending" => Status::Pending,
            "complete" => Status::Complete,
            "deleted" => Status::Deleted,
            _ => {
                return Err(Refusal::Word {
                    field: "status",
                    found: format!("\"{}\"", row.status),
                    known: "`pending`, `complete` and `deleted`",
                });
            }
        };
        let device = DeviceId::new(row.device_id)?;
        let created = time("createdAt", &row.created_at)?;
        let registration = Registration {
            id: id::registration(&row.user_id, &device, created),
            user: self.users.of(&row.user_id).ok_or(Refusal::NoUser)?,
            name: name(&row.device_name, &device)?,
            details: self.details(row.details, &row.model_number),
            model: ModelNumber::new(row.model_number)?,
            status,
            certificate: None,
            created_at: created,
            updated_at: time("updatedAt", &row.updated_at)?,
            device,
        };
        Ok((row.user_id, registration))
    }

    /// The settings of a user.
    pub(crate) fn settings(&self, row: Row) -> Result<(UserId, UserSettings), Refusal> {
        let row: old::Setting = read(row)?;
        if row.setting_id == "app-config" {
            return Err(Refusal::OfOldStack);
        }
        let user = self.users.of(&row.setting_id).ok_or(Refusal::NoUser)?;
        let settings = serde_json::from_value(row.setting);
        Ok((user, settings.map_err(|err| unreadable(&err))?))
    }

    /// An event. Its id stays: the old solution drew one for each delivery, so
    /// an id made of the message's would make one of two events.
    pub(crate) fn event(&self, row: Row, known: &Registrations) -> Result<Record, Refusal> {
        let row: old::Event = read(row)?;
        let created = self.kept(&row.created_at)?;
        let device = DeviceId::new(row.device_id)?;
        let owner = owner(known, &row.user_id, &device)?;
        let event_type = EventType::parse(&row.event_type).ok_or_else(|| Refusal::Word {
            field: "type",
            found: format!("\"{}\"", row.event_type),
            known: "`error`, `warning`, `info` and `diagnostic`",
        })?;
        // Of an ownership that is over nothing may be left unread: nobody could
        // acknowledge it.
        let earlier = created < owner.since;
        let registration = match earlier {
            true => id::earlier_registration(&row.user_id, &device),
            false => owner.registration,
        };
        let suppress = row.suppress || (!row.ack && (earlier || owner.is_over));
        let event = Event {
            id: EventId::new(&row.id)?,
            device,
            device_name: owner.name.clone(),
            user: owner.user.clone(),
            message_id: MessageId::new(text(&row.message_id).unwrap_or(row.id))?,
            message: text(&row.message).unwrap_or_default(),
            details: object(row.details, "details"),
            ack: row.ack,
            suppress,
            event_type,
            timestamp: row
                .timestamp
                .as_f64()
                .map_or(created.as_millisecond(), whole),
            value: Some(row.value).filter(|it| !it.is_null()),
            sent_at: text(&row.sent_at).and_then(|it| it.parse().ok()),
            created_at: created,
            updated_at: time("updatedAt", &row.updated_at)?,
        };
        Ok(Record {
            registration,
            event,
        })
    }

    /// A command. What was still open is not: nobody waits for an answer to it,
    /// and the old solution never gave up.
    pub(crate) fn command(&self, row: Row, known: &Registrations) -> Result<Command, Refusal> {
        let row: old::Command = read(row)?;
        let created = self.kept(&row.created_at)?;
        let device = DeviceId::new(row.device_id)?;
        let owner = owner(known, &row.user_id, &device)?;
        let status = CommandStatus::parse(&row.status).ok_or_else(|| Refusal::Word {
            field: "status",
            found: format!("\"{}\"", row.status),
            known: "`pending`, `success` and `failed`",
        })?;
        let (status, reason) = match status {
            CommandStatus::Pending => (CommandStatus::Failed, Some(TIMEOUT.to_owned())),
            ended => (ended, text(&row.reason)),
        };
        let updated = time("updatedAt", &row.updated_at)?;
        Ok(Command {
            id: id::command(&row.command_id, created),
            registration: match created < owner.since {
                true => id::earlier_registration(&row.user_id, &device),
                false => owner.registration,
            },
            device,
            device_name: owner.name.clone(),
            user: owner.user.clone(),
            status,
            reason,
            name: CommandName::new(row.details.command)?,
            value: row.details.value,
            details: None,
            desired: Map::new(),
            due: updated,
            open: false,
            created_at: created,
            updated_at: updated,
        })
    }

    /// A product's details, with the model for its number over them.
    fn details(&self, old: Value, model: &str) -> Map<String, Value> {
        let mut details = object(old, "details").unwrap_or_default();
        if let Some(model) = self.models.get(model) {
            details.extend(model.clone());
        }
        details
    }

    /// When a row was made that is still kept.
    fn kept(&self, created: &str) -> Result<Timestamp, Refusal> {
        let created = time("createdAt", created)?;
        let end = created.checked_add(KEPT.hours());
        match end.is_ok_and(|end| end > self.now) {
            true => Ok(created),
            false => Err(Refusal::Expired),
        }
    }
}

/// Who had the device.
fn owner<'a>(
    known: &'a Registrations,
    old_user: &str,
    device: &DeviceId,
) -> Result<&'a Known, Refusal> {
    known
        .get(&(old_user.to_owned(), device.to_string()))
        .ok_or(Refusal::NoRegistration)
}

/// What owners called devices was not checked: what is not allowed here is left
/// out, and a device without a name is called by its serial number.
fn name(old: &Value, device: &DeviceId) -> Result<DeviceName, InvalidId> {
    let old = text(old).unwrap_or_default();
    let allowed = old.chars().filter(|it| !it.is_control());
    let name: String = allowed.take(LONGEST_NAME).collect();
    DeviceName::new(name).or_else(|_| DeviceName::new(device.as_str()))
}

/// A text, or a number as one; nothing for what is empty or anything else.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An object, or anything else as the field `name` of one.
fn object(value: Value, name: &str) -> Option<Map<String, Value>> {
    match value {
        Value::Null => None,
        Value::Object(object) => Some(object),
        other => Some(Map::from_iter([(name.to_owned(), other)])),
    }
}

fn time(field: &'static str, text: &str) -> Result<Timestamp, Refusal> {
    text.parse().map_err(|_| Refusal::Time(field))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "epoch milliseconds; what is larger is cut to the largest time"
)]
fn whole(number: f64) -> i64 {
    number as i64
}

fn read<T: DeserializeOwned>(row: Row) -> Result<T, Refusal> {
    serde_json::from_value(Value::Object(row)).map_err(|err| unreadable(&err))
}

fn unreadable(err: &serde_json::Error) -> Refusal {
    Refusal::Unreadable(err.to_string())
}
