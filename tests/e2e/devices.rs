//! What an owner has, whether it is connected, and what it says about itself.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use contract::topic;
use serde_json::{Value, json};
use tests::{Ca, Device, MODEL, Owner, Remote, Stack, eventually, serial};

#[tokio::test]
async fn two_hundred_and_fifty_devices_are_listed_page_by_page() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let live: Vec<_> = (0..249).map(|_| (serial(), "complete")).collect();
    let deleted: Vec<_> = (0..151).map(|_| (serial(), "deleted")).collect();
    stack.registrations(&owner, &live).await?;
    stack.registrations(&owner, &deleted).await?;
    let command = format!("{}/{}", topic::COMMANDS, device.serial);
    let _client = device.mqtt(&stack).subscribe(&[&command]).await?;

    let mut expected: Vec<_> = live.iter().map(|it| it.0.as_str()).collect();
    expected.push(&device.serial);
    expected.sort_unstable();
    let api = stack.api(&owner);
    for (path, sizes) in [
        ("/devices", vec![100, 100, 50]),
        ("/devices?limit=100", vec![100, 100, 50]),
        ("/devices?limit=83", vec![83, 83, 83, 1]),
        ("/devices?limit=50", vec![50; 5]),
    ] {
        let pages = api.linked(path).await?;
        assert_eq!(
            pages.iter().map(Vec::len).collect::<Vec<_>>(),
            sizes,
            "{path}"
        );
        let listed: Vec<_> = pages
            .iter()
            .flatten()
            .filter_map(|it| it["deviceId"].as_str())
            .collect();
        assert_eq!(listed, expected, "{path}");
        let connected = pages.iter().flatten().filter(|it| it["connected"] == true);
        let connected: Vec<_> = connected.map(|it| &it["deviceId"]).collect();
        assert_eq!(connected, [&device.serial], "{path}");
        assert!(
            pages
                .iter()
                .flatten()
                .all(|it| it["connected"].is_boolean()),
            "{path}"
        );
    }

    // The registrations hold the deleted ones, too.
    let all = api.linked("/registration").await?;
    let all: BTreeSet<_> = all
        .iter()
        .flatten()
        .map(|it| it["deviceId"].to_string())
        .collect();
    assert_eq!(all.len(), 401);
    Ok(())
}

#[tokio::test]
async fn a_device_is_connected_while_it_is() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let command = format!("{}/{}", topic::COMMANDS, device.serial);
    connected(&stack, &owner, &device, false).await?;
    for _ in 0..2 {
        let client = device.mqtt(&stack).subscribe(&[&command]).await?;
        connected(&stack, &owner, &device, true).await?;
        // Killed, so that it says nothing on leaving.
        drop(client);
        connected(&stack, &owner, &device, false).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_device_shows_what_was_registered() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = serial();
    stack.add_product(&device).await?;
    let api = stack.api(&owner);
    assert_eq!(api.read("/devices").await?, json!([]));

    let mut expected = api.register(&device).await?.ok()?;
    assert_eq!(expected["modelNumber"], MODEL);
    expected["connected"] = json!(false);
    assert_eq!(api.read(&format!("/devices/{device}")).await?, expected);
    assert_eq!(api.read("/devices").await?, json!([expected]));
    Ok(())
}

#[tokio::test]
async fn the_status_is_what_the_device_reports_and_the_cloud_desires() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let path = format!("/devices/{}/status", device.serial);
    let api = stack.api(&owner);
    let status = api.read(&path).await?;
    let nothing = json!({
        "deviceId": device.serial, "state": {}, "metadata": {}, "connected": false,
        "since": status["since"], "disconnectReason": status["disconnectReason"],
    });
    assert_eq!(status, nothing);

    let reported =
        json!({"powerStatus": "HEAT", "actualTemperature": 68.5, "sensors": [{"id": 1}]});
    device.report(&stack, &reported).await?;
    let status = status_of(&stack, &owner, &path, |it| {
        it["state"]["reported"] == reported
    })
    .await?;
    assert_eq!(status["state"], json!({"reported": reported}));
    let set = &status["metadata"]["reported"];
    for field in [&set["powerStatus"], &set["actualTemperature"]] {
        assert!(field["timestamp"].is_u64(), "{status}");
    }

    let desired = json!({"targetTemperature": 70});
    let remote = Remote::new(&stack, &owner, &device);
    remote.send("set-temp", json!(70)).await?;
    let status = status_of(&stack, &owner, &path, |it| {
        it["state"]["desired"] == desired
    })
    .await?;
    assert_eq!(status["state"]["reported"], reported);
    assert!(
        status["metadata"]["desired"]["targetTemperature"]["timestamp"].is_u64(),
        "{status}"
    );
    Ok(())
}

/// Waits until all that shows it says whether `device` is connected.
async fn connected(stack: &Stack, owner: &Owner, device: &Device, wanted: bool) -> Result<()> {
    let (api, path) = (stack.api(owner), format!("/devices/{}", device.serial));
    eventually("one device's connection", async || {
        Ok((api.read(&path).await?["connected"] == wanted).then_some(()))
    })
    .await?;
    let status = api.read(&format!("{path}/status")).await?;
    assert_eq!(status["connected"], wanted);
    let list = api.read("/devices").await?;
    let listed = list
        .as_array()
        .context("a list")?
        .iter()
        .find(|it| it["deviceId"] == device.serial);
    assert_eq!(listed.context("the device")?["connected"], wanted);
    Ok(())
}

async fn status_of(
    stack: &Stack,
    owner: &Owner,
    path: &str,
    wanted: impl Fn(&Value) -> bool,
) -> Result<Value> {
    eventually("the state in the status", async || {
        let status = stack.api(owner).read(path).await?;
        Ok(wanted(&status).then_some(status))
    })
    .await
}
