//! The operation as a client sees it: the gateway's event in, status and JSON out.

use std::io;
use std::sync::{Arc, Mutex};

use domain::live::{Address, Grant, LIFETIME, Opening, Session};
use domain::memory::{MemoryOwners, at, user};
use domain::store::{Cause, StoreError};
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn an_address_has_the_fields_of_the_contract() {
    for (query, topics) in [
        ("", &["alerts/anna"][..]),
        ("deviceId=SN-1", &["alerts/anna", "SN-1"]),
        (
            "deviceId=SN-2&deviceId=SN-1",
            &["alerts/anna", "SN-1", "SN-2"],
        ),
        ("deviceId=SN-1&deviceId=SN-1", &["alerts/anna", "SN-1"]),
        ("deviceId=SN%2D1", &["alerts/anna", "SN-1"]),
    ] {
        let expected = json!({
            "url": SECRET,
            "expiresAt": "2020-09-13T12:41:40.000Z",
            "clientId": "console-anna-0000beef",
            "topics": topics,
        });
        let answer = World::new().get("anna", query).await;
        assert_eq!(answer, (200, expected), "{query}");
    }
}

#[tokio::test]
async fn a_strangers_device_is_answered_exactly_as_one_that_does_not_exist() {
    let world = World::new();
    let expected = json!({
        "code": 400,
        "error": "DeviceNotFoundFailure",
        "message": "you have no such device: `GET /registration` lists the devices that you have",
    });
    for (name, query) in [
        ("bob", "deviceId=SN-1"),
        ("anna", "deviceId=SN-9"),
        ("anna", "deviceId=SN-1&deviceId=SN-9"),
        ("bob", "deviceId=SN-9"),
    ] {
        let answer = world.get(name, query).await;
        assert_eq!(answer, (400, expected.clone()), "{name} {query}");
    }
    world.owners.register("bob", "SN-1", 9, at(1));
    let answer = world.get("anna", "deviceId=SN-1").await;
    assert_eq!(answer, (400, expected), "a former owner is a stranger");
}

#[tokio::test]
async fn lesson_30_what_is_wrong_with_a_request_is_said() {
    let world = World::new();
    let six = ["deviceId=SN-1"; 6].join("&");
    for (query, error, message) in [
        (
            six.as_str(),
            "InvalidParameter",
            "`deviceId` is given 6 times: at most 5 are accepted",
        ),
        ("deviceId=", "InvalidParameter", "`deviceId` must be"),
        (
            "deviceId=SN-1,SN-2",
            "InvalidParameter",
            "`deviceId` must be",
        ),
        ("deviceId=*", "InvalidParameter", "`deviceId` must be"),
        ("deviceId=%2B", "InvalidParameter", "`deviceId` must be"),
        (
            "device=SN-1",
            "BadRequest",
            "is unknown here: accepted are `deviceId`",
        ),
    ] {
        let (status, answer) = world.get("anna", query).await;
        assert_eq!((status, &answer["error"]), (400, &json!(error)), "{query}");
        let said = answer["message"].as_str().unwrap();
        assert!(said.contains(message), "{message}: {said}");
    }

    let (status, answer) = send(&world.owners, &Sessions::NoRoom, request("anna", "")).await;
    assert_eq!(
        (status, &answer["error"]),
        (400, &json!("InvalidParameter"))
    );
    let said = answer["message"].as_str().unwrap();
    assert!(said.contains("name fewer devices"), "{said}");

    let mut event = request("anna", "");
    event["routeKey"] = json!(route::STATUS_GET);
    let (status, answer) = send(&world.owners, &Sessions::Open, event).await;
    assert_eq!((status, &answer["error"]), (400, &json!("BadRequest")));
}

#[tokio::test]
async fn lesson_30_a_service_that_fails_is_said_without_its_internals() {
    let world = World::new();
    for (cause, status, error) in [
        (Cause::Busy, 503, "ServiceUnavailable"),
        (Cause::Broken, 500, "InternalFailure"),
    ] {
        let sessions = Sessions::Away(cause);
        let (found, body) = send(&world.owners, &sessions, request("anna", "")).await;
        assert_eq!((found, &body["error"]), (status, &json!(error)));
        assert!(!body.to_string().contains("secret"), "{body}");
    }
}

#[tokio::test]
async fn the_log_has_the_client_id_and_not_the_address() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let (status, _) = World::new().get("anna", "deviceId=SN-1").await;
    drop(guard);
    let lines = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(status, 200);
    assert!(lines.contains("console-anna-0000beef"), "{lines}");
    for secret in [SECRET, "X-Amz", "broker"] {
        assert!(!lines.contains(secret), "{lines}");
    }
}

/// Anna has `SN-1` and `SN-2`.
struct World {
    owners: MemoryOwners,
}

impl World {
    fn new() -> Self {
        let owners = MemoryOwners::default();
        owners.register("anna", "SN-1", 1, at(0));
        owners.register("anna", "SN-2", 2, at(0));
        Self { owners }
    }

    async fn get(&self, name: &str, query: &str) -> (i64, Value) {
        send(&self.owners, &Sessions::Open, request(name, query)).await
    }
}

async fn send(owners: &impl Owners, sessions: &Sessions, event: Value) -> (i64, Value) {
    let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), Context::default());
    let answer = runtime::http::respond(event, |request| {
        handle(owners, sessions, request, Uuid::from_u128(0xbeef), at(0))
    });
    let answer = serde_json::to_value(answer.await.unwrap()).unwrap();
    assert_eq!(answer["headers"]["cache-control"], "no-store");
    let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    (answer["statusCode"].as_i64().unwrap(), body)
}

fn request(name: &str, query: &str) -> Value {
    let mut event: Value =
        serde_json::from_str(include_str!("../../fixtures/request.json")).unwrap();
    event["rawQueryString"] = json!(query);
    event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] = json!(user(name));
    event
}

const SECRET: &str = "wss://broker/mqtt?X-Amz-Signature=secret";

/// Gives out one address, with the devices' ids as topics.
enum Sessions {
    Open,
    NoRoom,
    Away(Cause),
}

impl LiveSessions for Sessions {
    async fn open(&self, grant: &Grant, now: Timestamp) -> Result<Opening, StoreError> {
        match self {
            Self::Open => {
                let devices = grant.devices.iter().map(ToString::to_string);
                let alerts = format!("alerts/{}", grant.user);
                Ok(Opening::Opened(Session {
                    url: Address::new(SECRET.to_owned()),
                    expires: now + LIFETIME,
                    client: grant.client.clone(),
                    topics: [alerts].into_iter().chain(devices).collect(),
                }))
            }
            Self::NoRoom => Ok(Opening::NoRoom),
            Self::Away(cause) => Err(StoreError {
                operation: "open an address for live data",
                cause: *cause,
                source: "a secret detail".into(),
            }),
        }
    }
}

/// What is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
