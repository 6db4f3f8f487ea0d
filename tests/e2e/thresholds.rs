//! Thresholds, from what a device measures to what its owner and the device hear of it. The
//! devices bring their own clocks, so nobody waits for a quarter of an hour.

use std::time::Duration;

use anyhow::{Context, Result};
use jiff::Timestamp;
use serde_json::{Value, json};
use tests::{Ca, Device, Owner, Product, Remote, Stack, within};
use tokio::time::timeout;

/// As in the other tests of telemetry.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn what_stays_too_bright_is_an_event_and_a_command_and_dips_are_not() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let ca = Ca::registered(&stack).await?;
    let product = Product::sample("greenhouse-1")?;
    let bright = product.device(&stack, &owner, &ca).await?;
    let dips = product.device(&stack, &owner, &ca).await?;
    let remote = Remote::new(&stack, &owner, &bright);
    let mut client = bright.mqtt(&stack).subscribe(&[&remote.topic()]).await?;

    // 20 minutes without a break; delivered twice. The other one has 40, with breaks.
    for _ in 0..2 {
        for minutes in [100, 90, 80] {
            lux(&stack, &bright, minutes, 40_000).await?;
        }
    }
    for (minutes, value) in [
        (100, 40_000),
        (90, 40_000),
        (86, 35_000),
        (85, 60_000),
        (71, 60_000),
        (70, 100),
        (60, 40_000),
    ] {
        lux(&stack, &dips, minutes, value).await?;
    }
    let told = crossings(&stack, &owner, &bright, 1).await?;
    let event = &told[0];
    assert_eq!(event["type"], "warning");
    assert_eq!(event["message"], "It is too bright: the screen closes");
    let details = &event["details"];
    assert_eq!(
        (&details["field"], &details["name"]),
        (&json!("lux"), &json!("glare"))
    );
    assert_eq!(
        (&details["state"], &details["seconds"]),
        (&json!("high"), &json!(900))
    );
    let since = details["since"].as_i64().context("no beginning")?;
    let at = event["timestamp"].as_i64().context("no time")?;
    assert_eq!(at - since, 20 * 60 * 1_000);

    let sent = heard(&mut client).await?;
    assert_eq!(
        (&sent["command"], &sent["value"]),
        (&json!("set-screen"), &json!("closed"))
    );
    assert_eq!(sent["details"]["code"], "threshold");
    remote.wants(&json!({ "screen": "closed" })).await?;
    remote.answer(&sent, "success", None).await?;
    remote.ended(&sent, "success", None).await?;

    // And back. The device's answer had a connection of its own, which ended this one.
    drop(client);
    let mut client = bright.mqtt(&stack).subscribe(&[&remote.topic()]).await?;
    for minutes in [60, 40] {
        lux(&stack, &bright, minutes, 20_000).await?;
    }
    let sent = heard(&mut client).await?;
    assert_eq!(sent["value"], "open");
    let told = crossings(&stack, &owner, &bright, 2).await?;
    assert_eq!(told.len(), 2, "{told:?}");
    let commands = remote.api().pages(&remote.path()).await?;
    assert_eq!(commands.len(), 2, "{commands:?}");

    // What comes after the dips is told, so they have been judged.
    nearly_empty(&stack, &dips).await?;
    let told = crossings(&stack, &owner, &dips, 1).await?;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["type"], "error");
    assert_eq!(told[0]["details"]["field"], "waterPercent");
    let remote = Remote::new(&stack, &owner, &dips);
    assert!(remote.api().pages(&remote.path()).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn an_owner_moves_a_limit_and_nobody_else_does() -> Result<()> {
    let stack = Stack::connect().await?;
    let (owner, stranger) = (stack.owner().await?, stack.owner().await?);
    let ca = Ca::registered(&stack).await?;
    let product = Product::sample("greenhouse-1")?;
    let moved = product.device(&stack, &owner, &ca).await?;
    let other = product.device(&stack, &owner, &ca).await?;
    let list = format!("/devices/{}/thresholds", moved.serial);
    let glare = format!("{list}/lux/glare");
    let api = stack.api(&owner);

    let body = json!({ "above": 20_000, "below": 15_000, "seconds": 60 });
    for path in [&list, &glare] {
        let answer = match path == &list {
            true => stack.api(&stranger).get(path).await?,
            false => stack.api(&stranger).put(path, &body).await?,
        };
        assert_eq!(answer.error(), (400, "DeviceNotFoundFailure"), "{path}");
    }
    let own = |it: &Value| -> Result<Value> {
        let all = it["thresholds"].as_array().context("no thresholds")?;
        let glare = all.iter().find(|it| it["name"] == "glare");
        Ok(glare.context("no glare")?["own"].clone())
    };
    let untouched = own(&api.read(&list).await?)?;
    assert!(untouched["above"].is_null(), "{untouched}");

    let changed = api.put(&glare, &body).await?.ok()?;
    assert_eq!(
        (&changed["above"], &changed["seconds"]),
        (&json!(20_000.0), &json!(60))
    );
    assert_eq!(own(&api.read(&list).await?)?["above"], json!(20_000.0));
    let refused = api.put(&glare, &json!({ "below": 30_000 })).await?;
    assert_eq!(refused.error(), (400, "InvalidParameter"));

    for device in [&moved, &other] {
        for minutes in [60, 58] {
            lux(&stack, device, minutes, 25_000).await?;
        }
    }
    let told = crossings(&stack, &owner, &moved, 1).await?;
    assert_eq!(told[0]["details"]["above"], 20_000.0, "{told:?}");
    // The same on a device whose limit was not moved.
    nearly_empty(&stack, &other).await?;
    let told = crossings(&stack, &owner, &other, 1).await?;
    assert!(
        told.iter()
            .all(|it| it["details"]["field"] == "waterPercent"),
        "{told:?}"
    );

    // The next owner has the model's.
    api.release(&moved).await?;
    stack
        .api(&stranger)
        .register_as(&moved.serial, product.number)
        .await?
        .ok()?;
    let of_next = own(&stack.api(&stranger).read(&list).await?)?;
    assert!(of_next["above"].is_null(), "{of_next}");
    Ok(())
}

/// Has a device measure this light, so many minutes ago.
async fn lux(stack: &Stack, device: &Device, minutes: i64, value: i64) -> Result<()> {
    measure(stack, device, minutes, &json!({ "lux": value })).await
}

/// Has the tank of a device be nearly empty for five minutes, which is told also when it is so
/// from the start.
async fn nearly_empty(stack: &Stack, device: &Device) -> Result<()> {
    for minutes in [12, 6] {
        measure(stack, device, minutes, &json!({ "waterPercent": 5 })).await?;
    }
    Ok(())
}

async fn measure(stack: &Stack, device: &Device, minutes: i64, fields: &Value) -> Result<()> {
    // Minutes of the same hour for all, however long the test takes.
    static START: std::sync::LazyLock<i64> =
        std::sync::LazyLock::new(|| Timestamp::now().as_millisecond());
    let mut message = fields.clone();
    message["timestamp"] = json!(*START - minutes * 60_000);
    // As the cloud: a connection of the device would end the one on which it listens.
    let topic = format!("smartproduct/telemetry/{}", device.serial);
    stack.publish(&topic, &message.to_string()).await
}

/// The events of thresholds that were passed, once there are `number` of them, oldest first.
async fn crossings(
    stack: &Stack,
    owner: &Owner,
    device: &Device,
    number: usize,
) -> Result<Vec<Value>> {
    let path = format!("/devices/{}/events", device.serial);
    within(PATIENCE, "a threshold that was passed", async || {
        let mut events = stack.api(owner).said(&path).await?;
        events.retain(|it| it["details"]["code"] == "threshold");
        events.sort_by_key(|it| it["timestamp"].as_i64());
        Ok((events.len() >= number).then_some(events))
    })
    .await
}

/// The next command that the device hears.
async fn heard(client: &mut tests::Subscription) -> Result<Value> {
    let message = timeout(PATIENCE, client.next()).await;
    let (_, message) = message
        .context("no command came")??
        .context("no connection")?;
    Ok(serde_json::from_str(&message)?)
}
