//! An event as a row of the Events table.

use contract::table;
use domain::alert::{Channel, Class};
use domain::event::{Event, EventId, EventType, Record};
use domain::id::{DeviceId, DeviceName, MessageId, RegistrationId, UserId};
use domain::store::StoreError;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::aws::unreadable;
use crate::dynamo::{Item, from_item, json, parsed, text, to_item};

/// How long an event is kept, in hours: 365 days.
const KEPT: i64 = 365 * 24;

/// Partition key of an event: ownership is in it.
pub(crate) fn user_device(user: &UserId, device: &DeviceId) -> String {
    format!("{user}#{device}")
}

/// Partition key of the list of what `user` has not read of a class.
pub(crate) fn unread(user: &UserId, class: Class) -> String {
    format!("{user}#{}", class.as_str())
}

/// Key of an event.
pub(crate) fn key(user: &UserId, device: &DeviceId, event: EventId) -> Item {
    Item::from([
        (
            table::USER_DEVICE.to_owned(),
            text(user_device(user, device)),
        ),
        (table::ID.to_owned(), text(event.to_string())),
    ])
}

/// The row of a new event.
pub(crate) fn write(operation: &'static str, record: &Record) -> Result<Item, StoreError> {
    let event = &record.event;
    let expires = event.created_at.checked_add(KEPT.hours());
    let list = unread(&event.user, Class::of(event.event_type));
    let row = Row {
        user_device: Some(user_device(&event.user, &event.device)),
        id: event.id,
        order: Some(event.order().as_str().to_owned()),
        user_id: event.user.clone(),
        device_id: event.device.clone(),
        device_name: event.device_name.clone(),
        registration_id: record.registration,
        message_id: event.message_id.clone(),
        message: event.message.clone(),
        event_type: event.event_type,
        timestamp: event.timestamp,
        value: json(operation, event.value.as_ref())?,
        details: json(operation, event.details.as_ref())?,
        sent_at: event.sent_at,
        ack: event.ack,
        suppress: event.suppress,
        unread: event.is_unread().then(|| list.clone()),
        unread_list: Some(list),
        created_at: event.created_at,
        updated_at: event.updated_at,
        expires_at: Some(
            expires
                .map_err(|err| unreadable(operation, err))?
                .as_second(),
        ),
        alert_done: None,
    };
    to_item(operation, &row)
}

/// The event in a row.
pub(crate) fn read(operation: &'static str, item: Item) -> Result<Record, StoreError> {
    record(operation, from_item(operation, item)?)
}

/// The event in a row, and the channels that have served its alert.
pub(crate) fn read_alert(
    operation: &'static str,
    item: Item,
) -> Result<(Record, Vec<Channel>), StoreError> {
    let mut row: Row = from_item(operation, item)?;
    let served = row.alert_done.take().unwrap_or_default();
    Ok((record(operation, row)?, served))
}

fn record(operation: &'static str, row: Row) -> Result<Record, StoreError> {
    Ok(Record {
        registration: row.registration_id,
        event: Event {
            id: row.id,
            device: row.device_id,
            device_name: row.device_name,
            user: row.user_id,
            message_id: row.message_id,
            message: row.message,
            details: parsed(operation, row.details.as_deref())?,
            ack: row.ack,
            suppress: row.suppress,
            event_type: row.event_type,
            timestamp: row.timestamp,
            value: parsed(operation, row.value.as_deref())?,
            sent_at: row.sent_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        },
    })
}

/// `docs/data-model.md` says what the attributes mean. Keys are written and
/// never read: what they say is in the other attributes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(skip_deserializing)]
    user_device: Option<String>,
    id: EventId,
    #[serde(skip_deserializing)]
    order: Option<String>,
    user_id: UserId,
    device_id: DeviceId,
    device_name: DeviceName,
    registration_id: RegistrationId,
    message_id: MessageId,
    message: String,
    #[serde(rename = "type")]
    event_type: EventType,
    timestamp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<String>,
    #[serde(
        default,
        serialize_with = "domain::time::serialize_option",
        skip_serializing_if = "Option::is_none"
    )]
    sent_at: Option<Timestamp>,
    ack: bool,
    suppress: bool,
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    unread: Option<String>,
    #[serde(skip_deserializing)]
    unread_list: Option<String>,
    #[serde(serialize_with = "domain::time::serialize")]
    created_at: Timestamp,
    #[serde(serialize_with = "domain::time::serialize")]
    updated_at: Timestamp,
    #[serde(skip_deserializing)]
    expires_at: Option<i64>,
    #[serde(skip_serializing)]
    alert_done: Option<Vec<Channel>>,
}
