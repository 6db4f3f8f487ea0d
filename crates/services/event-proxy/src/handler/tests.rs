use domain::alert::Request;
use domain::event::{EventType, Rejection};
use domain::memory::{MemoryEvents, MemoryOwners, Noted, at, user};
use lambda_runtime::Context;
use serde_json::{Value, json};

use super::*;

type World = Ports<MemoryOwners, MemoryEvents, Noted<Request>, Noted<Rejection>>;

/// `SN-1` belongs to Anna.
fn world() -> World {
    let world = World {
        owners: MemoryOwners::default(),
        events: MemoryEvents::default(),
        alerts: Noted::default(),
        rejected: Noted::default(),
    };
    world.owners.register("anna", "SN-1", 1, at(0));
    world
}

async fn handle(world: &World, event: Value) -> Result<(), Diagnostic> {
    let event = serde_json::from_value(event).unwrap();
    super::handle(world, LambdaEvent::new(event, Context::default())).await
}

/// A message of `SN-1`.
fn fixture() -> Value {
    serde_json::from_str(include_str!("../../fixtures/event.json")).unwrap()
}

/// `SN-1` has lost its connection.
fn presence() -> Value {
    serde_json::from_str(include_str!("../../fixtures/presence.json")).unwrap()
}

#[tokio::test]
async fn a_message_is_stored_for_its_owner_and_its_alert_asked_for() {
    let world = world();
    handle(&world, fixture()).await.unwrap();
    let [record] = &world.events.records()[..] else {
        panic!("{:?}", world.rejected.all())
    };
    assert_eq!(record.event.user, user("anna"));
    assert_eq!(record.event.message, "Too hot");
    assert_eq!(record.event.created_at, at(7_000));
    assert_eq!(world.alerts.all()[0].event, record.event.id);
    assert_eq!(world.rejected.all(), []);
}

#[tokio::test]
async fn lesson_16_a_message_delivered_twice_is_one_event_with_two_claims_for_its_alert() {
    let world = world();
    handle(&world, fixture()).await.unwrap();
    handle(&world, fixture()).await.unwrap();
    assert_eq!(world.events.records().len(), 1);
    let requests = world.alerts.all();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].event, requests[1].event);
    assert_ne!(requests[0].claim, requests[1].claim);
}

#[tokio::test]
async fn what_is_no_event_is_kept_and_the_invocation_succeeds() {
    for (field, value, reason) in [
        (
            "payload",
            json!("aGVsbG8="),
            "the message is not JSON: expected value at line 1 column 1",
        ),
        (
            "payload",
            json!(""),
            "the message is not JSON: EOF while parsing a value at line 1 column 0",
        ),
        (
            "deviceId",
            json!("SN-9"),
            "device `SN-9` is not registered: its owner must register it first",
        ),
    ] {
        let world = world();
        let mut event = fixture();
        event[field] = value;
        handle(&world, event).await.unwrap();
        assert_eq!(world.rejected.all()[0].reason, reason);
        assert_eq!(world.events.records(), []);
    }
}

#[tokio::test]
async fn what_no_rule_of_ours_sends_is_an_error() {
    for (field, value, message) in [
        ("payload", json!("%"), "`payload` must be base64"),
        (
            "receivedAt",
            json!(i64::MAX),
            "`receivedAt` must be epoch milliseconds",
        ),
    ] {
        let mut event = fixture();
        event[field] = value;
        let err = handle(&world(), event).await.unwrap_err();
        assert_eq!(err.error_type, "InvalidEvent");
        assert_eq!(err.error_message, message);
    }
}

#[tokio::test]
async fn a_connection_that_ends_is_a_silent_event_of_the_owner() {
    let world = world();
    handle(&world, presence()).await.unwrap();
    handle(&world, presence()).await.unwrap();
    let [record] = &world.events.records()[..] else {
        panic!("{:?}", world.events.records())
    };
    let event = &record.event;
    assert_eq!(event.user, user("anna"));
    assert_eq!(event.message, "disconnected: CONNECTION_LOST");
    assert_eq!(
        (event.event_type, event.suppress, event.is_unread()),
        (EventType::Info, true, false)
    );
    assert_eq!(event.created_at, at(7_000));
    assert_eq!(event.timestamp, at(6_990).as_millisecond());
    assert_eq!(world.alerts.all(), []);
    assert_eq!(world.rejected.all(), []);
}

#[tokio::test]
async fn a_connection_that_begins_has_no_reason() {
    for reason in [None, Some(json!(null)), Some(json!(""))] {
        let world = world();
        let mut event = presence();
        event["eventType"] = json!("connected");
        event.as_object_mut().unwrap().remove("disconnectReason");
        if let Some(reason) = reason {
            event["disconnectReason"] = reason;
        }
        handle(&world, event).await.unwrap();
        let event = &world.events.records()[0].event;
        assert_eq!(event.message, "connected");
        assert_eq!(
            event.message_id.as_str(),
            "presence-a4666d2a-7d84-4ae4-ac5d-7b38c9cb7967-3-connected"
        );
    }
}

#[tokio::test]
async fn whoever_else_connects_is_neither_stored_nor_rejected() {
    for (field, value) in [
        ("deviceId", json!("console-anna-1")),
        ("deviceId", json!("SN-9")),
        ("deviceId", json!("a client / of something else")),
        ("receivedAt", json!(at(-1).as_millisecond())),
    ] {
        let world = world();
        let mut event = presence();
        event[field] = value;
        handle(&world, event).await.unwrap();
        assert_eq!(world.events.records(), []);
        assert_eq!(world.rejected.all(), []);
    }

    let world = world();
    let refused = json!({
        "kind": "presence", "deviceId": "SN-1", "eventType": "connect_failed",
        "timestamp": 1_600_000_006_990_i64, "sessionIdentifier": "a4666d2a",
        "receivedAt": 1_600_000_007_000_i64,
    });
    handle(&world, refused).await.unwrap();
    assert_eq!(world.events.records(), []);
    assert_eq!(world.rejected.all(), []);
}

#[test]
fn an_event_that_no_rule_of_ours_makes_is_refused_with_the_reason() {
    for (field, value, reason) in [
        (
            "kind",
            json!("answer"),
            "unknown variant `answer`, expected `presence`",
        ),
        (
            "eventType",
            json!(7),
            "invalid type: integer `7`, expected a string",
        ),
        (
            "versionNumber",
            json!(null),
            "invalid type: null, expected i64",
        ),
    ] {
        let mut event = presence();
        event[field] = value;
        let err = serde_json::from_value::<FromRule>(event).unwrap_err();
        assert_eq!(err.to_string(), reason);
    }
}
