//! The operation as a client sees it: the gateway's event in, status and JSON out.

use std::collections::BTreeMap;

use domain::id::{DeviceName, ModelNumber, RegistrationId, UserId};
use domain::memory::{at, user};
use domain::owner::Owner;
use domain::store::{Cause, StoreError};
use domain::telemetry::Source;
use domain::telemetry::history::{Found, Measured, Point, Question};
use domain::threshold::Adjustments;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

#[tokio::test]
async fn a_history_has_the_fields_of_the_contract() {
    let query =
        "from=2020-09-13T12:26:00Z&to=2020-09-13T12:28:00Z&resolution=60&fields=level,mode,on";
    let (status, answer) = Service::Answers(points()).get("anna", "SN-1", query).await;
    let expected = json!({
        "deviceId": "SN-1",
        "from": "2020-09-13T12:26:00.000Z",
        "to": "2020-09-13T12:28:00.000Z",
        "resolution": 60,
        "points": [{
            "timestamp": "2020-09-13T12:26:40.000Z",
            "messages": 3,
            "values": {
                "level": {"mean": 2.5, "minimum": 1.0, "maximum": 4.0},
                "mode": "HEAT",
                "on": true,
            },
        }],
    });
    assert_eq!((status, answer), (200, expected));
}

#[tokio::test]
async fn a_strangers_device_is_answered_exactly_as_one_that_does_not_exist() {
    let expected = json!({
        "code": 400,
        "error": "DeviceNotFoundFailure",
        "message": "you have no such device: `GET /registration` lists the devices that you have",
    });
    for (name, device) in [("bob", "SN-1"), ("anna", "SN-9"), ("bob", "SN-9")] {
        let answer = Service::Answers(points()).get(name, device, "").await;
        assert_eq!(answer, (400, expected.clone()), "{name} {device}");
    }
}

#[tokio::test]
async fn lesson_30_what_is_wrong_with_a_request_is_said() {
    for (device, query, error, message) in [
        ("a b", "", "InvalidParameter", "`deviceId` must be"),
        (
            "SN-1",
            "form=x",
            "BadRequest",
            "accepted are `from`, `to`, `fields`, `resolution`",
        ),
        (
            "SN-1",
            "from=a&from=b",
            "BadRequest",
            "`from` is given twice",
        ),
        (
            "SN-1",
            "from=yesterday",
            "InvalidParameter",
            "`from` must be a time",
        ),
        (
            "SN-1",
            "fields=height",
            "InvalidParameter",
            "it has `level`, `mode`, `on`",
        ),
        (
            "SN-1",
            "resolution=0",
            "InvalidParameter",
            "from 1 to 86400",
        ),
    ] {
        let (status, answer) = Service::Answers(points()).get("anna", device, query).await;
        assert_eq!(
            (status, &answer["error"]),
            (400, &json!(error)),
            "{device}?{query}"
        );
        let said = answer["message"].as_str().unwrap();
        assert!(said.contains(message), "{message}: {said}");
    }
    let (status, answer) = Service::TooMuch.get("anna", "SN-1", "").await;
    assert_eq!(
        (status, &answer["error"]),
        (400, &json!("InvalidParameter"))
    );
    assert!(
        answer["message"].as_str().unwrap().contains("shorter time"),
        "{answer}"
    );
}

#[tokio::test]
async fn lesson_30_a_service_that_fails_is_said_without_its_internals() {
    for (cause, status, error) in [
        (Cause::Busy, 503, "ServiceUnavailable"),
        (Cause::Broken, 500, "InternalFailure"),
    ] {
        let (found, answer) = Service::Away(cause).get("anna", "SN-1", "").await;
        assert_eq!((found, &answer["error"]), (status, &json!(error)));
        assert!(!answer.to_string().contains("secret"), "{answer}");
    }
}

/// Athena, and the table in which `SN-1` is Anna's.
enum Service {
    Answers(Vec<Point>),
    TooMuch,
    Away(Cause),
}

fn points() -> Vec<Point> {
    let level = Measured::Number {
        mean: 2.5,
        minimum: 1.0,
        maximum: 4.0,
    };
    let values = [
        ("level", level),
        ("mode", Measured::Text("HEAT".to_owned())),
        ("on", Measured::Boolean(true)),
    ];
    vec![Point {
        at: at(0),
        messages: 3,
        values: BTreeMap::from(values.map(|(field, it)| (field.to_owned(), it))),
    }]
}

impl Service {
    async fn get(&self, name: &str, device: &str, query: &str) -> (i64, Value) {
        let event = request(name, device, query);
        let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), Context::default());
        let columns = Columns::default();
        let answer = runtime::http::respond(event, |request| {
            handle(self, self, &columns, request, at(60))
        });
        let answer = serde_json::to_value(answer.await.unwrap()).unwrap();
        let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        (answer["statusCode"].as_i64().unwrap(), body)
    }
}

fn request(name: &str, device: &str, query: &str) -> Value {
    let mut event: Value =
        serde_json::from_str(include_str!("../../fixtures/request.json")).unwrap();
    event["rawQueryString"] = json!(query);
    event["pathParameters"]["deviceId"] = json!(device);
    event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] = json!(user(name));
    event
}

impl Sources for Service {
    async fn of_device(&self, _: &DeviceId) -> Result<Option<Source>, StoreError> {
        unreachable!("the owner asks")
    }

    async fn of_user(
        &self,
        user: &UserId,
        device: &DeviceId,
    ) -> Result<Option<Source>, StoreError> {
        let details = json!({"telemetry": {
            "level": {"type": "integer"},
            "mode": {"type": "string"},
            "on": {"type": "boolean"},
        }});
        let source = Source {
            owner: Owner {
                user: user.clone(),
                registration: RegistrationId(Uuid::from_u128(7)),
                since: at(-600),
                device_name: DeviceName::new("Hall").unwrap(),
            },
            model: ModelNumber::new("T-100").unwrap(),
            details: details.as_object().unwrap().clone(),
            adjustments: Adjustments::default(),
        };
        Ok(Some(source).filter(|_| user.as_str() == "anna" && device.as_str() == "SN-1"))
    }
}

impl Histories for Service {
    async fn ask(&self, _: &Question) -> Result<Found, StoreError> {
        match self {
            Self::Answers(points) => Ok(Found::Points(points.clone())),
            Self::TooMuch => Ok(Found::TooMuch),
            Self::Away(cause) => Err(StoreError {
                operation: "ask a service",
                cause: *cause,
                source: "a secret detail".into(),
            }),
        }
    }
}
