//! Alerts: events that their owner wants to know about.
//!
//! An event is an alert while its type is in the owner's alert level and it is
//! unread. It is sent once, and listed until it is read.

mod send;
mod sms;
mod unread;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::send::{
    Broadcast, Channels, DAILY_CAP, Outcome, Phone, SendError, TextMessage, TextMessages, send,
};
pub use self::unread::{count, page};

use crate::event::{Event, EventId};
use crate::id::{DeviceId, UserId};
use crate::settings::EventType;
use crate::store::StoreError;

/// Events that are listed as unread together. The two types that are alerts
/// by default share one, so that the usual list is one query.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Class {
    /// `error` and `warning`.
    Urgent,
    /// `info`.
    Info,
    /// `diagnostic`.
    Diagnostic,
}

impl Class {
    /// All classes.
    pub const ALL: [Self; 3] = [Self::Urgent, Self::Info, Self::Diagnostic];

    /// The class of events of `event_type`.
    #[must_use]
    pub fn of(event_type: EventType) -> Self {
        match event_type {
            EventType::Error | EventType::Warning => Self::Urgent,
            EventType::Info => Self::Info,
            EventType::Diagnostic => Self::Diagnostic,
        }
    }

    /// The word in the key of a list.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Info => "info",
            Self::Diagnostic => "diagnostic",
        }
    }
}

/// Asks for the alert of a stored event: what `event-proxy` sends to `alert`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The event's owner.
    #[serde(rename = "userId")]
    pub user: UserId,
    /// The event's device.
    #[serde(rename = "deviceId")]
    pub device: DeviceId,
    /// The event.
    #[serde(rename = "id")]
    pub event: EventId,
    /// The event's type: without it each event of a type that is no alert
    /// would have to be read.
    #[serde(rename = "type")]
    pub event_type: EventType,
    /// New for each request, and the same whenever this request is delivered
    /// again, by a retry of Lambda or an operator's replay. So a request that
    /// was killed half way is finished by its own next delivery, while another
    /// request for the same event finds it claimed.
    pub claim: Uuid,
}

impl Request {
    /// The request for the alert of `event`.
    #[must_use]
    pub fn of(event: &Event, claim: Uuid) -> Self {
        Self {
            user: event.user.clone(),
            device: event.device.clone(),
            event: event.id,
            event_type: event.event_type,
            claim,
        }
    }
}

/// Where requests for alerts are handed in. They are served later.
pub trait AlertRequests: Sync {
    /// Hands in `request`, once: a repeat after an unclear failure could be
    /// served twice at the same time.
    fn request(&self, request: &Request) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Which request sends the alert of an event, and how far it came.
///
/// Implementations pass the suite in `adapters/tests/it/alerts.rs`.
pub trait Alerts: Sync {
    /// Claims the alert for `request`.
    fn claim(&self, request: &Request) -> impl Future<Output = Result<Claim, StoreError>> + Send;

    /// Gives the claim of `request` back, with the channels that were `served`
    /// in addition to those of earlier attempts. A claim that another request
    /// has by now is left alone.
    fn release(
        &self,
        request: &Request,
        served: &BTreeSet<Channel>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Whether a request may send an alert.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// It may.
    Granted {
        /// The event as it is now.
        event: Box<Event>,
        /// Channels that earlier attempts have served.
        served: BTreeSet<Channel>,
    },
    /// Another request sends or sent it, or the event is gone.
    Refused,
}

/// A way on which an alert reaches people.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// The open web consoles of the owner.
    Console,
    /// The SNS topic of all alerts.
    Topic,
    /// The owner's phone.
    Sms,
}

impl Channel {
    /// All channels.
    pub const ALL: [Self; 3] = [Self::Console, Self::Topic, Self::Sms];

    /// The word in rows and messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Topic => "topic",
            Self::Sms => "sms",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_is_in_one_class() {
        for (event_type, class) in [
            (EventType::Error, "urgent"),
            (EventType::Warning, "urgent"),
            (EventType::Info, "info"),
            (EventType::Diagnostic, "diagnostic"),
        ] {
            assert_eq!(Class::of(event_type).as_str(), class);
        }
    }

    #[test]
    fn a_request_survives_the_way_between_the_functions() {
        let event = crate::memory::record("anna", "SN-1", "m-1", 0).event;
        let request = Request::of(&event, Uuid::from_u128(7));
        let json = serde_json::json!({
            "userId": "anna",
            "deviceId": "SN-1",
            "id": event.id.to_string(),
            "type": "warning",
            "claim": "00000000-0000-0000-0000-000000000007",
        });
        assert_eq!(serde_json::to_value(&request).unwrap(), json);
        assert_eq!(serde_json::from_value::<Request>(json).unwrap(), request);
    }

    #[test]
    fn a_channel_is_stored_and_named_by_one_word() {
        for it in Channel::ALL {
            assert_eq!(serde_json::to_value(it).unwrap(), it.to_string());
        }
    }
}
