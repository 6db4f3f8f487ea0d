//! Functions that only answer the API.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use aws_sdk_iotdataplane::primitives::Blob;
use serde_json::json;
use tests::Delivery;
use tokio::time::timeout;
use uuid::Uuid;

use crate::world::World;

pub(super) async fn admin(World { stack, owner, .. }: &World) -> Result<()> {
    let user = Uuid::new_v4().to_string();
    let signed_up = json!({
        "triggerSource": "PostConfirmation_ConfirmSignUp",
        "request": {"userAttributes": {"sub": user}},
    });
    stack.call("admin", &signed_up).await?;
    let settings = stack.settings(&user).await?;
    settings.context("no settings of a new user")?;

    stack.alert_level(owner, &["error", "warning"]).await?;
    let own = format!("/settings/config/{}", owner.id);
    stack.api(owner).read(&own).await?;
    Ok(())
}

pub(super) async fn event(world: &World) -> Result<()> {
    let api = world.stack.api(&world.owner);
    let timeline = format!("/devices/{}/events", world.device.serial);
    let events = api.read(&timeline).await?;
    let id = events["items"][0]["id"].as_str().context("no event")?;
    let one = format!("{timeline}/{id}");
    for ack in [true, false] {
        api.put(&one, &json!({"ack": ack})).await?.ok()?;
    }
    let of_device = format!("/devices/events?deviceId={}", world.device.serial);
    for path in [
        one.as_str(),
        "/devices/events",
        &of_device,
        "/devices/alerts",
        "/devices/alerts/count",
    ] {
        api.read(path).await?;
    }
    Ok(())
}

pub(super) async fn status(world: &World) -> Result<()> {
    let path = format!("/devices/{}/status", world.device.serial);
    let status = world.stack.api(&world.owner).read(&path).await?;
    ensure!(status["connected"].is_boolean(), "{status}");
    ensure!(status.to_string().contains("exercise"), "{status}");
    Ok(())
}

pub(super) async fn history(world: &World) -> Result<()> {
    let path = format!(
        "/devices/{}/telemetry?fields=actualTemperature",
        world.device.serial
    );
    let history = world.stack.api(&world.owner).read(&path).await?;
    ensure!(history["points"].is_array(), "{history}");
    Ok(())
}

/// Opens an address, and hears something on every topic of it.
pub(super) async fn live(world: &World) -> Result<()> {
    let World { stack, device, .. } = world;
    let address = stack.api(&world.owner).live(&[&device.serial]).await?;
    let listener = address.connect().await?;
    let mut listener = listener.context("the broker refuses")?;
    for topic in &address.topics {
        let granted = listener.subscribe(topic).await?;
        ensure!(granted == Delivery::Accepted, "{topic} is refused");
        if topic.starts_with(contract::topic::THINGS) {
            let state = json!({"state": {"reported": {"beat": Uuid::new_v4()}}}).to_string();
            let update = stack.iot_data.update_thing_shadow();
            let update = update.thing_name(&device.serial);
            update.payload(Blob::new(state)).send().await?;
        } else {
            stack.publish(topic, "{}").await?;
        }
        let heard = timeout(Duration::from_secs(2), listener.next()).await;
        let heard = heard.with_context(|| format!("nothing on {topic}"))??;
        let (on, _) = heard.context("the broker has closed the connection")?;
        ensure!(on == *topic, "{on} instead of {topic}");
    }
    Ok(())
}
