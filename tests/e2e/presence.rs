//! Connections that begin and end: on the timeline of the device's owner, in
//! its status, and in nobody's alerts.

use std::process::Stdio;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tests::{Ca, Device, Owner, Stack, eventually, quiet, serial};

#[tokio::test]
async fn connections_are_on_the_timeline_and_no_alerts() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let all = ["error", "warning", "info", "diagnostic"];
    stack.alert_level(&owner, &all).await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let begun = told(&stack, &owner, &device, 2).await?;
    assert_eq!(
        sorted(&begun),
        ["connected", "disconnected: CLIENT_INITIATED_DISCONNECT"]
    );

    // Comes, and goes without a word.
    let client = device.mqtt(&stack).subscribe(&[&commands(&device)]).await?;
    told(&stack, &owner, &device, 3).await?;
    drop(client);
    let events = told(&stack, &owner, &device, 4).await?;
    assert_eq!(
        sorted(&events),
        [
            "connected",
            "connected",
            "disconnected: CLIENT_INITIATED_DISCONNECT",
            "disconnected: CONNECTION_LOST",
        ]
    );

    let lost = with(&events, "disconnected: CONNECTION_LOST")?;
    let details = &lost["details"];
    assert_eq!(details["presence"], "disconnected");
    assert_eq!(details["reason"], "CONNECTION_LOST");
    // Its beginning names the same session.
    let session = &details["sessionIdentifier"];
    let of_session = |it: &&Value| it["details"]["sessionIdentifier"] == *session;
    assert_eq!(events.iter().filter(of_session).count(), 2, "{events:?}");
    for event in &events {
        assert_eq!(
            (&event["type"], &event["suppress"], &event["ack"]),
            (&json!("info"), &json!(true), &json!(false)),
            "{event}"
        );
    }

    quiet().await;
    let api = stack.api(&owner);
    assert!(api.pages("/devices/alerts").await?.is_empty());
    let count = async || api.read("/devices/alerts/count").await;
    assert_eq!(count().await?, json!({"alertsCount": 0}));

    // One that the owner wants to hear of after all is an alert like any other.
    let id = lost["id"].as_str().context("an id")?;
    let path = format!("{}/{id}", timeline(&device));
    let listen = json!({"suppress": false});
    let event = api.put(&path, &listen).await?.ok()?;
    assert_eq!(count().await?, json!({"alertsCount": 1}));
    assert_eq!(api.pages("/devices/alerts").await?, [event]);
    Ok(())
}

#[tokio::test]
async fn a_former_owner_and_a_stranger_see_no_connection_of_the_present_one() -> Result<()> {
    let stack = Stack::connect().await?;
    let (anna, ben) = (stack.owner().await?, stack.owner().await?);
    let device = Device::of(&stack, &anna, &Ca::registered(&stack).await?).await?;
    told(&stack, &anna, &device, 2).await?;
    stack.api(&anna).release(&device).await?;
    // It is refused, and nobody is told of it.
    device.mqtt(&stack).connect().await?;
    stack.refused(&device).await?;
    let annas = stack.api(&anna).pages("/devices/events").await?;

    stack.api(&ben).register(&device.serial).await?.ok()?;
    device.join(&stack).await?;
    let bens = told(&stack, &ben, &device, 2).await?;
    let ids = |events: &[Value]| events.iter().map(|it| it["id"].clone()).collect::<Vec<_>>();
    assert!(ids(&bens).iter().all(|it| !ids(&annas).contains(it)));
    quiet().await;
    assert_eq!(stack.api(&anna).pages("/devices/events").await?, annas);

    let refused = stack.api(&anna).get(&timeline(&device)).await?;
    assert_eq!(refused.error(), (400, "DeviceNotFoundFailure"));
    Ok(())
}

#[tokio::test]
async fn a_connection_told_twice_late_or_of_no_device_disturbs_nothing() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::pending(&stack, &owner, &Ca::new()?).await?;
    let tell = async |client: &str, event_type: &str, received: i64| {
        let event = json!({
            "kind": "presence",
            "deviceId": client,
            "eventType": event_type,
            "timestamp": received,
            "sessionIdentifier": "a4666d2a-7d84-4ae4-ac5d-7b38c9cb7967",
            "versionNumber": 3,
            "disconnectReason": "MQTT_KEEP_ALIVE_TIMEOUT",
            "receivedAt": received,
        });
        stack.call("event-proxy", &event).await
    };
    let now = jiff::Timestamp::now().as_millisecond();
    for _ in 0..2 {
        // The end before the beginning.
        tell(&device.serial, "disconnected", now).await?;
        tell(&device.serial, "connected", now).await?;
    }
    tell(&device.serial, "connect_failed", now).await?;
    // Before the device was this owner's.
    tell(&device.serial, "connected", 1_600_000_000_000).await?;
    let nobody = serial();
    tell(&nobody, "connected", now).await?;

    let events = stack.api(&owner).pages(&timeline(&device)).await?;
    assert_eq!(
        sorted(&events),
        ["connected", "disconnected: MQTT_KEEP_ALIVE_TIMEOUT"]
    );

    // A message that calls itself by the id of one of them is another event.
    let posing = json!({"type": "error", "messageId": events[0]["messageId"]}).to_string();
    let posing = Stack::rule_event(&device.serial, posing.as_bytes());
    stack.call("event-proxy", &posing).await?;
    let after = stack.api(&owner).pages(&timeline(&device)).await?;
    assert_eq!(after.len(), 3, "{after:?}");
    assert_eq!(after.iter().filter(|it| events.contains(it)).count(), 2);
    Ok(())
}

#[tokio::test]
async fn a_status_says_since_when_and_why() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let ca = Ca::registered(&stack).await?;
    let device = Device::pending(&stack, &owner, &ca).await?;
    let path = format!("/devices/{}/status", device.serial);
    let api = stack.api(&owner);
    assert_eq!(
        api.read(&path).await?,
        json!({
            "deviceId": device.serial,
            "state": {},
            "metadata": {},
            "connected": false,
            "since": null,
            "disconnectReason": null,
        }),
        "never connected"
    );

    device.join(&stack).await?;
    let goodbye = status(&stack, &owner, &path, false).await?;
    assert_eq!(goodbye["disconnectReason"], "CLIENT_INITIATED_DISCONNECT");

    let client = device.mqtt(&stack).subscribe(&[&commands(&device)]).await?;
    let here = status(&stack, &owner, &path, true).await?;
    assert!(
        here["since"].as_str() >= goodbye["since"].as_str(),
        "{here}"
    );
    drop(client);
    let lost = status(&stack, &owner, &path, false).await?;
    assert_eq!(lost["disconnectReason"], "CONNECTION_LOST");
    assert!(lost["since"].as_str() >= here["since"].as_str(), "{lost}");

    api.release(&device).await?;
    let deleted = api.get(&path).await?;
    assert_eq!(deleted.error(), (400, "DeviceNotFoundFailure"));
    Ok(())
}

#[tokio::test]
async fn a_second_connection_of_a_device_ends_the_first_one() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    told(&stack, &owner, &device, 2).await?;
    // One that does not come back by itself, as `mosquitto_sub` does.
    let mut first = device
        .mqtt(&stack)
        .command("mosquitto_pub")
        .args(["-t", &commands(&device), "-l"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    told(&stack, &owner, &device, 3).await?;
    device.mqtt(&stack).connect().await?;
    first.kill().await?;
    eventually("the reason on the timeline", async || {
        let events = stack.api(&owner).pages(&timeline(&device)).await?;
        Ok(with(&events, "disconnected: DUPLICATE_CLIENTID")
            .ok()
            .cloned())
    })
    .await?;
    Ok(())
}

/// The timeline of `device`, once it has `number` events.
async fn told(stack: &Stack, owner: &Owner, device: &Device, number: usize) -> Result<Vec<Value>> {
    let api = stack.api(owner);
    eventually(
        &format!("{number} connections begun or ended"),
        async || {
            let events = api.pages(&timeline(device)).await?;
            Ok((events.len() == number).then_some(events))
        },
    )
    .await
}

/// The status at `path`, once it says this of the connection.
async fn status(stack: &Stack, owner: &Owner, path: &str, connected: bool) -> Result<Value> {
    eventually(&format!("connected: {connected}, since when"), async || {
        let status = stack.api(owner).read(path).await?;
        let found = status["connected"] == connected && status["since"].is_string();
        Ok(found.then_some(status))
    })
    .await
}

fn with<'a>(events: &'a [Value], message: &str) -> Result<&'a Value> {
    let found = events.iter().find(|it| it["message"] == message);
    found.with_context(|| format!("no event says `{message}`"))
}

/// What the events say, whatever their order: they may come in late.
fn sorted(events: &[Value]) -> Vec<&str> {
    let messages = events.iter().filter_map(|it| it["message"].as_str());
    let mut messages: Vec<_> = messages.collect();
    messages.sort_unstable();
    messages
}

fn timeline(device: &Device) -> String {
    format!("/devices/{}/events", device.serial)
}

fn commands(device: &Device) -> String {
    format!("{}/{}", contract::topic::COMMANDS, device.serial)
}
