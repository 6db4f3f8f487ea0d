//! One message of a device in, one event or one rejection out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::metric;
use domain::alert::AlertRequests;
use domain::event::{Delivery, Events, Reception, Rejected, receive};
use domain::owner::Owners;
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use runtime::Chain;
use serde::Deserialize;
use tracing::{info, warn};
use uuid::Uuid;

/// What the topic rule selects: see `select_event` in `infra`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FromRule {
    /// The payload as it came, in base64; absent where it was empty.
    #[serde(default)]
    payload: String,
    /// The topic's segment that names the device.
    device_id: String,
    /// Epoch milliseconds by the rule's clock.
    received_at: i64,
}

/// What taking in needs.
#[derive(Debug)]
pub(crate) struct Ports<O, E, A, R> {
    pub(crate) owners: O,
    pub(crate) events: E,
    pub(crate) alerts: A,
    pub(crate) rejected: R,
}

/// Translates one message into one domain call, and its outcome into a log
/// line and a metric. A rejection is an outcome: repeating it would help nobody.
pub(crate) async fn handle(
    ports: &Ports<impl Owners, impl Events, impl AlertRequests, impl Rejected>,
    event: LambdaEvent<FromRule>,
) -> Result<(), Diagnostic> {
    let device = event.payload.device_id.clone();
    let received = receive(
        &ports.owners,
        &ports.events,
        &ports.alerts,
        &ports.rejected,
        delivery(event.payload)?,
        Uuid::new_v4(),
        Timestamp::now(),
    );
    match received.await {
        Ok(Reception::Stored(event)) => {
            runtime::count(metric::NAMESPACE, metric::EVENT_STORED);
            info!(device.id = device, event.id = %event.id, "stored an event");
        }
        Ok(Reception::Repeated(event)) => {
            info!(device.id = device, event.id = %event.id, "the event was stored before");
        }
        Ok(Reception::Rejected(reason)) => {
            runtime::count(metric::NAMESPACE, metric::MESSAGE_REJECTED);
            warn!(device.id = device, "rejected a message: {reason}");
        }
        Err(err) => {
            return Err(diagnostic(
                "EventReceptionFailure",
                &Chain(&err).to_string(),
            ));
        }
    }
    Ok(())
}

fn delivery(event: FromRule) -> Result<Delivery, Diagnostic> {
    let invalid = |message: &str| diagnostic("InvalidEvent", message);
    Ok(Delivery {
        payload: STANDARD
            .decode(event.payload)
            .map_err(|_| invalid("`payload` must be base64"))?,
        received: Timestamp::from_millisecond(event.received_at)
            .map_err(|_| invalid("`receivedAt` must be epoch milliseconds"))?,
        device: event.device_id,
    })
}

/// Alarms match on `error_type`, so it does not follow Rust's types.
fn diagnostic(error_type: &str, message: &str) -> Diagnostic {
    Diagnostic {
        error_type: error_type.to_owned(),
        error_message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::alert::Request;
    use domain::event::Rejection;
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

    fn fixture() -> Value {
        serde_json::from_str(include_str!("../fixtures/event.json")).unwrap()
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
}
