//! The way of a measurement, from a device to an answer of Athena.

use anyhow::{Result, ensure};
use serde_json::json;
use tests::{Ca, Delivery, Device, Stack};
use tokio::time::{Duration, Instant, sleep};

/// Measurements that are waited for one by one, so that each opens a file.
const SINGLE: usize = 12;
/// How long the local cloud gathers for a file: `buffer_seconds` of its stream.
const BUFFER: Duration = Duration::from_secs(5);

/// Measures; returns the line.
pub(crate) async fn report(stack: &Stack) -> Result<String> {
    let owner = stack.owner().await?;
    let device = Device::of(stack, &owner, &Ca::registered(stack).await?).await?;
    let mut took = Vec::new();
    for number in 0..SINGLE {
        took.push(answered(stack, &device, number).await?);
    }
    took.sort();
    let beyond = |it: &Duration| it.saturating_sub(BUFFER).as_secs_f64();
    Ok(format!(
        "A measurement is in an answer of Athena {:.1} s after the {} s of the buffer (half of {SINGLE}), {:.1} s at most; to reach: 10 s",
        took.get(SINGLE / 2).map_or(0.0, beyond),
        BUFFER.as_secs(),
        took.last().map_or(0.0, beyond),
    ))
}

/// From the publishing of a measurement to the first answer that has it.
async fn answered(stack: &Stack, device: &Device, number: usize) -> Result<Duration> {
    let topic = format!("smartproduct/telemetry/{}", device.serial);
    let message = json!({ "actualTemperature": number }).to_string();
    let began = Instant::now();
    let delivery = device
        .mqtt(stack)
        .publish(&topic, message.as_bytes())
        .await?;
    ensure!(
        delivery == Delivery::Accepted,
        "the measurement was refused"
    );
    let question = format!(
        "SELECT 1 AS there FROM smartproduct_dataset WHERE device_id = '{}' AND actualtemperature = {number}",
        device.serial
    );
    while stack.ask(&question).await?.is_empty() {
        ensure!(
            began.elapsed() < Duration::from_secs(60),
            "no row after a minute"
        );
        sleep(Duration::from_millis(100)).await;
    }
    Ok(began.elapsed())
}
