//! What the API tells of what a device has measured.

use std::time::Duration;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::{Ca, Device, Owner, Product, Stack, within};

use crate::telemetry::measure;

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn an_owner_reads_what_a_device_has_measured_step_by_step() -> Result<()> {
    let stack = Stack::connect().await?;
    let (owner, stranger) = (stack.owner().await?, stack.owner().await?);
    // One field with a column, three without.
    let product = Product {
        number: "history-1",
        details: json!({ "telemetry": {
            "actualTemperature": { "type": "number", "unit": "°F" },
            "height.of-water": { "type": "integer" },
            "valve": { "type": "string" },
            "open": { "type": "boolean" },
        }}),
    };
    let device = product
        .device(&stack, &owner, &Ca::registered(&stack).await?)
        .await?;
    let start = whole_minute();
    for (second, temperature, height, valve, open) in [
        (1, 60.5, 3, "left", true),
        (31, 70.5, 5, "right", false),
        (61, 80.0, 1, "left", true),
    ] {
        let message = json!({
            "timestamp": start.as_millisecond() + second * 1_000,
            "actualTemperature": temperature,
            "height.of-water": height,
            "valve": valve,
            "open": open,
        });
        measure(&stack, &device, &message).await?;
    }

    let end = start + SignedDuration::from_secs(120);
    let query = format!("from={start}&to={end}&resolution=60");
    let history = within(PATIENCE, "all that was measured", async || {
        let history = read(&stack, &owner, &device, &query).await?;
        Ok((messages(&history) == 3).then_some(history))
    })
    .await?;
    assert_eq!(history["deviceId"], json!(device.serial));
    assert_eq!(history["from"], json!(text(start)));
    assert_eq!(history["to"], json!(text(end)));
    assert_eq!(history["resolution"], 60);
    let number = |mean: f64, minimum: f64, maximum: f64| json!({ "mean": mean, "minimum": minimum, "maximum": maximum });
    assert_eq!(
        history["points"],
        json!([
            {
                "timestamp": text(start),
                "messages": 2,
                "values": {
                    "actualTemperature": number(65.5, 60.5, 70.5),
                    "height.of-water": number(4.0, 3.0, 5.0),
                    "open": false,
                    "valve": "right",
                },
            },
            {
                "timestamp": text(start + SignedDuration::from_secs(60)),
                "messages": 1,
                "values": {
                    "actualTemperature": number(80.0, 80.0, 80.0),
                    "height.of-water": number(1.0, 1.0, 1.0),
                    "open": true,
                    "valve": "left",
                },
            },
        ])
    );

    // In one step, and of one field.
    let query = format!("from={start}&to={end}&resolution=3600&fields=valve");
    let history = read(&stack, &owner, &device, &query).await?;
    let points = history["points"].as_array().cloned().unwrap_or_default();
    let last = points.last().map(|it| &it["values"]);
    assert_eq!(last, Some(&json!({ "valve": "left" })));
    assert_eq!(messages(&history), 3);

    // Nothing of before, and nothing for others.
    let before = start - SignedDuration::from_secs(600);
    let query = format!("from={before}&to={start}&resolution=60");
    assert_eq!(messages(&read(&stack, &owner, &device, &query).await?), 0);
    let refused = stack.api(&stranger).get(&path(&device, "")).await?;
    refused.refused(400, "DeviceNotFoundFailure")?;
    Ok(())
}

#[tokio::test]
async fn the_next_owner_of_a_device_reads_nothing_of_the_former_ones() -> Result<()> {
    let stack = Stack::connect().await?;
    let ca = Ca::registered(&stack).await?;
    let (anna, ben) = (stack.owner().await?, stack.owner().await?);
    let device = Device::of(&stack, &anna, &ca).await?;
    measure(&stack, &device, &json!({ "actualTemperature": 61 })).await?;
    within(PATIENCE, "what anna's device has measured", async || {
        let history = read(&stack, &anna, &device, "fields=actualTemperature").await?;
        Ok((messages(&history) == 1).then_some(()))
    })
    .await?;

    stack.api(&anna).release(&device).await?;
    stack.api(&ben).register(&device.serial).await?.ok()?;
    device.join(&stack).await?;
    // Another length of steps, so that no answer is used again.
    let query = "fields=actualTemperature&resolution=400";
    assert_eq!(messages(&read(&stack, &ben, &device, query).await?), 0);
    measure(&stack, &device, &json!({ "actualTemperature": 62 })).await?;
    let history = within(PATIENCE, "what ben's device has measured", async || {
        let history = read(&stack, &ben, &device, query).await?;
        Ok((messages(&history) > 0).then_some(history))
    })
    .await?;
    assert_eq!(messages(&history), 1);
    assert!(!history.to_string().contains("61"), "{history}");
    let refused = stack.api(&anna).get(&path(&device, "")).await?;
    refused.refused(400, "DeviceNotFoundFailure")?;
    Ok(())
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_not_asked() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    for (query, says) in [
        ("from=yesterday", "RFC 3339"),
        (
            "from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z",
            "before `to`",
        ),
        ("from=2020-01-01T00:00:00Z", "at most 93 days"),
        (
            "fields=actualTemperature'%20OR%201=1--",
            "it has `actualTemperature`",
        ),
        ("fields=%22", "it has `actualTemperature`"),
        ("resolution=1", "at least 87 seconds"),
        ("resolution=ten", "from 1 to 86400"),
    ] {
        let answer = stack.api(&owner).get(&path(&device, query)).await?;
        let message = answer.refused(400, "InvalidParameter")?;
        assert!(message.contains(says), "{query}: {message}");
    }
    Ok(())
}

fn path(device: &Device, query: &str) -> String {
    format!("/devices/{}/telemetry?{query}", device.serial)
}

async fn read(stack: &Stack, owner: &Owner, device: &Device, query: &str) -> Result<Value> {
    stack.api(owner).read(&path(device, query)).await
}

fn messages(history: &Value) -> u64 {
    let points = history["points"].as_array().into_iter().flatten();
    points.filter_map(|it| it["messages"].as_u64()).sum()
}

/// The next whole minute: after a device was registered, and no clock is far ahead.
fn whole_minute() -> Timestamp {
    let second = Timestamp::now().as_second() + 60;
    Timestamp::from_second(second - second % 60).unwrap_or_default()
}

fn text(time: Timestamp) -> String {
    format!("{time:.3}")
}
