//! Many events at once.

use std::collections::HashSet;
use std::fmt::Write;

use anyhow::{Result, ensure};
use contract::topic;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{Ca, Delivery, Device, Owner, Stack, eventually};

/// Devices that publish all they have at the same time.
#[derive(Debug)]
pub struct Flood {
    devices: Vec<Device>,
}

impl Flood {
    /// How many devices publish.
    pub const DEVICES: usize = 20;
    /// How many events all of them publish together.
    pub const EVENTS: usize = 2_000;
    /// How many of these are alerts.
    pub const ALERTS: usize = Self::EVENTS / 4;

    /// Lets the devices in.
    ///
    /// # Errors
    ///
    /// When one is not let in.
    pub async fn prepare(stack: &Stack, owner: &Owner, ca: &Ca) -> Result<Self> {
        let mut devices = Vec::new();
        for _ in 0..Self::DEVICES {
            devices.push(Device::of(stack, owner, ca).await?);
        }
        Ok(Self { devices })
    }

    /// Publishes everything; returns when the broker has confirmed it.
    ///
    /// # Errors
    ///
    /// When the broker refuses a device.
    pub async fn publish(&self, stack: &Stack) -> Result<()> {
        let mut publishing = JoinSet::new();
        for device in self.devices.clone() {
            let (stack, lines) = (stack.clone(), lines()?);
            publishing.spawn(async move {
                let topic = format!("{}/{}", topic::EVENT, device.serial);
                let done = device.mqtt(&stack).publish_lines(&topic, &lines).await?;
                ensure!(
                    done == Delivery::Accepted,
                    "the broker refused {}",
                    device.serial
                );
                Ok(())
            });
        }
        while let Some(done) = publishing.join_next().await {
            done??;
        }
        Ok(())
    }

    /// Waits until every event is stored; returns the rows.
    ///
    /// # Errors
    ///
    /// When events are missing after a minute, or are there twice.
    pub async fn stored(&self, stack: &Stack, owner: &Owner) -> Result<Vec<Value>> {
        let mut rows = Vec::new();
        for device in &self.devices {
            let of_device = eventually("all events of a device", async || {
                let rows = stack.events(&owner.id, &device.serial).await?;
                let missing = (Self::EVENTS / Self::DEVICES).saturating_sub(rows.len());
                ensure!(
                    missing == 0,
                    "{missing} events of {} are not stored",
                    device.serial
                );
                Ok(Some(rows))
            });
            rows.extend(of_device.await?);
        }
        let messages: HashSet<_> = rows
            .iter()
            .map(|it| (it["deviceId"].as_str(), it["messageId"].as_str()))
            .collect();
        ensure!(
            rows.len() == messages.len(),
            "{} rows of {} messages",
            rows.len(),
            messages.len()
        );
        Ok(rows)
    }
}

/// One device's messages, a line each; every fourth is an alert.
fn lines() -> Result<String> {
    let mut lines = String::new();
    for number in 0..Flood::EVENTS / Flood::DEVICES {
        let kind = ["error", "info", "diagnostic", "info"][number % 4];
        writeln!(
            lines,
            "{}",
            json!({"type": kind, "messageId": number.to_string()})
        )?;
    }
    Ok(lines)
}
