//! What a device gets on its topic for commands: part of its contract.

use adapters::IotCommandTopic;
use domain::command::CommandTopic;
use domain::memory::{at, command};
use domain::store::Cause;
use serde_json::json;

use crate::service::Service;

#[tokio::test]
async fn a_command_is_published_on_its_devices_topic_at_least_once() {
    let iot = Service::answering(200, "{}").await;
    let mut command = command("anna", "SN-1", 7);
    topic(&iot).publish(&command, at(7)).await.unwrap();
    let asked = iot.asked_once();
    assert_eq!(
        asked.line,
        "POST /topics/smartproduct%2Fcommands%2FSN-1?qos=1&messageExpiry=60"
    );
    let mut expected = json!({
        "commandId": command.id.to_string(),
        "deviceId": "SN-1",
        "command": "reboot",
        "value": null,
        "details": null,
        "createdAt": "2020-09-13T12:26:40.007Z",
    });
    assert_eq!(asked.json(), expected);

    let iot = Service::answering(200, "{}").await;
    command.value = json!({"target": 72.5});
    command.details = json!({"unit": "F"}).as_object().cloned();
    topic(&iot).publish(&command, at(7)).await.unwrap();
    expected["value"] = json!({"target": 72.5});
    expected["details"] = json!({"unit": "F"});
    assert_eq!(iot.asked_once().json(), expected);
}

#[tokio::test]
async fn the_broker_keeps_a_command_until_it_is_due() {
    for (now, seconds) in [(7, 60), (8, 59), (30_007, 30), (60_006, 1), (90_000, 1)] {
        let iot = Service::answering(200, "{}").await;
        let sent = topic(&iot)
            .publish(&command("anna", "SN-1", 7), at(now))
            .await;
        sent.unwrap();
        let line = iot.asked_once().line;
        assert!(
            line.ends_with(&format!("&messageExpiry={seconds}")),
            "{now}: {line}"
        );
    }
}

#[tokio::test]
async fn a_command_that_could_not_be_published_is_an_error() {
    for (status, cause) in [(429, Cause::Busy), (500, Cause::Busy), (403, Cause::Broken)] {
        let code = match status {
            429 => "ThrottlingException",
            500 => "InternalFailureException",
            _ => "ForbiddenException",
        };
        let iot = Service::answering(status, &json!({"__type": code}).to_string()).await;
        let error = topic(&iot)
            .publish(&command("anna", "SN-1", 7), at(7))
            .await;
        let error = error.unwrap_err();
        assert_eq!(error.cause, cause, "{code}");
        assert_eq!(error.to_string(), "could not publish a command");
    }
}

fn topic(iot: &Service) -> IotCommandTopic {
    IotCommandTopic::new(aws_sdk_iotdataplane::Client::new(&iot.sdk))
}
