//! What cannot be asked.

use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, MODEL, Stack, serial};

#[tokio::test]
async fn each_bad_query_is_refused_by_name() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let stranger = stack.owner().await?;
    let device = serial();
    stack.add_product(&device).await?;
    stack.api(&owner).register(&device).await?.ok()?;
    // Enough of a list for a key to its second page.
    for id in ["1", "2", "3"] {
        let message = json!({"type": "error", "messageId": id}).to_string();
        stack
            .call(
                "event-proxy",
                &Stack::rule_event(&device, message.as_bytes()),
            )
            .await?;
    }
    let key = key_of(&stack.api(&owner).read("/devices/events?limit=2").await?)?;
    let strangers_query = format!("/devices/events?limit=2&lastevalkey={key}");

    let too_long = "x".repeat(129);
    let tampered = flipped(&key);
    let of_a_device = format!("/devices/{device}/events");
    let paths = [
        "/devices/events",
        "/devices/alerts",
        &of_a_device,
        "/registration",
    ];
    let mut cases = Vec::new();
    for path in paths {
        for limit in ["0", "101", "-1", "ten", "1.5", "", "99999999999999999999"] {
            cases.push((format!("{path}?limit={limit}"), "InvalidParameter"));
        }
        for key in [
            "x",
            "",
            "%00",
            "e30",
            "eyJpZCI6IngifQ",
            tampered.as_str(),
            &"A".repeat(5_000),
        ] {
            cases.push((format!("{path}?lastevalkey={key}"), "InvalidParameter"));
        }
        cases.push((format!("{path}?limits=5"), "BadRequest"));
        cases.push((format!("{path}?limit=5&limit=6"), "BadRequest"));
        cases.push((format!("{path}?userId={}", stranger.id), "BadRequest"));
    }
    for (path, error) in [
        ("/devices/events?eventType=Error", "InvalidParameter"),
        ("/devices/events?eventType=", "InvalidParameter"),
        ("/devices/events?eventType=error,info", "InvalidParameter"),
        ("/devices/events?deviceId=a%20b", "InvalidParameter"),
        ("/devices/events?deviceId=events", "InvalidParameter"),
        ("/devices/events?deviceId=a%23b", "InvalidParameter"),
        ("/devices/alerts?deviceId=%00", "InvalidParameter"),
        ("/devices/alerts?eventType=error", "BadRequest"),
        ("/devices/alerts/count?deviceId=x", "BadRequest"),
    ] {
        cases.push((path.to_owned(), error));
    }
    // A key works for the list that it came from, and no other.
    cases.push((
        format!("/devices/alerts?lastevalkey={key}"),
        "InvalidParameter",
    ));
    cases.push((
        format!("/devices/events?eventType=info&lastevalkey={key}"),
        "InvalidParameter",
    ));
    cases.push((
        format!("{of_a_device}?lastevalkey={key}"),
        "InvalidParameter",
    ));
    cases.push((format!("/devices/{too_long}/events"), "InvalidParameter"));
    cases.push(("/devices/a%20b/events".to_owned(), "InvalidParameter"));
    cases.push(("/devices/a%23b/events".to_owned(), "InvalidParameter"));

    for (path, error) in &cases {
        is_error(&stack.api(&owner).get(path).await?, 400, error, path);
    }
    // A stranger's key is as bad as a made-up one.
    let answer = stack.api(&stranger).get(&strangers_query).await?;
    is_error(&answer, 400, "InvalidParameter", "a key of another user");
    assert_eq!(stack.api(&owner).read(&strangers_query).await?["count"], 1);
    Ok(())
}

#[tokio::test]
async fn another_users_device_is_answered_as_one_that_does_not_exist() -> Result<()> {
    let stack = Stack::connect().await?;
    let (owner, stranger) = (stack.owner().await?, stack.owner().await?);
    let (device, unknown) = (serial(), serial());
    stack.add_product(&device).await?;
    stack.api(&owner).register(&device).await?.ok()?;
    assert_eq!(
        stack
            .api(&owner)
            .get(&format!("/devices/{device}/events"))
            .await?
            .status,
        200
    );

    let mut answers = Vec::new();
    for id in [&device, &unknown] {
        let answer = stack
            .api(&stranger)
            .get(&format!("/devices/{id}/events"))
            .await?;
        is_error(&answer, 400, "DeviceNotFoundFailure", id);
        answers.push(answer.body.to_string().replace(id, "DEVICE"));
    }
    assert_eq!(answers[0], answers[1]);
    // As a filter it finds what a device without events has: nothing.
    for id in [&device, &unknown] {
        let path = format!("/devices/events?deviceId={id}");
        assert!(stack.api(&stranger).pages(&path).await?.is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn each_bad_body_is_refused_by_name_and_nothing_is_done() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = serial();
    stack.add_product(&device).await?;
    let good = json!({"deviceId": device, "deviceName": "Hall", "modelNumber": MODEL});
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body.to_string()
    };
    let without = |field: &str| {
        let mut body = good.clone();
        body.as_object_mut().map(|it| it.remove(field));
        body.to_string()
    };

    for (body, error, says) in [
        (String::new(), "BadRequest", "body"),
        ("{".to_owned(), "BadRequest", "EOF"),
        ("null".to_owned(), "BadRequest", "body"),
        ("[]".to_owned(), "BadRequest", ""),
        (format!("{good}{good}"), "BadRequest", "after"),
        (
            format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)),
            "BadRequest",
            "body",
        ),
        (
            format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)),
            "BadRequest",
            "body",
        ),
        (
            with("deviceName", json!("x".repeat(1 << 20))),
            "BadRequest",
            "body",
        ),
        (with("userId", json!("me")), "BadRequest", "`userId`"),
        (with("status", json!("complete")), "BadRequest", "`status`"),
        (without("deviceId"), "BadRequest", "`deviceId`"),
        (without("deviceName"), "BadRequest", "`deviceName`"),
        (without("modelNumber"), "BadRequest", "`modelNumber`"),
        (with("deviceId", json!(1)), "BadRequest", "`deviceId`"),
        (with("deviceId", Value::Null), "BadRequest", "`deviceId`"),
        (with("deviceName", json!({})), "BadRequest", "`deviceName`"),
        (with("deviceName", json!("")), "BadRequest", "`deviceName`"),
        (
            with("deviceName", json!("a\u{0}b")),
            "BadRequest",
            "`deviceName`",
        ),
        (
            with("deviceName", json!("x".repeat(129))),
            "BadRequest",
            "`deviceName`",
        ),
        (
            with("deviceId", json!("a\u{0}b")),
            "BadRequest",
            "`deviceId`",
        ),
        (with("deviceId", json!("a b")), "BadRequest", "`deviceId`"),
        (
            with("deviceId", json!("x".repeat(129))),
            "BadRequest",
            "`deviceId`",
        ),
        (
            with("deviceId", json!("events")),
            "BadRequest",
            "`deviceId`",
        ),
        (
            with("deviceId", json!("alerts")),
            "BadRequest",
            "`deviceId`",
        ),
        (
            with("modelNumber", json!("x y")),
            "BadRequest",
            "`modelNumber`",
        ),
        (
            with("modelNumber", json!("another-model")),
            "DeviceNotFoundFailure",
            "another-model",
        ),
        (
            with("deviceId", json!("nobody-made-this")),
            "DeviceNotFoundFailure",
            "nobody-made-this",
        ),
    ] {
        let start: String = body.chars().take(80).collect();
        let answer = stack
            .api(&owner)
            .send(Method::POST, "/registration", Some(body.into()))
            .await?;
        is_error(&answer, 400, error, &start);
        let message = answer.body["message"].as_str().unwrap_or_default();
        assert!(
            message.contains(says),
            "{start}: {message:?} does not say {says:?}"
        );
    }
    let path = "/registration?dryRun=true";
    let answer = stack
        .api(&owner)
        .send(Method::POST, path, Some(good.to_string().into()))
        .await?;
    is_error(&answer, 400, "BadRequest", path);

    assert_eq!(stack.api(&owner).read("/registration").await?, json!([]));
    assert!(stack.product(&device).await?["claimedBy"].is_null());
    assert!(
        stack
            .iot
            .describe_thing()
            .thing_name(&device)
            .send()
            .await
            .is_err(),
        "a thing is left over"
    );
    stack.api(&owner).register(&device).await?.ok()?;
    Ok(())
}

/// Asserts the one shape of all errors, and that they tell no internals.
fn is_error(answer: &Answer, status: u16, error: &str, what: &str) {
    let body = &answer.body;
    assert_eq!(answer.status, status, "{what}: {body}");
    assert_eq!(body["error"], error, "{what}: {body}");
    assert_eq!(body["code"], status, "{what}: {body}");
    assert_eq!(
        body.as_object().map(serde_json::Map::len),
        Some(3),
        "{what}: {body}"
    );
    let message = body["message"].as_str().unwrap_or_default();
    assert!(!message.is_empty(), "{what}: {body}");
    for internal in ["arn:", "amazonaws", "DynamoDB", "src/", "panicked"] {
        assert!(!message.contains(internal), "{what}: {message}");
    }
    assert_eq!(
        answer.headers.get("content-type").map(String::as_str),
        Some("application/json")
    );
}

fn key_of(page: &Value) -> Result<String> {
    Ok(page["LastEvaluatedKey"]
        .as_str()
        .context("a page without a key")?
        .to_owned())
}

/// The key with its last character changed for another of the alphabet.
fn flipped(key: &str) -> String {
    let (start, last) = key.split_at(key.len() - 1);
    format!("{start}{}", if last == "A" { "B" } else { "A" })
}
