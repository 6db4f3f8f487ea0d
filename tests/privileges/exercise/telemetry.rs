//! What devices measure.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::topic;
use jiff::Timestamp;
use serde_json::{Value, json};
use tests::{Product, Stack, within};
use tokio::time::timeout;

use crate::world::World;

/// The alert is asked for by the function, and done by another.
const PATIENCE: Duration = Duration::from_secs(5);

/// A batch to learn from, and then something unusual, of which the owner is told, and a threshold
/// that sends a command.
pub(super) async fn telemetry(world: &World) -> Result<()> {
    let World { stack, owner, .. } = world;
    let high = json!({"type": "info", "command": {"command": "screen"}});
    let product = Product {
        number: "exercise-2",
        details: json!({
            "telemetry": {
                "level": {"type": "number", "anomalies": {}},
                "lux": {"type": "number", "thresholds": {"glare": {"above": 5, "high": high}}},
            },
            "commands": {"screen": {"desired": {"screen": "closed"}}},
        }),
    };
    let made = product.device(stack, owner, &world.ca).await?;
    let device = made.serial.clone();
    let start = Timestamp::now().as_millisecond() - 60_000;
    let measured = |second: i64, level: i64| {
        let at = start + second * 1_000;
        json!({"timestamp": at, "level": level}).to_string()
    };
    let usual: Vec<_> = (0..40).map(|it| measured(it, 20 + it * 7 % 5)).collect();
    results(stack, &device, &usual, "Ok").await?;
    results(stack, &device, &[measured(50, 80)], "Ok").await?;
    within(PATIENCE, "a warning, and its alert", async || {
        let told = stack.events(&owner.id, &device).await?;
        let told = told.first().is_some_and(|it| it["alertClaim"].is_string());
        Ok(told.then_some(()))
    })
    .await?;
    // One that is stored, set and published reaches the device.
    let topic = format!("{}/{device}", topic::COMMANDS);
    let mut client = made.mqtt(stack).subscribe(&[&topic]).await?;
    for lux in [1, 9] {
        let bright = json!({"timestamp": start + 51_000 + lux, "lux": lux}).to_string();
        results(stack, &device, &[bright], "Ok").await?;
    }
    let heard = timeout(PATIENCE, client.next()).await;
    let heard = heard.context("no command")??.context("no connection")?;
    ensure!(heard.1.contains("\"screen\""), "{}", heard.1);
    let api = stack.api(owner);
    let stored = api.pages(&format!("/devices/{device}/commands")).await?;
    ensure!(stored.len() == 1, "not stored once: {stored:?}");
    // What is not valid goes to the queue of rejected messages.
    results(stack, &device, &["nonsense".to_owned()], "Dropped").await
}

/// Hands over a batch as Firehose does; each record has to be answered like this.
async fn results(stack: &Stack, device: &str, payloads: &[String], wanted: &str) -> Result<()> {
    let records = payloads.iter().enumerate().map(|(id, payload)| {
        let message = Stack::rule_event(device, payload.as_bytes()).to_string();
        json!({"recordId": id.to_string(), "data": STANDARD.encode(message)})
    });
    let batch = json!({"records": records.collect::<Vec<_>>()});
    let answer = stack.call("telemetry", &batch).await?;
    let answered = answer["records"].as_array().into_iter().flatten();
    let answered: Vec<&Value> = answered.map(|it| &it["result"]).collect();
    ensure!(
        answered.len() == payloads.len() && answered.iter().all(|it| **it == wanted),
        "{answered:?} instead of {wanted}"
    );
    Ok(())
}
