//! Many at once.

use std::collections::HashSet;
use std::fmt::Write;

use anyhow::{Result, ensure};
use contract::topic;
use serde_json::json;
use tests::{Ca, Delivery, Device, Stack, eventually};
use tokio::task::JoinSet;

const DEVICES: usize = 20;
const EVENTS_OF_A_DEVICE: usize = 100;

#[tokio::test]
async fn two_thousand_events_at_once_are_all_stored_and_none_twice() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let ca = Ca::registered(&stack).await?;
    let mut devices = Vec::new();
    for _ in 0..DEVICES {
        devices.push(Device::of(&stack, &owner, &ca).await?);
    }

    let mut publishing = JoinSet::new();
    for device in devices.clone() {
        let stack = stack.clone();
        publishing.spawn(async move {
            let topic = format!("{}/{}", topic::EVENT, device.serial);
            let done = device
                .mqtt(&stack)
                .publish_lines(&topic, &messages()?)
                .await?;
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

    let wanted = DEVICES * EVENTS_OF_A_DEVICE;
    let rows = eventually("all events", async || {
        let mut rows = Vec::new();
        for device in &devices {
            rows.extend(stack.events(&owner.id, &device.serial).await?);
        }
        ensure!(
            rows.len() >= wanted,
            "{} of {wanted} events are stored",
            rows.len()
        );
        Ok(Some(rows))
    })
    .await?;
    let stored: HashSet<_> = rows
        .iter()
        .map(|it| (it["deviceId"].as_str(), it["messageId"].as_str()))
        .collect();
    assert_eq!((rows.len(), stored.len()), (wanted, wanted));

    // The API's pages show each of them once, newest first.
    let listed = stack.api(&owner).pages("/devices/events?limit=100").await?;
    let seen: HashSet<_> = listed.iter().map(|it| it["id"].as_str()).collect();
    assert_eq!((listed.len(), seen.len()), (wanted, wanted));
    assert!(listed.is_sorted_by(|a, b| a["createdAt"].as_str() >= b["createdAt"].as_str()));
    assert_eq!(
        stack.api(&owner).read("/devices/alerts/count").await?,
        json!({"alertsCount": wanted / 4})
    );
    Ok(())
}

/// One device's messages, a line each; every fourth is an alert.
fn messages() -> Result<String> {
    let mut lines = String::new();
    for number in 0..EVENTS_OF_A_DEVICE {
        let kind = ["error", "info", "diagnostic", "info"][number % 4];
        writeln!(
            lines,
            "{}",
            json!({"type": kind, "messageId": number.to_string()})
        )?;
    }
    Ok(lines)
}
