//! A device's connection begins or ends: an event on the timeline of its
//! owner, who is not alerted.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::receive::owner_at;
use super::{Event, EventId, EventType, Events, Insertion, Message, Reason, Record};
use crate::id::{DeviceId, MessageId};
use crate::owner::Owners;
use crate::store::StoreError;

/// Stores `presence` as an event of the device's present owner: an `info` that
/// is suppressed from the start, so that it is in no list of unread ones and
/// makes no alert.
///
/// It can be repeated, and the order does not matter: the broker may tell
/// twice, or the end before the beginning, and each is an event of its own.
/// A client that is no device of anybody is ignored: consoles, gateways and
/// whoever else connects are none of ours.
///
/// # Errors
///
/// When a port fails; a repeat finishes what was begun.
pub async fn receive_presence(
    owners: &impl Owners,
    events: &impl Events,
    presence: Presence,
    now: Timestamp,
) -> Result<PresenceReception, StoreError> {
    // The rule's clock, not ours: a retry must not look like a later message.
    let received = presence.received.min(now);
    let (device, message) = match understand(presence) {
        Ok(understood) => understood,
        Err(reason) => return Ok(PresenceReception::Ignored(reason)),
    };
    let owner = match owner_at(owners, &device, received).await? {
        Ok(owner) => owner,
        Err(reason) => return Ok(PresenceReception::Ignored(reason.into())),
    };

    let id = EventId::of_presence(owner.registration, &message.id);
    let mut record = Record::new(owner, device, message, received);
    record.event.id = id;
    record.event.suppress = true;
    Ok(match events.insert(&record).await? {
        Insertion::New => PresenceReception::Stored(record.event),
        Insertion::Known(event) => PresenceReception::Repeated(*event),
    })
}

/// The device, and what it would have said about itself.
fn understand(presence: Presence) -> Result<(DeviceId, Message), Ignored> {
    let device = DeviceId::new(presence.client).map_err(Reason::from)?;
    let (session, version) = (presence.session, presence.version);
    let (word, text, reason) = match (presence.event_type.as_str(), presence.reason) {
        ("connected", _) => (CONNECTED, CONNECTED.to_owned(), None),
        ("disconnected", None) => (DISCONNECTED, DISCONNECTED.to_owned(), None),
        ("disconnected", Some(reason)) => (
            DISCONNECTED,
            format!("{DISCONNECTED}: {reason}"),
            Some(reason),
        ),
        _ => return Err(Ignored::Word(presence.event_type)),
    };
    if session.is_empty() {
        return Err(Ignored::Session);
    }
    let id = MessageId::new(format!("presence-{session}-{version}-{word}"));
    let mut details = Map::from_iter([
        ("presence".to_owned(), Value::from(word)),
        ("sessionIdentifier".to_owned(), session.into()),
        ("versionNumber".to_owned(), version.into()),
    ]);
    if let Some(reason) = reason {
        details.insert("reason".to_owned(), reason.into());
    }
    let message = Message {
        id: id.map_err(|_| Ignored::Session)?,
        event_type: EventType::Info,
        text,
        value: None,
        details: Some(details),
        timestamp: Some(presence.timestamp),
        sent_at: None,
    };
    Ok((device, message))
}

const CONNECTED: &str = "connected";
const DISCONNECTED: &str = "disconnected";

/// A lifecycle message of the broker, as the topic rule hands it over
/// (<https://docs.aws.amazon.com/iot/latest/developerguide/life-cycle-events.html>).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Presence {
    /// The client id; a device's is its serial number, which the policy has proved.
    pub client: String,
    /// `connected`, `disconnected`, or a word that says neither, such as
    /// `connect_failed`.
    pub event_type: String,
    /// Why the connection ended, in the broker's words.
    pub reason: Option<String>,
    /// The broker's id of the connection, empty where there is none.
    pub session: String,
    /// Counts the connections of a client. Beginning and end of one may share a
    /// number, and it may begin again.
    pub version: i64,
    /// The broker's clock in epoch milliseconds; AWS promises two minutes.
    pub timestamp: i64,
    /// When the rule had it.
    pub received: Timestamp,
}

/// What became of a lifecycle message.
#[derive(Debug)]
pub enum PresenceReception {
    /// It is a new event.
    Stored(Event),
    /// It was delivered before and is this event.
    Repeated(Event),
    /// It is no event, and nobody needs to look at it.
    Ignored(Ignored),
}

/// Why a lifecycle message is no event of anybody.
#[derive(Debug, thiserror::Error)]
pub enum Ignored {
    /// Nothing began or ended. Whoever fails to connect may have taken the name
    /// of somebody else's device, so its owner is told nothing.
    #[error("`{0}` is neither `connected` nor `disconnected`")]
    Word(String),
    /// The broker's id of the connection is not what it promises.
    #[error("the session must have an id that fits into one of a message")]
    Session,
    /// The client is no device, nobody has it, or somebody else had it then.
    #[error(transparent)]
    Nobodys(#[from] Reason),
}

#[cfg(test)]
mod tests;
