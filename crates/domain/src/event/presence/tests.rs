use serde_json::json;

use super::*;
use crate::event::{Change, SingleEvents};
use crate::memory::{MemoryEvents, MemoryOwners, at, device, user};

#[tokio::test]
async fn a_connection_that_begins_is_an_event_of_the_owner_that_nobody_is_alerted_about() {
    let world = World::new();
    let PresenceReception::Stored(event) = world.receive(connected()).await else {
        panic!("not stored")
    };
    assert_eq!(world.stored(), std::slice::from_ref(&event));
    assert_eq!(
        (&event.user, &event.device),
        (&user("anna"), &device("SN-1"))
    );
    assert_eq!(event.event_type, EventType::Info);
    assert!(event.suppress && !event.ack && !event.is_unread());
    assert_eq!(event.message_id.as_str(), "presence-s-1-7-connected");
    assert_eq!(event.message, "connected");
    assert_eq!((event.value, event.sent_at), (None, None));
    assert_eq!(event.timestamp, at(990).as_millisecond(), "the broker's");
    assert_eq!(event.created_at, at(1_000), "the rule's");
    assert_eq!(
        event.details,
        json!({"presence": "connected", "sessionIdentifier": "s-1", "versionNumber": 7})
            .as_object()
            .cloned()
    );
}

#[tokio::test]
async fn a_connection_that_ends_says_why_in_the_brokers_words() {
    for (reason, message) in [
        (Some("CONNECTION_LOST"), "disconnected: CONNECTION_LOST"),
        (
            Some("A_WORD_OF_NEXT_YEAR"),
            "disconnected: A_WORD_OF_NEXT_YEAR",
        ),
        (None, "disconnected"),
    ] {
        let world = World::new();
        world.receive(disconnected(reason)).await;
        let event = &world.stored()[0];
        assert_eq!(event.message, message);
        let details = event.details.as_ref().unwrap();
        assert_eq!(details["presence"], "disconnected");
        assert_eq!(details.get("reason"), reason.map(Value::from).as_ref());
    }
}

#[tokio::test]
async fn told_twice_or_in_the_wrong_order_each_is_one_event() {
    let next = Presence {
        session: "s-2".into(),
        version: 8,
        ..connected()
    };
    // The version counts from the beginning again: the session tells them apart.
    let again = Presence {
        session: "s-3".into(),
        ..connected()
    };
    let told = [
        connected(),
        disconnected(Some("CONNECTION_LOST")),
        next,
        again,
    ];
    let mut lists = Vec::new();
    for order in [[0, 1, 2, 3, 0, 1], [3, 2, 1, 0, 2, 3]] {
        let world = World::new();
        for number in order {
            world.receive(told[number].clone()).await;
        }
        let mut ids: Vec<_> = world.stored().iter().map(|it| it.id).collect();
        ids.sort();
        lists.push(ids);
    }
    assert_eq!(lists[0].len(), 4);
    assert_eq!(lists[0], lists[1]);
}

#[tokio::test]
async fn a_repetition_keeps_what_the_owner_has_said_about_the_event() {
    let world = World::new();
    world.receive(connected()).await;
    let event = world.stored().remove(0);
    let owner = world.owners.get("SN-1").unwrap();
    let wanted = Change::Suppress(false);
    let (anna, registration) = (&owner.user, owner.registration);
    let changed = world
        .events
        .change(
            anna,
            registration,
            &event.device,
            event.id,
            wanted,
            at(1_500),
        )
        .await;
    assert!(changed.unwrap().unwrap().is_unread());

    let repeated = world.receive(connected()).await;
    assert!(matches!(repeated, PresenceReception::Repeated(it) if it.id == event.id));
    assert!(world.stored()[0].is_unread());
}

#[tokio::test]
async fn who_is_no_device_of_anybody_is_ignored() {
    let console = "console-7f3c-1";
    for (client, event_type, reason) in [
        (
            console,
            "connected",
            "device `console-7f3c-1` is not registered: its owner must register it first",
        ),
        (
            "a gateway",
            "connected",
            "the topic names no device: `deviceId` must be 1 to 128 of A-Z a-z 0-9 : _ - and none of the words `events` and `alerts`",
        ),
        (
            "SN-1",
            "connect_failed",
            "`connect_failed` is neither `connected` nor `disconnected`",
        ),
        ("SN-1", "", "`` is neither `connected` nor `disconnected`"),
    ] {
        let world = World::new();
        let presence = Presence {
            client: client.into(),
            event_type: event_type.into(),
            ..connected()
        };
        assert_eq!(world.ignored(presence).await, reason);
    }
    for session in [String::new(), "s".repeat(128), "\0".to_owned()] {
        let presence = Presence {
            session,
            ..connected()
        };
        assert_eq!(
            World::new().ignored(presence).await,
            "the session must have an id that fits into one of a message"
        );
    }
}

#[tokio::test]
async fn lesson_1_a_connection_of_the_former_owners_time_does_not_reach_the_new_one() {
    let world = World::new();
    world.owners.register("bob", "SN-1", 2, at(1_001));
    assert_eq!(
        world.ignored(connected()).await,
        "device `SN-1` sent this before its present owner registered it"
    );

    world.owners.register("bob", "SN-1", 2, at(1_000));
    world.receive(connected()).await;
    assert_eq!(world.stored()[0].user, user("bob"));
}

#[tokio::test]
async fn lesson_10_the_same_connection_under_another_registration_is_another_event() {
    let world = World::new();
    world.receive(connected()).await;
    world.owners.register("anna", "SN-1", 2, at(0));
    world.receive(connected()).await;
    assert_eq!(world.stored().len(), 2);
}

#[tokio::test]
async fn a_time_of_receipt_in_the_future_is_not_believed() {
    let world = World::new();
    let presence = Presence {
        received: at(999_999),
        ..connected()
    };
    world.receive(presence).await;
    assert_eq!(world.stored()[0].created_at, at(2_000));
}

#[tokio::test]
async fn no_message_of_a_device_has_the_id_of_a_connection() {
    let world = World::new();
    let owner = world.owners.get("SN-1").unwrap();
    world.receive(connected()).await;
    let event = &world.stored()[0];
    assert_ne!(event.id, EventId::of(owner.registration, &event.message_id));
    let posing = MessageId::new("\0presence-s-1-7-connected");
    assert!(posing.is_err(), "the first character is not a device's");

    let message = json!({"type": "info", "messageId": event.message_id});
    let message = Message::parse(message.to_string().as_bytes()).unwrap();
    let record = Record::new(owner, device("SN-1"), message, at(500));
    assert_eq!(world.events.insert(&record).await.unwrap(), Insertion::New);
    assert_eq!(world.stored().len(), 2);
}

/// `SN-1` belongs to Anna since millisecond 0; it is millisecond 2,000.
struct World {
    owners: MemoryOwners,
    events: MemoryEvents,
}

impl World {
    fn new() -> Self {
        let owners = MemoryOwners::default();
        owners.register("anna", "SN-1", 1, at(0));
        Self {
            owners,
            events: MemoryEvents::default(),
        }
    }

    async fn receive(&self, presence: Presence) -> PresenceReception {
        let (owners, events) = (&self.owners, &self.events);
        let reception = receive_presence(owners, events, presence, at(2_000)).await;
        reception.unwrap()
    }

    /// Why `presence` is ignored; nothing is stored of it.
    async fn ignored(&self, presence: Presence) -> String {
        let PresenceReception::Ignored(reason) = self.receive(presence).await else {
            panic!("not ignored")
        };
        assert!(self.stored().is_empty());
        reason.to_string()
    }

    fn stored(&self) -> Vec<Event> {
        let records = self.events.records().into_iter();
        records.map(|it| it.event).collect()
    }
}

fn connected() -> Presence {
    Presence {
        client: "SN-1".into(),
        event_type: "connected".into(),
        reason: None,
        session: "s-1".into(),
        version: 7,
        timestamp: at(990).as_millisecond(),
        received: at(1_000),
    }
}

/// The end of the same connection.
fn disconnected(reason: Option<&str>) -> Presence {
    Presence {
        event_type: "disconnected".into(),
        reason: reason.map(Into::into),
        ..connected()
    }
}
