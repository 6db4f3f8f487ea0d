//! Two stacks side by side in one account and region, with a device and an owner
//! each: what `docs/operations.md` says of them, and that the second does not miss
//! the first when it goes.

use anyhow::{Context, Result, ensure};
use contract::topic;
use serde_json::{Value, json};
use tests::{Ca, Delivery, Device, Owner, Remote, Stack, eventually};

use crate::cdk::Cdk;
use crate::deployment::{Deployment, same};

/// A stack in use.
struct Used {
    stack: Stack,
    owner: Owner,
    device: Device,
    /// Where its devices report events.
    events: &'static str,
}

/// Deploys two stacks with everything, uses both, and then the second alone.
pub(crate) async fn live(cdk: &Cdk, region: &'static str, combination: &str) -> Result<()> {
    // Both names before either stack: what they found must come back in the end.
    let mut left = Deployment::new(cdk, region, "Left").await?;
    let mut right = Deployment::new(cdk, region, "Right").await?;
    left.switch(combination).await?;
    let mut manifest = cdk.manifest(combination);
    let events = "beside/event";
    manifest["default"]["events"]["env"]["eventTopic"] = events.into();
    manifest["default"]["telemetry"]["env"]["telemetryTopic"] = "beside/telemetry".into();
    right.deploy(&manifest).await?;

    let one = Used::begin(left.stack().await?, topic::EVENT).await?;
    let other = Used::begin(right.stack().await?, events).await?;
    one.is_alone_with_its_device(&other).await?;
    other.is_alone_with_its_device(&one).await?;
    tokio::try_join!(one.works(1), other.works(1))?;
    one.told_only_answers(&other).await?;
    other.told_only_answers(&one).await?;
    ensure!(other.connected().await?.is_boolean());

    left.remove().await?;
    other.works(2).await?;
    // The one that came first has switched the index off.
    same("`connected`", &Value::Null, &other.connected().await?)?;
    right.remove().await
}

impl Used {
    /// An owner registers a device, and it is let in.
    async fn begin(stack: Stack, events: &'static str) -> Result<Self> {
        let owner = stack.owner().await?;
        let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
        Ok(Self {
            stack,
            owner,
            device,
            events,
        })
    }

    /// Neither owner nor device are anything to the other stack.
    async fn is_alone_with_its_device(&self, other: &Self) -> Result<()> {
        let abroad = other.stack.api(&self.owner).get("/devices").await?;
        same("a stranger's answer", &401, &abroad.status)?;
        let path = format!("/devices/{}", self.device.serial);
        let unknown = other.stack.api(&other.owner).get(&path).await?;
        unknown.refused(400, "DeviceNotFoundFailure")?;
        // Its policy does not let it speak where the other's devices do.
        let topic = format!("{}/{}", other.events, self.device.serial);
        let client = self.device.mqtt(&self.stack);
        same(
            "a message",
            &Delivery::Refused,
            &client.publish(&topic, b"{}").await?,
        )
    }

    /// The device reports the `number`th event, of which the owner is told, and
    /// obeys a command.
    async fn works(&self, number: u32) -> Result<()> {
        let event = json!({"type": "error", "messageId": format!("m-{number}")}).to_string();
        let topic = format!("{}/{}", self.events, self.device.serial);
        let client = self.device.mqtt(&self.stack);
        let delivery = client.publish(&topic, event.as_bytes()).await?;
        same("an event", &Delivery::Accepted, &delivery)?;
        let api = self.stack.api(&self.owner);
        eventually("an alert", async || {
            let count = api.read("/devices/alerts/count").await?;
            Ok((count["alertsCount"] == number).then_some(()))
        })
        .await?;

        let remote = Remote::new(&self.stack, &self.owner, &self.device);
        let command = remote.send("set-temp", json!(70 + number)).await?;
        remote.answer(&command, "success", None).await?;
        remote.ended(&command, "success", None).await?;
        remote
            .wants(&json!({"targetTemperature": 70 + number}))
            .await
    }

    /// Of the other stack's device this one hears answers to commands, which it
    /// puts aside, and nothing else.
    async fn told_only_answers(&self, other: &Self) -> Result<()> {
        let serial = &other.device.serial;
        let (reason, answer) = self.stack.rejected().rejection_of(serial).await?;
        ensure!(reason.contains("not registered"), "{reason}");
        let answer: Value = serde_json::from_slice(&answer)?;
        ensure!(answer["status"] == "success", "{answer}");
        let rest = self.stack.rejected().len().await?;
        same("rejected messages", &0, &rest)?;
        same("failed messages", &0, &self.stack.failed().len().await?)
    }

    /// What the API says of the device's connection.
    async fn connected(&self) -> Result<Value> {
        let path = format!("/devices/{}", self.device.serial);
        let device = self.stack.api(&self.owner).read(&path).await?;
        Ok(device.get("connected").context("no `connected`")?.clone())
    }
}
