//! What was sent under an `Idempotency-Key`, as a row of the Commands table.
//!
//! Its partition is one that no list of commands reads: `{userId}#{deviceId}#keys`.

use contract::table;
use domain::command::{Command, CommandId, KEY_HOURS, Used};
use domain::id::{DeviceId, IdempotencyKey, RegistrationId, UserId};
use domain::store::StoreError;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::aws::unreadable;
use crate::dynamo::{Item, from_item, text, to_item};
use crate::event_row::user_device;

/// Key of the row: the text that the client sent is where the id of a command
/// is in other rows.
pub(crate) fn key_of_key(user: &UserId, device: &DeviceId, key: &IdempotencyKey) -> Item {
    Item::from([
        (table::USER_DEVICE.to_owned(), text(partition(user, device))),
        (table::COMMAND_ID.to_owned(), text(key.as_str())),
    ])
}

fn partition(user: &UserId, device: &DeviceId) -> String {
    format!("{}#keys", user_device(user, device))
}

/// The row that `command` makes when it is sent under `key`.
pub(crate) fn write(
    operation: &'static str,
    command: &Command,
    key: &IdempotencyKey,
) -> Result<Item, StoreError> {
    let expires = command.created_at.checked_add(KEY_HOURS.hours());
    let expires = expires.map_err(|err| unreadable(operation, err))?;
    let row = Row {
        sent_as: command.id,
        registration_id: command.registration,
        expires_at: expires.as_second(),
    };
    let mut item = to_item(operation, &row)?;
    item.extend(key_of_key(&command.user, &command.device, key));
    Ok(item)
}

/// What was sent.
pub(crate) fn read(operation: &'static str, item: Item) -> Result<Used, StoreError> {
    let row: Row = from_item(operation, item)?;
    let expires = Timestamp::from_second(row.expires_at);
    Ok(Used {
        command: row.sent_as,
        registration: row.registration_id,
        expires: expires.map_err(|err| unreadable(operation, err))?,
    })
}

/// `docs/data-model.md` says what the attributes mean.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    sent_as: CommandId,
    registration_id: RegistrationId,
    expires_at: i64,
}
