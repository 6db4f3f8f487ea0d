//! Shadows as IoT Core answers them.

use adapters::IotShadows;
use domain::command::{Desired, DesiredStates, Patched};
use domain::memory::device;
use domain::status::{Shadow, Shadows};
use domain::store::{Cause, StoreError};
use serde_json::{Map, Value, json};

use crate::service::Service;

#[tokio::test]
async fn a_shadow_is_its_state_and_metadata() {
    let state = json!({
        "desired": {"targetTemperature": 72}, "reported": {"targetTemperature": 70},
        "delta": {"targetTemperature": 72},
    });
    let metadata = json!({"desired": {"targetTemperature": {"timestamp": 1_600_000_000}}});
    let document = json!({
        "state": state, "metadata": metadata, "version": 7, "timestamp": 1_600_000_007,
    });
    let (iot, shadow) = read(200, &document.to_string()).await;
    assert_eq!(iot.asked_once().line, "GET /things/SN%3A1/shadow");
    let shadow = shadow.unwrap();
    assert_eq!(Value::Object(shadow.state), state);
    assert_eq!(Value::Object(shadow.metadata), metadata);
}

#[tokio::test]
async fn a_device_without_a_shadow_has_an_empty_one() {
    let none = json!({"code": 404, "message": "No shadow exists with name: 'SN:1'"});
    let typed = json!({"__type": "ResourceNotFoundException", "message": "No shadow exists"});
    let empty = json!({"version": 7});
    for (status, body) in [(404, typed), (200, empty)] {
        let (_, shadow) = read(status, &body.to_string()).await;
        assert_eq!(shadow.unwrap(), Shadow::default(), "{body}");
    }
    assert_eq!(Shadow::default().state, Map::new());
    let (_, shadow) = read(404, &none.to_string()).await;
    assert!(
        shadow.is_err(),
        "an answer without a type is of another service"
    );
}

#[tokio::test]
async fn a_shadow_that_cannot_be_read_is_an_error() {
    for (status, body, cause) in [
        (429, r#"{"__type": "ThrottlingException"}"#, Cause::Busy),
        (
            503,
            r#"{"__type": "ServiceUnavailableException"}"#,
            Cause::Busy,
        ),
        (403, r#"{"__type": "UnauthorizedException"}"#, Cause::Broken),
        (200, "hello", Cause::Broken),
        (200, r#"{"state": []}"#, Cause::Broken),
    ] {
        let (_, shadow) = read(status, body).await;
        let error = shadow.unwrap_err();
        assert_eq!(error.cause, cause, "{body}");
        assert_eq!(error.to_string(), "could not read a shadow");
    }
}

#[tokio::test]
async fn a_desired_state_is_read_with_its_version() {
    for (status, body, expected) in [
        (
            200,
            json!({"state": {"desired": {"a": {"b": 1}}, "reported": {"a": 2}}, "version": 7}),
            Some((json!({"a": {"b": 1}}), 7)),
        ),
        (
            200,
            json!({"state": {"reported": {"a": 2}}, "version": 8}),
            Some((json!({}), 8)),
        ),
        (404, json!({"__type": "ResourceNotFoundException"}), None),
    ] {
        let iot = Service::answering(status, &body.to_string()).await;
        let found = shadows(&iot).desired(&device("SN:1")).await.unwrap();
        let expected = expected.map(|(state, version)| Desired {
            state: state.as_object().cloned().unwrap(),
            version,
        });
        assert_eq!(found, expected);
        assert_eq!(iot.asked_once().line, "GET /things/SN%3A1/shadow");
    }
}

#[tokio::test]
async fn a_patch_holds_the_desired_state_a_token_and_perhaps_a_version() {
    for (version, expected) in [
        (
            None,
            json!({"state": {"desired": {"a": null}}, "clientToken": "t"}),
        ),
        (
            Some(7),
            json!({"state": {"desired": {"a": null}}, "clientToken": "t", "version": 7}),
        ),
    ] {
        let iot = Service::answering(200, "{}").await;
        let patched = patch(&iot, version).await.unwrap();
        assert_eq!(patched, Patched::Done);
        let asked = iot.asked_once();
        assert_eq!(asked.line, "POST /things/SN%3A1/shadow");
        assert_eq!(asked.json(), expected);
    }
}

#[tokio::test]
async fn a_patch_that_another_one_has_overtaken_is_no_error() {
    let iot = Service::answering(409, r#"{"__type": "ConflictException"}"#).await;
    assert_eq!(patch(&iot, Some(7)).await.unwrap(), Patched::Overtaken);
    for (status, code, cause) in [
        (429, "ThrottlingException", Cause::Busy),
        (500, "InternalFailureException", Cause::Busy),
        (400, "InvalidRequestException", Cause::Broken),
        (413, "RequestEntityTooLargeException", Cause::Broken),
    ] {
        let iot = Service::answering(status, &json!({"__type": code}).to_string()).await;
        let error = patch(&iot, None).await.unwrap_err();
        assert_eq!(
            (error.cause, error.to_string().as_str()),
            (cause, "could not change a shadow")
        );
    }
}

async fn patch(iot: &Service, version: Option<u64>) -> Result<Patched, StoreError> {
    let patch = json!({"a": null}).as_object().cloned().unwrap();
    shadows(iot)
        .patch(&device("SN:1"), &patch, "t", version)
        .await
}

async fn read(status: u16, body: &str) -> (Service, Result<Shadow, StoreError>) {
    let iot = Service::answering(status, body).await;
    let shadow = shadows(&iot).of_device(&device("SN:1")).await;
    (iot, shadow)
}

fn shadows(iot: &Service) -> IotShadows {
    IotShadows::new(aws_sdk_iotdataplane::Client::new(&iot.sdk))
}
