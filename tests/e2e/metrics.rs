//! What the functions count, as their logs say it to CloudWatch.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::LogType;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::{metric, route};
use serde_json::{Value, json};
use tests::{Ca, Device, MODEL, Owner, Stack, serial};

#[tokio::test]
async fn a_request_counts_once_and_what_it_brought_about_with_it() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let serial = serial();
    let body = json!({"deviceId": serial, "deviceName": "Hall", "modelNumber": MODEL});
    let cases: [(&str, Value, &[&str]); 4] = [
        (
            route::REGISTRATION_LIST,
            Value::Null,
            &[metric::REQUEST_ANSWERED],
        ),
        // Nobody has made such a product yet, and then somebody has.
        (
            route::REGISTRATION_CREATE,
            body.clone(),
            &[metric::REQUEST_REFUSED],
        ),
        (
            route::REGISTRATION_CREATE,
            body,
            &[metric::REQUEST_ANSWERED, metric::DEVICE_REGISTERED],
        ),
        ("GET /nowhere", Value::Null, &[metric::REQUEST_REFUSED]),
    ];
    for (index, (route, body, expected)) in cases.into_iter().enumerate() {
        if index == 2 {
            stack.add_product(&serial).await?;
        }
        let request = request(&owner, route, &body)?;
        let counted = counted(&stack, "registration", &request).await?;
        let expected = expected.iter().map(|name| ((*name).to_owned(), 1));
        assert_eq!(counted, expected.collect(), "{route}");
    }
    Ok(())
}

#[tokio::test]
async fn an_event_counts_when_it_is_stored_and_not_when_it_is_repeated() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::pending(&stack, &owner, &Ca::new()?).await?;
    let event = json!({"type": "info", "messageId": "m-1"}).to_string();
    let event = Stack::rule_event(&device.serial, event.as_bytes());
    let stored = BTreeMap::from([(metric::EVENT_STORED.to_owned(), 1)]);
    for expected in [stored, BTreeMap::new()] {
        assert_eq!(counted(&stack, "event-proxy", &event).await?, expected);
    }
    let invalid = Stack::rule_event(&device.serial, b"no json");
    let rejected = BTreeMap::from([(metric::MESSAGE_REJECTED.to_owned(), 1)]);
    assert_eq!(counted(&stack, "event-proxy", &invalid).await?, rejected);
    Ok(())
}

/// A request as the gateway hands it to a function.
fn request(owner: &Owner, route: &str, body: &Value) -> Result<Value> {
    let fixture = include_str!("../../crates/runtime/tests/fixtures/request.json");
    let mut request: Value = serde_json::from_str(fixture)?;
    request["routeKey"] = json!(route);
    request["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] = json!(owner.id);
    request["body"] = json!(body.to_string());
    Ok(request)
}

/// What a function adds to its metrics while it handles `payload`: the end of its
/// log comes back with the answer.
async fn counted(stack: &Stack, service: &str, payload: &Value) -> Result<BTreeMap<String, u64>> {
    let function = stack.function(service);
    let invoke = stack.lambda.invoke().function_name(&function);
    let invoke = invoke
        .log_type(LogType::Tail)
        .payload(Blob::new(payload.to_string()));
    let answer = invoke.send().await?;
    ensure!(answer.function_error.is_none(), "{service} failed");
    let log = STANDARD.decode(answer.log_result.context("no log")?)?;
    let log = String::from_utf8_lossy(&log);
    let lines = log
        .lines()
        .filter_map(|it| serde_json::from_str::<Value>(it).ok());
    let mut counted = BTreeMap::new();
    for line in lines.filter(|it| !it["_aws"].is_null()) {
        let directives = line["_aws"]["CloudWatchMetrics"].as_array();
        for directive in directives.context("a line without metrics")? {
            ensure!(directive["Namespace"] == metric::NAMESPACE, "{line}");
            ensure!(
                directive["Dimensions"] == json!([["FunctionName"]]),
                "{line}"
            );
            ensure!(line["FunctionName"] == function, "{line}");
            for metric in directive["Metrics"].as_array().context("metrics")? {
                let name = metric["Name"].as_str().context("a name")?;
                let number = line[name].as_u64().context("a number")?;
                *counted.entry(name.to_owned()).or_default() += number;
            }
        }
    }
    Ok(counted)
}
