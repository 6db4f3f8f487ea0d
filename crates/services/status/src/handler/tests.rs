//! The operation as a client sees it: the gateway's event in, status and JSON out.

use domain::connectivity::Connection;
use domain::id::UserId;
use domain::memory::{MemoryConnectivity, MemoryOwners, at, user};
use domain::owner::Owner;
use domain::status::Shadow;
use domain::store::{Cause, StoreError};
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn a_status_has_the_fields_of_the_contract() {
    let connection = |connected, since, reason: Option<&str>| Connection {
        connected,
        since,
        disconnect_reason: reason.map(Into::into),
    };
    let then = "2020-09-13T12:26:40.007Z";
    for (told, connected, since, reason) in [
        (None, json!(null), json!(null), json!(null)),
        (
            Some(connection(true, Some(at(7)), None)),
            json!(true),
            json!(then),
            json!(null),
        ),
        (
            Some(connection(true, Some(at(7)), Some("DUPLICATE_CLIENTID"))),
            json!(true),
            json!(then),
            json!("DUPLICATE_CLIENTID"),
        ),
        (
            Some(connection(false, Some(at(7)), Some("CONNECTION_LOST"))),
            json!(false),
            json!(then),
            json!("CONNECTION_LOST"),
        ),
        (
            Some(connection(false, None, None)),
            json!(false),
            json!(null),
            json!(null),
        ),
    ] {
        let world = World::new();
        if let Some(connection) = told {
            world.connectivity.tell("SN-1", connection);
        }
        let expected = json!({
            "deviceId": "SN-1",
            "state": {"desired": {"power": "off"}, "reported": {"power": "on"}},
            "metadata": {"reported": {"power": {"timestamp": 1_600_000_000}}},
            "connected": connected,
            "since": since,
            "disconnectReason": reason,
        });
        assert_eq!(world.get("anna", "SN-1", "").await, (200, expected));
    }
}

#[tokio::test]
async fn a_device_without_a_shadow_that_was_never_connected_has_a_status_all_the_same() {
    let world = World::new();
    world.owners.register("anna", "SN-2", 2, at(0));
    world.connectivity.set(&[]);
    let expected = json!({
        "deviceId": "SN-2",
        "state": {},
        "metadata": {},
        "connected": false,
        "since": null,
        "disconnectReason": null,
    });
    assert_eq!(world.get("anna", "SN-2", "").await, (200, expected));
}

#[tokio::test]
async fn a_strangers_device_is_answered_exactly_as_one_that_does_not_exist() {
    let world = World::new();
    let expected = json!({
        "code": 400,
        "error": "DeviceNotFoundFailure",
        "message": "you have no such device: `GET /registration` lists the devices that you have",
    });
    for (name, device) in [("bob", "SN-1"), ("anna", "SN-9"), ("bob", "SN-9")] {
        let answer = world.get(name, device, "").await;
        assert_eq!(answer, (400, expected.clone()), "{name} {device}");
    }

    world.owners.register("bob", "SN-1", 2, at(1));
    let answer = world.get("anna", "SN-1", "").await;
    assert_eq!(answer, (400, expected), "a former owner is a stranger");
}

#[tokio::test]
async fn lesson_30_what_is_wrong_with_a_request_is_said() {
    let world = World::new();
    for (device, query, error, message) in [
        ("a b", "", "InvalidParameter", "`deviceId` must be"),
        ("events", "", "InvalidParameter", "`deviceId` must be"),
        (
            "SN-1",
            "limit=1",
            "BadRequest",
            "is unknown here: none is accepted",
        ),
    ] {
        let (status, answer) = world.get("anna", device, query).await;
        assert_eq!(
            (status, &answer["error"]),
            (400, &json!(error)),
            "{device}?{query}"
        );
        let said = answer["message"].as_str().unwrap();
        assert!(said.contains(message), "{message}: {said}");
    }
    let mut event = request("anna", "SN-1", "");
    event["routeKey"] = json!(route::DEVICE_GET);
    let (status, answer) = send(&world.owners, &One, &world.connectivity, event).await;
    assert_eq!((status, &answer["error"]), (400, &json!("BadRequest")));
}

#[tokio::test]
async fn lesson_30_a_service_that_fails_is_said_without_its_internals() {
    let world = World::new();
    for (cause, status, error) in [
        (Cause::Busy, 503, "ServiceUnavailable"),
        (Cause::Broken, 500, "InternalFailure"),
    ] {
        let (away, event) = (Away(cause), || request("anna", "SN-1", ""));
        for (found, body) in [
            send(&away, &One, &world.connectivity, event()).await,
            send(&world.owners, &away, &world.connectivity, event()).await,
        ] {
            assert_eq!((found, &body["error"]), (status, &json!(error)));
            assert!(!body.to_string().contains("secret"), "{body}");
        }
    }
}

/// `SN-1` is Anna's.
struct World {
    owners: MemoryOwners,
    connectivity: MemoryConnectivity,
}

impl World {
    fn new() -> Self {
        let owners = MemoryOwners::default();
        owners.register("anna", "SN-1", 1, at(0));
        Self {
            owners,
            connectivity: MemoryConnectivity::default(),
        }
    }

    async fn get(&self, name: &str, device: &str, query: &str) -> (i64, Value) {
        let event = request(name, device, query);
        send(&self.owners, &One, &self.connectivity, event).await
    }
}

async fn send(
    owners: &impl Owners,
    shadows: &impl Shadows,
    connectivity: &impl Connectivity,
    event: Value,
) -> (i64, Value) {
    let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), Context::default());
    let answer = runtime::http::respond(event, |request| {
        handle(owners, shadows, connectivity, request)
    });
    let answer = serde_json::to_value(answer.await.unwrap()).unwrap();
    let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    (answer["statusCode"].as_i64().unwrap(), body)
}

fn request(name: &str, device: &str, query: &str) -> Value {
    let mut event: Value =
        serde_json::from_str(include_str!("../../fixtures/request.json")).unwrap();
    event["rawQueryString"] = json!(query);
    event["pathParameters"]["deviceId"] = json!(device);
    event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] = json!(user(name));
    event
}

/// Only `SN-1` has a shadow.
struct One;

impl Shadows for One {
    async fn of_device(&self, device: &DeviceId) -> Result<Shadow, StoreError> {
        if device.as_str() != "SN-1" {
            return Ok(Shadow::default());
        }
        let object = |value: Value| value.as_object().cloned().unwrap();
        Ok(Shadow {
            state: object(json!({"desired": {"power": "off"}, "reported": {"power": "on"}})),
            metadata: object(json!({"reported": {"power": {"timestamp": 1_600_000_000}}})),
        })
    }
}

/// A service that does not answer.
struct Away(Cause);

impl Away {
    fn answer<T>(&self) -> Result<T, StoreError> {
        Err(StoreError {
            operation: "ask a service",
            cause: self.0,
            source: "a secret detail".into(),
        })
    }
}

impl Owners for Away {
    async fn of_device(&self, _: &DeviceId) -> Result<Option<Owner>, StoreError> {
        self.answer()
    }

    async fn of_user(&self, _: &UserId, _: &DeviceId) -> Result<Option<Owner>, StoreError> {
        self.answer()
    }
}

impl Shadows for Away {
    async fn of_device(&self, _: &DeviceId) -> Result<Shadow, StoreError> {
        self.answer()
    }
}
