//! From a message of a device to a stored event and a request for its alert.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Event, Events, Insertion, InvalidMessage, Message, Record};
use crate::alert::{AlertRequests, Request};
use crate::id::{DeviceId, InvalidId};
use crate::owner::{Owner, Owners};
use crate::store::StoreError;

/// Stores the event that `delivery` holds and asks for its alert; a message
/// that is not valid is kept apart with the reason.
///
/// All of it can be repeated. A message that was stored before keeps its
/// event, and its alert is asked for again: the earlier attempt may have died
/// between the two, and the alert itself is sent once. `claim` must be new for
/// each attempt, see [`Request::claim`].
///
/// # Errors
///
/// When a port fails. The message is then neither lost nor half handled: a
/// repeat finishes it.
pub async fn receive(
    owners: &impl Owners,
    events: &impl Events,
    alerts: &impl AlertRequests,
    rejected: &impl Rejected,
    delivery: Delivery,
    claim: Uuid,
    now: Timestamp,
) -> Result<Reception, StoreError> {
    // The rule's clock, not ours: a retry must not look like a later message.
    let received = delivery.received.min(now);
    let record = match understand(owners, &delivery, received).await? {
        Ok(record) => record,
        Err(reason) => {
            rejected.keep(&Rejection::new(&reason, delivery)).await?;
            return Ok(Reception::Rejected(reason));
        }
    };

    let (event, reception): (Event, fn(Event) -> Reception) = match events.insert(&record).await? {
        Insertion::New => (record.event, Reception::Stored),
        Insertion::Known(event) => (*event, Reception::Repeated),
    };
    alerts.request(&Request::of(&event, claim)).await?;
    Ok(reception(event))
}

async fn understand(
    owners: &impl Owners,
    delivery: &Delivery,
    received: Timestamp,
) -> Result<Result<Record, Reason>, StoreError> {
    let parsed = || -> Result<(DeviceId, Message), Reason> {
        let device = DeviceId::new(delivery.device.as_str())?;
        Ok((device, Message::parse(&delivery.payload)?))
    };
    let (device, message) = match parsed() {
        Ok(parsed) => parsed,
        Err(reason) => return Ok(Err(reason)),
    };
    let owner = owner_at(owners, &device, received).await?;
    Ok(owner.map(|owner| Record::new(owner, device, message, received)))
}

/// The present owner of `device`, if that one had it at `received`.
pub(super) async fn owner_at(
    owners: &impl Owners,
    device: &DeviceId,
    received: Timestamp,
) -> Result<Result<Owner, Reason>, StoreError> {
    Ok(match owners.of_device(device).await? {
        None => Err(Reason::NotRegistered(device.clone())),
        Some(owner) if received < owner.since => Err(Reason::BeforeOwner(device.clone())),
        Some(owner) => Ok(owner),
    })
}

/// A message as the topic rule hands it over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Delivery {
    /// The segment of the topic that names the device; the policy has proved it.
    pub device: String,
    /// The payload as it came.
    pub payload: Vec<u8>,
    /// When the broker had it.
    pub received: Timestamp,
}

/// What became of a message.
#[derive(Debug)]
pub enum Reception {
    /// It is a new event.
    Stored(Event),
    /// It was delivered before and is this event.
    Repeated(Event),
    /// It is kept with the rejected ones.
    Rejected(Reason),
}

/// Why a message is no event of anybody.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// The topic names no device; only a policy of somebody else's lets such a
    /// client publish.
    #[error("the topic names no device: {0}")]
    NoDevice(#[from] InvalidId),
    /// The payload breaks the contract.
    #[error(transparent)]
    Invalid(#[from] InvalidMessage),
    /// Nobody has the device.
    #[error("device `{0}` is not registered: its owner must register it first")]
    NotRegistered(DeviceId),
    /// The message waited while the device changed hands.
    #[error("device `{0}` sent this before its present owner registered it")]
    BeforeOwner(DeviceId),
}

/// Where messages that are no events are kept for an operator.
pub trait Rejected: Sync {
    /// Keeps `rejection`.
    fn keep(&self, rejection: &Rejection) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A message that was refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rejection {
    /// What is wrong with it, for people.
    pub reason: String,
    /// The message.
    pub delivery: Delivery,
}

impl Rejection {
    fn new(reason: &Reason, delivery: Delivery) -> Self {
        Self {
            reason: reason.to_string(),
            delivery,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;

    use super::*;
    use crate::event::{EventId, EventType};
    use crate::id::MessageId;
    use crate::memory::{MemoryEvents, MemoryOwners, at, user};
    use crate::store::Cause;

    const VALID: &[u8] = br#"{"type":"error","messageId":"m-1"}"#;

    #[tokio::test]
    async fn a_message_becomes_an_event_of_the_owner_and_a_request_for_its_alert() {
        let world = World::new();
        let Reception::Stored(event) = world.receive("SN-1", VALID).await.unwrap() else {
            panic!("not stored")
        };
        assert_eq!(world.stored(), std::slice::from_ref(&event));
        assert_eq!(event.user, user("anna"));
        assert_eq!(event.device.as_str(), "SN-1");
        assert_eq!(event.created_at, at(1_000));
        assert_eq!(event.timestamp, at(1_000).as_millisecond());

        let requests = world.requests.lock().unwrap();
        let [request] = requests.as_slice() else {
            panic!("{requests:?}")
        };
        assert_eq!(*request, Request::of(&event, Uuid::from_u128(1)));
    }

    #[tokio::test]
    async fn lesson_16_a_repeated_message_keeps_its_event_and_asks_for_the_alert_again() {
        let world = World::new();
        world.receive("SN-1", VALID).await.unwrap();
        let stored = world.stored();

        let changed = br#"{"type":"info","messageId":"m-1","message":"changed"}"#;
        let repeated = world.receive("SN-1", changed).await.unwrap();
        assert!(matches!(repeated, Reception::Repeated(event) if event == stored[0]));
        assert_eq!(world.stored(), stored);

        let requests = world.requests.lock().unwrap();
        assert_eq!(requests.len(), 2);
        assert_eq!(requests[1].event, stored[0].id);
        assert_eq!(
            requests[1].event_type,
            EventType::Error,
            "as stored, not as repeated"
        );
        assert_ne!(requests[0].claim, requests[1].claim);
    }

    #[tokio::test]
    async fn lesson_3_the_topic_says_who_sent_it() {
        let world = World::new();
        let posing =
            json!({"type": "info", "messageId": "m-1", "deviceId": "SN-2", "userId": "bob"});
        world
            .receive("SN-1", posing.to_string().as_bytes())
            .await
            .unwrap();
        assert_eq!(world.stored()[0].device.as_str(), "SN-1");
        assert_eq!(world.stored()[0].user, user("anna"));
    }

    #[tokio::test]
    async fn what_is_not_valid_is_kept_with_the_reason_and_disturbs_nothing() {
        for (device, payload, reason) in [
            (
                "SN-1",
                &b"{"[..],
                "the message is not JSON: EOF while parsing an object at line 1 column 1",
            ),
            (
                "SN-1",
                br#"{"messageId":"1"}"#,
                "`type` must be one of error, warning, info, diagnostic",
            ),
            (
                "SN-9",
                VALID,
                "device `SN-9` is not registered: its owner must register it first",
            ),
            (
                "a b",
                VALID,
                "the topic names no device: `deviceId` must be 1 to 128 of A-Z a-z 0-9 : _ - and none of the words `events` and `alerts`",
            ),
        ] {
            let world = World::new();
            let reception = world.receive(device, payload).await.unwrap();
            assert!(
                matches!(reception, Reception::Rejected(it) if it.to_string() == reason),
                "{reason}"
            );
            let kept = world.kept.lock().unwrap();
            let delivery = Delivery {
                device: device.into(),
                payload: payload.into(),
                received: at(1_000),
            };
            assert_eq!(
                *kept,
                [Rejection {
                    reason: reason.into(),
                    delivery
                }]
            );
            assert!(world.stored().is_empty());
            assert!(world.requests.lock().unwrap().is_empty());
        }
    }

    #[tokio::test]
    async fn lesson_1_a_message_of_the_former_owners_time_does_not_reach_the_new_one() {
        let world = World::new();
        world.owners.register("bob", "SN-1", 2, at(1_001));
        let reception = world.receive("SN-1", VALID).await.unwrap();
        assert!(matches!(
            reception,
            Reception::Rejected(Reason::BeforeOwner(_))
        ));
        assert!(world.stored().is_empty());

        world.owners.register("bob", "SN-1", 2, at(1_000));
        world.receive("SN-1", VALID).await.unwrap();
        assert_eq!(world.stored()[0].user, user("bob"));
    }

    #[tokio::test]
    async fn lesson_10_three_owners_in_turn_have_each_their_event() {
        let world = World::new();
        for (number, name) in ["anna", "bob", "anna"].into_iter().enumerate() {
            world
                .owners
                .register(name, "SN-1", 10 + number as u128, at(0));
            let reception = world.receive("SN-1", VALID).await.unwrap();
            assert!(
                matches!(reception, Reception::Stored(it) if it.user == user(name)),
                "{number}"
            );
        }
        assert_eq!(world.stored().len(), 3);
    }

    #[tokio::test]
    async fn a_time_of_receipt_in_the_future_is_not_believed() {
        let world = World::new();
        let mut delivery = delivery("SN-1", VALID);
        delivery.received = at(999_999);
        world.deliver(delivery).await.unwrap();
        assert_eq!(world.stored()[0].created_at, at(2_000));
    }

    #[tokio::test]
    async fn lesson_16_a_crash_between_event_and_alert_is_made_good_by_the_retry() {
        let world = World::new();
        *world.broken.lock().unwrap() = true;
        assert!(world.receive("SN-1", VALID).await.is_err());
        assert_eq!(world.stored().len(), 1);
        assert!(world.requests.lock().unwrap().is_empty());

        *world.broken.lock().unwrap() = false;
        world.receive("SN-1", VALID).await.unwrap();
        assert_eq!(world.stored().len(), 1);
        assert_eq!(world.requests.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_message_that_cannot_be_kept_fails_the_invocation() {
        let world = World::new();
        *world.broken.lock().unwrap() = true;
        assert!(world.receive("SN-1", b"{").await.is_err());
    }

    #[test]
    fn an_event_has_the_id_of_its_message() {
        let world = World::new();
        let owner = world.owners.get("SN-1").unwrap();
        let message = Message::parse(VALID).unwrap();
        let id = EventId::of(owner.registration, &MessageId::new("m-1").unwrap());
        let device = DeviceId::new("SN-1").unwrap();
        assert_eq!(Record::new(owner, device, message, at(0)).event.id, id);
    }

    /// `SN-1` belongs to Anna since millisecond 0; it is millisecond 2,000.
    struct World {
        owners: MemoryOwners,
        events: MemoryEvents,
        requests: Mutex<Vec<Request>>,
        kept: Mutex<Vec<Rejection>>,
        /// Whether function and queue are away.
        broken: Mutex<bool>,
        attempts: Mutex<u128>,
    }

    impl World {
        fn new() -> Self {
            let owners = MemoryOwners::default();
            owners.register("anna", "SN-1", 1, at(0));
            Self {
                owners,
                events: MemoryEvents::default(),
                requests: Mutex::default(),
                kept: Mutex::default(),
                broken: Mutex::default(),
                attempts: Mutex::default(),
            }
        }

        async fn receive(&self, device: &str, payload: &[u8]) -> Result<Reception, StoreError> {
            self.deliver(delivery(device, payload)).await
        }

        async fn deliver(&self, delivery: Delivery) -> Result<Reception, StoreError> {
            *self.attempts.lock().unwrap() += 1;
            let claim = Uuid::from_u128(*self.attempts.lock().unwrap());
            let (owners, events) = (&self.owners, &self.events);
            receive(owners, events, self, self, delivery, claim, at(2_000)).await
        }

        fn stored(&self) -> Vec<Event> {
            self.events
                .records()
                .into_iter()
                .map(|it| it.event)
                .collect()
        }

        fn work(&self) -> Result<(), StoreError> {
            match *self.broken.lock().unwrap() {
                false => Ok(()),
                true => Err(StoreError {
                    operation: "work",
                    cause: Cause::Busy,
                    source: "away".into(),
                }),
            }
        }
    }

    impl AlertRequests for World {
        async fn request(&self, request: &Request) -> Result<(), StoreError> {
            self.work()?;
            self.requests.lock().unwrap().push(request.clone());
            Ok(())
        }
    }

    impl Rejected for World {
        async fn keep(&self, rejection: &Rejection) -> Result<(), StoreError> {
            self.work()?;
            self.kept.lock().unwrap().push(rejection.clone());
            Ok(())
        }
    }

    fn delivery(device: &str, payload: &[u8]) -> Delivery {
        Delivery {
            device: device.into(),
            payload: payload.into(),
            received: at(1_000),
        }
    }
}
