//! Events: what a device reports, stored under its owner.

mod message;
mod presence;
mod receive;
mod single;
mod timeline;

use std::cmp::Ordering;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

pub use self::message::{InvalidMessage, LARGEST, Message};
pub use self::presence::{Ignored, Presence, PresenceReception, receive_presence};
pub use self::receive::{Delivery, Reason, Reception, Rejected, Rejection, receive};
pub use self::single::{Change, EventError, SingleEvents, one, update};
pub use self::timeline::{Counted, List, Query, Timelines, of_device, of_user};
pub(crate) use self::timeline::{read_all, step};

pub use crate::settings::EventType;

use crate::id::{DeviceId, DeviceName, InvalidId, MessageId, RegistrationId, UserId};
use crate::owner::Owner;
use crate::page::{Listed, Owned};
use crate::store::StoreError;
use crate::time;

/// An event, as the API and an alert show it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// The same for each delivery of the same message.
    pub id: EventId,
    /// Who reported it.
    #[serde(rename = "deviceId")]
    pub device: DeviceId,
    /// What the owner called the device when the message came.
    pub device_name: DeviceName,
    /// Whose event it is: the owner of the device when the message came.
    #[serde(rename = "userId")]
    pub user: UserId,
    /// The device's id of the message; `presence-…` where the event says that
    /// the device's connection began or ended.
    pub message_id: MessageId,
    /// Text for people, empty where the device gave none.
    pub message: String,
    /// Whatever else the device said.
    #[schema(required)]
    pub details: Option<Map<String, Value>>,
    /// Whether the owner has seen it.
    pub ack: bool,
    /// Whether the owner wants to hear no more of it.
    pub suppress: bool,
    /// What kind of thing happened.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// The device's clock in epoch milliseconds, or the time of receipt.
    pub timestamp: i64,
    /// The value that the event is about.
    #[schema(required)]
    pub value: Option<Value>,
    /// When the device sent it, if it said so.
    #[serde(serialize_with = "time::serialize_option")]
    #[schema(value_type = Option<String>, format = "date-time", required)]
    pub sent_at: Option<Timestamp>,
    /// When the message came.
    #[serde(serialize_with = "time::serialize")]
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    /// When the event last changed.
    #[serde(serialize_with = "time::serialize")]
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Timestamp,
}

impl Event {
    /// The place in every list.
    #[must_use]
    pub fn order(&self) -> Order {
        Order(format!("{}#{}", time::text(self.created_at), self.id))
    }

    /// Whether the owner has neither seen nor silenced it.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        !self.ack && !self.suppress
    }
}

/// An event with the registration under which it came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Tells the events of one owner's time from those of another's.
    pub registration: RegistrationId,
    /// The event.
    pub event: Event,
}

impl Record {
    /// The event that `message` makes, received from `device` at `now`, when
    /// it belonged to `owner`.
    #[must_use]
    pub fn new(owner: Owner, device: DeviceId, message: Message, now: Timestamp) -> Self {
        let event = Event {
            id: EventId::of(owner.registration, &message.id),
            device,
            device_name: owner.device_name,
            user: owner.user,
            message_id: message.id,
            message: message.text,
            details: message.details,
            ack: false,
            suppress: false,
            event_type: message.event_type,
            timestamp: message.timestamp.unwrap_or(now.as_millisecond()),
            value: message.value,
            sent_at: message.sent_at,
            created_at: now,
            updated_at: now,
        };
        Self {
            registration: owner.registration,
            event,
        }
    }
}

impl Listed for Record {
    type Place = Order;

    fn place(&self) -> Order {
        self.event.order()
    }

    fn text(place: &Order) -> String {
        place.as_str().to_owned()
    }
}

impl Owned for Record {
    fn registration(&self) -> RegistrationId {
        self.registration
    }

    fn is_before(place: &Order, time: Timestamp) -> bool {
        place.is_before(time)
    }
}

/// Id of an event: derived from registration and message, so that a message
/// that is delivered twice is one event, and that the same message id of
/// another owner's time is another.
#[derive(
    Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
#[schema(value_type = String, format = "uuid", pattern = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
pub struct EventId(Uuid);

impl EventId {
    /// Parses `text`.
    ///
    /// # Errors
    ///
    /// [`InvalidId`] unless it is a UUID as [`fmt::Display`] writes it.
    pub fn new(text: &str) -> Result<Self, InvalidId> {
        match Uuid::parse_str(text) {
            Ok(id) if id.to_string() == text => Ok(Self(id)),
            _ => Err(InvalidId {
                field: "eventId",
                rule: "a UUID in lower case with hyphens, as the lists of events show it",
            }),
        }
    }

    /// The id of the event that `message` makes under `registration`.
    #[must_use]
    pub fn of(registration: RegistrationId, message: &MessageId) -> Self {
        Self(Uuid::new_v5(&registration.0, message.as_str().as_bytes()))
    }

    /// The id of the event that a device's connection makes, which `message`
    /// names. No device can send a message that has it: it is derived from a
    /// text that begins with NUL, which is in no [`MessageId`].
    #[must_use]
    pub fn of_presence(registration: RegistrationId, message: &MessageId) -> Self {
        let name = format!("\0{message}");
        Self(Uuid::new_v5(&registration.0, name.as_bytes()))
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Place of an event in a list: time of receipt, then id. No two events share
/// one, so a list can be continued after any of them, whatever came meanwhile.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Order(String);

impl Order {
    /// The order in `text`; `None` unless it is one that [`Event::order`] makes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (received, id) = text.split_once('#')?;
        let is_time = received.parse().is_ok_and(|it| time::text(it) == received);
        let is_id = Uuid::parse_str(id).is_ok_and(|it| it.to_string() == id);
        (is_time && is_id).then(|| Self(text.to_owned()))
    }

    /// The text, as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether events at this place came before `time`, to the millisecond.
    #[must_use]
    pub fn is_before(&self, time: Timestamp) -> bool {
        self.0.as_str().cmp(&time::text(time)) == Ordering::Less
    }
}

/// Longest time between the look at who has a device and the end of storing its
/// event; storing that takes longer fails, and the message is delivered again.
/// Whoever tidies up after a deleted device relies on it: later than this
/// nothing is stored any more for the one who had it.
pub const STORED_WITHIN: Duration = Duration::from_secs(2);

/// Where events are stored.
///
/// Implementations pass the suite in `adapters/tests/it/events.rs`.
pub trait Events: Sync {
    /// Stores `record`, unless its event is there already, within [`STORED_WITHIN`].
    fn insert(&self, record: &Record)
    -> impl Future<Output = Result<Insertion, StoreError>> + Send;
}

/// What became of an event that was to be stored.
#[derive(Clone, Debug, PartialEq)]
pub enum Insertion {
    /// It is stored now.
    New,
    /// It was there, as it is here, and stays like this.
    Known(Box<Event>),
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::memory::{at, record};

    #[test]
    fn the_json_has_exactly_the_fields_of_the_contract() {
        let mut event = record("anna", "SN-1", "m-1", 7).event;
        event.value = Some(json!(72.5));
        assert_eq!(
            serde_json::to_value(&event).unwrap(),
            json!({
                "id": event.id.to_string(),
                "deviceId": "SN-1",
                "deviceName": "Device SN-1",
                "userId": "anna",
                "messageId": "m-1",
                "message": "",
                "details": null,
                "ack": false,
                "suppress": false,
                "type": "warning",
                "timestamp": 1_600_000_000_007_i64,
                "value": 72.5,
                "sentAt": null,
                "createdAt": "2020-09-13T12:26:40.007Z",
                "updatedAt": "2020-09-13T12:26:40.007Z",
            })
        );
    }

    #[test]
    fn lesson_10_the_same_message_of_another_registration_is_another_event() {
        let message = MessageId::new("m-1").unwrap();
        let [first, second] = [1, 2].map(|it| RegistrationId(Uuid::from_u128(it)));
        assert_eq!(EventId::of(first, &message), EventId::of(first, &message));
        assert_ne!(EventId::of(first, &message), EventId::of(second, &message));
    }

    #[test]
    fn only_an_order_is_read_as_one() {
        let order = record("anna", "SN-1", "m-1", 7).event.order();
        assert_eq!(Order::parse(order.as_str()), Some(order.clone()));
        let id = order.as_str().split_once('#').unwrap().1;
        for text in [
            "",
            "#",
            "2020-09-13T12:26:40.007Z",
            "2020-09-13T12:26:40.007Z#x",
            &format!("2020-09-13T12:26:40Z#{id}"),
            &format!("2026-09-21#{id}"),
            &format!("{}x", order.as_str()),
            &order.as_str().to_uppercase(),
        ] {
            assert_eq!(Order::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_order_is_before_what_came_later() {
        let order = record("anna", "SN-1", "m-1", 7).event.order();
        assert!(order.is_before(at(8)));
        assert!(!order.is_before(at(7)));
        assert!(!order.is_before(at(6)));
    }
}
