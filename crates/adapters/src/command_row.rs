//! A command as a row of the Commands table.

use contract::table;
use domain::command::{Command, CommandId, CommandStatus};
use domain::id::{CommandName, DeviceId, DeviceName, RegistrationId, UserId};
use domain::store::StoreError;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::aws::unreadable;
use crate::dynamo::{Item, from_item, json, parsed, text, to_item};
use crate::event_row::user_device;

/// How long a command is kept, in hours: 365 days.
const KEPT: i64 = 365 * 24;

/// Key of a command.
pub(crate) fn key(user: &UserId, device: &DeviceId, id: CommandId) -> Item {
    Item::from([
        (
            table::USER_DEVICE.to_owned(),
            text(user_device(user, device)),
        ),
        (table::COMMAND_ID.to_owned(), text(id.to_string())),
    ])
}

/// Where a command is in the index `open`, while it is: the last bits of an id
/// are drawn.
fn shard(id: CommandId) -> &'static str {
    let [.., last] = id.0.into_bytes();
    table::OPEN_SHARDS[usize::from(last) % table::OPEN_SHARDS.len()]
}

/// The row of a new command.
pub(crate) fn write(operation: &'static str, command: &Command) -> Result<Item, StoreError> {
    let expires = command.created_at.checked_add(KEPT.hours());
    let row = Row {
        user_device: Some(user_device(&command.user, &command.device)),
        command_id: command.id,
        registration_id: command.registration,
        device_id: command.device.clone(),
        device_name: command.device_name.clone(),
        user_id: command.user.clone(),
        status: command.status,
        reason: command.reason.clone(),
        command: command.name.clone(),
        value: json(operation, Some(&command.value))?,
        details: json(operation, command.details.as_ref())?,
        desired: json(
            operation,
            Some(&command.desired).filter(|it| !it.is_empty()),
        )?,
        due: Some(command.due),
        open: command.open.then(|| shard(command.id).to_owned()),
        created_at: command.created_at,
        updated_at: command.updated_at,
        expires_at: Some(
            expires
                .map_err(|err| unreadable(operation, err))?
                .as_second(),
        ),
    };
    to_item(operation, &row)
}

/// The command in a row.
pub(crate) fn read(operation: &'static str, item: Item) -> Result<Command, StoreError> {
    let row: Row = from_item(operation, item)?;
    Ok(Command {
        id: row.command_id,
        registration: row.registration_id,
        device: row.device_id,
        device_name: row.device_name,
        user: row.user_id,
        status: row.status,
        reason: row.reason,
        name: row.command,
        value: parsed(operation, row.value.as_deref())?.unwrap_or(Value::Null),
        details: parsed(operation, row.details.as_deref())?,
        desired: parsed::<Map<_, _>>(operation, row.desired.as_deref())?.unwrap_or_default(),
        // A row of a time without time limits: nobody has answered it.
        due: row.due.unwrap_or(row.created_at),
        open: row.open.is_some(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// `docs/data-model.md` says what the attributes mean. What is skipped is
/// written for DynamoDB and never read.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(skip_deserializing)]
    user_device: Option<String>,
    command_id: CommandId,
    registration_id: RegistrationId,
    device_id: DeviceId,
    device_name: DeviceName,
    user_id: UserId,
    status: CommandStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    command: CommandName,
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desired: Option<String>,
    #[serde(serialize_with = "domain::time::serialize_option")]
    due: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<String>,
    #[serde(serialize_with = "domain::time::serialize")]
    created_at: Timestamp,
    #[serde(serialize_with = "domain::time::serialize")]
    updated_at: Timestamp,
    #[serde(skip_deserializing)]
    expires_at: Option<i64>,
}
