//! What the cloud wants of a device is what its owner's commands say, whoever
//! writes into the shadow.

use anyhow::Result;
use serde_json::json;
use tests::{Ca, Device, Remote, Stack, quiet};

#[tokio::test]
async fn a_device_that_writes_its_own_desired_state_is_put_right() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    let made = remote.send("set-temp", json!(72)).await?;
    remote.answered(&made, "success").await?;
    let pending = remote.send("set-mode", json!("HEAT")).await?;
    let wanted = json!({"targetTemperature": 72, "powerStatus": "HEAT"});
    remote.wants(&wanted).await?;

    for forged in [
        json!({"targetTemperature": 99}),
        json!({"targetTemperature": "72"}),
        json!({"targetTemperature": null}),
        json!({"powerStatus": "OFF", "targetTemperature": 50}),
        json!({"unlocked": true}),
        json!({"deep": {"er": [1]}, "powerStatus": null}),
        json!(null),
    ] {
        remote
            .update_shadow(&json!({"state": {"desired": forged, "reported": {"note": "mine"}}}))
            .await?;
        // What it may write stays: its own report.
        remote.wants(&wanted).await?;
    }
    let path = format!("/devices/{}/status", device.serial);
    let status = stack.api(&owner).read(&path).await?;
    assert_eq!(status["state"]["reported"], json!({"note": "mine"}));
    assert_eq!(remote.now(&pending).await?["status"], "pending");
    Ok(())
}

#[tokio::test]
async fn a_device_of_which_nothing_is_wanted_cannot_want_anything() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    remote
        .update_shadow(&json!({"state": {"desired": {"powerStatus": "HEAT"}}}))
        .await?;
    remote.wants(&json!({})).await?;
    // A report alone is nothing to put right.
    remote
        .update_shadow(&json!({"state": {"reported": {"powerStatus": "AC"}}}))
        .await?;
    assert_eq!(remote.desired().await?, json!({}));
    Ok(())
}

#[tokio::test]
async fn the_cloud_does_not_answer_itself_when_it_puts_a_shadow_right() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    remote
        .update_shadow(&json!({"state": {"desired": {"powerStatus": "HEAT"}}}))
        .await?;
    remote.wants(&json!({})).await?;
    let settled = remote.shadow().await?["version"].clone();
    quiet().await;
    assert_eq!(remote.shadow().await?["version"], settled);
    Ok(())
}
