//! Shadows as IoT Core answers them.

use adapters::IotShadows;
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

async fn read(status: u16, body: &str) -> (Service, Result<Shadow, StoreError>) {
    let iot = Service::answering(status, body).await;
    let shadows = IotShadows::new(aws_sdk_iotdataplane::Client::new(&iot.sdk));
    let shadow = shadows.of_device(&device("SN:1")).await;
    (iot, shadow)
}
