//! What happens while a function fails, and afterwards. Each test here runs alone.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::{Ca, Device, Fleet, Remote, Stack, eventually, quiet, serial};

/// `scripts/bench` does it with five hundred.
const DEVICES: usize = 100;

/// A fleet connects at once for the first time while `alert` fails.
#[tokio::test]
async fn while_alert_fails_every_device_gets_in_no_event_is_lost_and_one_command_sends_all_alerts()
-> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let url = stack.alerts_queue(&json!({"userId": [owner.id]})).await?;
    let queue = stack.queue(&url);
    let fleet = Fleet::new(&stack, DEVICES).await?;
    let before = stack.failed().len().await?;

    stack
        .outage("alert", &["*"], async || {
            let report = fleet.fly(&stack, &owner, 1).await?;
            fleet.is_in(&stack, &report).await?;
            ensure!(report["confirmed"]["events"] == DEVICES, "{report}");
            eventually("all failures", async || {
                let failed = stack.failed().len().await?.saturating_sub(before);
                ensure!(failed >= DEVICES, "{failed} of {DEVICES}");
                Ok(Some(()))
            })
            .await
        })
        .await?;
    for serial in &fleet.serials {
        let stored = stack.events(&owner.id, serial).await?.len();
        ensure!(stored == 1, "{stored} events of {serial}");
    }
    ensure!(queue.len().await? == 0, "an alert was sent");

    let printed = stack.replay("alert").await?;
    ensure!(printed.contains(" sent again"), "{printed}");
    let sent = queue.take_all("the alerts", DEVICES, |_| true).await?;
    let devices: BTreeSet<_> = sent
        .iter()
        .map(|it| it["MessageAttributes"]["deviceId"]["Value"].to_string())
        .collect();
    assert_eq!(devices.len(), DEVICES);

    // Nothing is left, and nothing comes twice.
    let printed = stack.replay("alert").await?;
    ensure!(printed.contains("nothing to send again"), "{printed}");
    quiet().await;
    assert_eq!(queue.len().await?, 0);
    let count = stack.api(&owner).read("/devices/alerts/count").await?;
    assert_eq!(count, json!({"alertsCount": DEVICES}));
    Ok(())
}

#[tokio::test]
async fn a_command_that_cannot_be_sent_has_failed_and_left_nothing_behind() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    let done = remote.send("set-temp", json!(70)).await?;
    remote.answered(&done, "success").await?;

    for action in ["iot:Publish", "iot:UpdateThingShadow"] {
        let answer = stack
            .outage("command", &[action], async || {
                remote.ask("set-temp", &json!(80)).await
            })
            .await?;
        ensure!(
            matches!(answer.status, 500 | 503),
            "{action}: {} {}",
            answer.status,
            answer.text
        );
        let newest = remote.api().read(&remote.path()).await?["items"][0].clone();
        assert_eq!(newest["value"], 80, "{action}: {newest}");
        assert_eq!(
            (&newest["status"], &newest["reason"]),
            (&json!("failed"), &json!("not sent")),
            "{action}: {newest}"
        );
        stack.sweep().await?;
        assert_eq!(remote.desired().await?, json!({"targetTemperature": 70}));
        let row = remote.row(&newest).await?;
        assert_eq!(row[contract::table::OPEN], Value::Null, "{action}: {row}");
    }
    Ok(())
}

#[tokio::test]
async fn a_command_with_a_key_that_cannot_be_sent_is_sent_by_the_next_attempt() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    let (path, key) = (remote.path(), serial());
    let body = json!({"command": "set-temp", "value": 80});
    let ask = async || remote.api().post_once(&path, &key, &body).await;

    let answer = stack.outage("command", &["iot:Publish"], ask).await?;
    ensure!(matches!(answer.status, 500 | 503), "{}", answer.text);
    let mut client = device.mqtt(&stack).subscribe(&[&remote.topic()]).await?;
    let made = ask().await?.ok()?;
    let (_, heard) = client.next().await?.context("the command")?;
    let heard: Value = serde_json::from_str(&heard)?;
    assert_eq!(heard["commandId"], made["commandId"]);
    assert_eq!(remote.api().pages(&path).await?, [made]);
    assert_eq!(remote.desired().await?, json!({"targetTemperature": 80}));
    Ok(())
}

#[tokio::test]
async fn an_answer_that_could_not_be_handled_is_handled_when_it_is_sent_again() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    let made = remote.send("set-temp", json!(72)).await?;
    let before = stack.failed().len().await?;
    stack
        .outage("command-outcome", &["dynamodb:UpdateItem"], async || {
            remote.answer(&made, "success", None).await?;
            eventually("the failure", async || {
                Ok((stack.failed().len().await? > before).then_some(()))
            })
            .await
        })
        .await?;
    assert_eq!(remote.now(&made).await?["status"], "pending");
    stack.replay("command-outcome").await?;
    remote.ended(&made, "success", None).await?;
    Ok(())
}
