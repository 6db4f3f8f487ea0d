//! Sending commands, and what becomes of them.

use anyhow::{Context, Result, ensure};
use contract::table;
use serde_json::{Value, json};
use tests::{Remote, Stack};
use uuid::Uuid;

use crate::world::World;

pub(super) async fn command(world: &World) -> Result<()> {
    let remote = world.remote();
    let api = remote.api();
    let sent = remote.send("set-temp", json!(70)).await?;
    remote.now(&sent).await?;

    let (key, body) = (
        Uuid::new_v4().to_string(),
        json!({"command": "set-temp", "value": 71}),
    );
    let mut ids = Vec::new();
    for _ in 0..2 {
        let answer = api.post_once(&remote.path(), &key, &body).await?;
        ids.push(answer.ok()?["commandId"].clone());
    }
    ensure!(ids[0] == ids[1], "sent twice: {ids:?}");

    // One that cannot be sent is ended, and taken back.
    let refused = async || remote.ask("set-temp", &json!(72)).await;
    let refused = world.stack.outage("command", &["iot:Publish"], refused);
    let refused = Box::pin(refused).await?;
    ensure!(refused.status >= 500, "{refused:?}");
    let newest = api.read(&remote.path()).await?["items"][0].take();
    ensure!(newest["reason"] == "not sent", "{newest}");
    let row = remote.row(&newest).await?;
    ensure!(row[table::OPEN].is_null(), "{row}");
    wants(&remote, 71).await
}

pub(super) async fn command_outcome(world: &World) -> Result<()> {
    let (stack, remote) = (&world.stack, world.remote());
    let kept = remote.send("set-temp", json!(80)).await?;
    remote.answered(&kept, "success").await?;
    let failed = remote.send("set-temp", json!(81)).await?;
    remote.answered(&failed, "failed").await?;
    wants(&remote, 80).await?;

    let overdue = remote.send("set-temp", json!(82)).await?;
    make_overdue(stack, &remote, &overdue).await?;
    stack.sweep().await?;
    let row = remote.row(&overdue).await?;
    ensure!(row["status"] == "failed", "{row}");
    ensure!(row[table::OPEN].is_null(), "{row}");
    wants(&remote, 80).await?;

    // Of a command that there is not: that goes to the queue of rejected messages.
    let unknown = json!({"commandId": Uuid::now_v7()});
    remote.answered(&unknown, "success").await
}

async fn wants(remote: &Remote<'_>, temperature: u32) -> Result<()> {
    let desired = remote.desired().await?;
    ensure!(
        desired == json!({"targetTemperature": temperature}),
        "{desired}, not {temperature}"
    );
    Ok(())
}

/// Moves the time that a device has for its answer into the past.
async fn make_overdue(stack: &Stack, remote: &Remote<'_>, command: &Value) -> Result<()> {
    let partition = format!("{}#{}", remote.owner.id, remote.device.serial);
    let key = [
        (table::USER_DEVICE, partition.as_str()),
        (
            table::COMMAND_ID,
            command["commandId"].as_str().context("no id")?,
        ),
    ];
    let past = [(table::DUE, json!("2026-01-01T00:00:00.000Z"))];
    stack.set(table::COMMANDS, &key, &past).await
}
