//! Commands, from their owner to the device.

use anyhow::{Context, Result};
use contract::{table, topic};
use jiff::Timestamp;
use serde_json::{Value, json};
use tests::{Ca, Device, Owner, Stack};

#[tokio::test]
async fn a_command_reaches_its_device_and_is_pending() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let (api, path) = (
        stack.api(&owner),
        format!("/devices/{}/commands", device.serial),
    );
    let heard = format!("{}/{}", topic::COMMANDS, device.serial);
    let mut client = device.mqtt(&stack).subscribe(&[&heard]).await?;

    for body in [
        json!({"command": "set-temp", "value": 72.5}),
        json!({"command": "set-mode", "value": "HEAT", "details": {"until": "2026-11-22", "zones": [1, 2]}}),
        json!({"command": "x:1_a.B-z", "value": {"a": [null, true, 1e-300, -9_223_372_036_854_775_808_i64]}}),
        json!({"command": "reset", "value": null, "details": {}}),
        json!({"command": "say", "value": "Grüße, 你好 \u{1f321}"}),
    ] {
        let made = api.post(&path, &body).await?.ok()?;
        let expected = json!({
            "commandId": made["commandId"],
            "deviceId": device.serial,
            "deviceName": format!("Thermostat {}", device.serial),
            "userId": owner.id,
            "status": "pending",
            "reason": null,
            "details": body["details"],
            "command": body["command"],
            "value": body["value"],
            "createdAt": made["createdAt"],
            "updatedAt": made["createdAt"],
        });
        assert_eq!(made, expected);
        let id = made["commandId"].as_str().context("an id")?;
        assert_eq!(api.read(&format!("{path}/{id}")).await?, made);
        assert_eq!(api.read(&path).await?["items"][0], made);

        let (topic, message) = client.next().await?.context("a command")?;
        assert_eq!(topic, heard);
        let message: Value = serde_json::from_str(&message)?;
        for field in [
            "commandId",
            "deviceId",
            "command",
            "value",
            "details",
            "createdAt",
        ] {
            assert_eq!(message[field], made[field], "{field}: {message}");
        }
        for field in ["userId", "deviceName", "status"] {
            assert!(message[field].is_null(), "{field}: {message}");
        }
    }
    assert_eq!(api.pages(&path).await?.len(), 5);
    Ok(())
}

#[tokio::test]
async fn commands_are_listed_newest_first_and_by_status() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::pending(&stack, &owner, &Ca::new()?).await?;
    let (api, path) = (
        stack.api(&owner),
        format!("/devices/{}/commands", device.serial),
    );
    let mut sent = Vec::new();
    for number in 0..12 {
        let body = json!({"command": "set-temp", "value": number});
        let made = api.post(&path, &body).await?.ok()?;
        // What the device's answer will do one day.
        let status = ["pending", "success", "failed"][number % 3];
        answer(&stack, &owner, &device, &made, status).await?;
        sent.push((number, status));
    }
    sent.reverse();

    for wanted in [None, Some("pending"), Some("success"), Some("failed")] {
        let filter = wanted
            .map(|it| format!("&commandStatus={it}"))
            .unwrap_or_default();
        let expected: Vec<_> = sent
            .iter()
            .filter(|it| wanted.is_none_or(|status| status == it.1))
            .collect();
        for limit in [1, 3, 5, 100] {
            let items = api.pages(&format!("{path}?limit={limit}{filter}")).await?;
            let items: Vec<_> = items
                .iter()
                .map(|it| (&it["value"], &it["status"]))
                .collect();
            let expected: Vec<_> = expected
                .iter()
                .map(|it| (json!(it.0), json!(it.1)))
                .collect();
            assert_eq!(
                items,
                expected.iter().map(|it| (&it.0, &it.1)).collect::<Vec<_>>(),
                "{limit}{filter}"
            );
        }
        let page = api.read(&format!("{path}?limit=1{filter}")).await?;
        assert_eq!(page["commandStatus"], json!(wanted));
    }
    Ok(())
}

#[tokio::test]
async fn a_command_of_another_device_is_missing() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let ca = Ca::new()?;
    let [one, two] = [
        Device::pending(&stack, &owner, &ca).await?,
        Device::pending(&stack, &owner, &ca).await?,
    ];
    let api = stack.api(&owner);
    let path = |of: &Device| format!("/devices/{}/commands", of.serial);
    let made = api
        .post(&path(&one), &json!({"command": "reset", "value": 1}))
        .await?
        .ok()?;
    let id = made["commandId"].as_str().context("an id")?;
    assert_eq!(api.read(&format!("{}/{id}", path(&one))).await?, made);
    let missing = api.get(&format!("{}/{id}", path(&two))).await?;
    assert_eq!(missing.error(), (400, "MissingCommand"));
    assert!(api.pages(&path(&two)).await?.is_empty());
    Ok(())
}

/// Notes `status` on the row of a command.
async fn answer(
    stack: &Stack,
    owner: &Owner,
    device: &Device,
    command: &Value,
    status: &str,
) -> Result<()> {
    let partition = format!("{}#{}", owner.id, device.serial);
    let id = command["commandId"].as_str().context("an id")?;
    let key = [
        (table::USER_DEVICE, partition.as_str()),
        (table::COMMAND_ID, id),
    ];
    let updated = format!("{:.3}", Timestamp::now());
    let changes = [("status", json!(status)), ("updatedAt", json!(updated))];
    stack.set(table::COMMANDS, &key, &changes).await
}
