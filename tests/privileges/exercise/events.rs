//! Events of devices, and telling of them.

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use serde_json::{Value, json};
use tests::{Owner, Stack, serial};
use uuid::Uuid;

use crate::world::World;

pub(super) async fn event_proxy(world: &World) -> Result<()> {
    let (stack, device) = (&world.stack, &world.device.serial);
    let message = Uuid::new_v4();
    let event = json!({"type": "error", "messageId": message}).to_string();
    let event = Stack::rule_event(device, event.as_bytes());
    stack.call("event-proxy", &event).await?;
    let events = stack.events(&world.owner.id, device).await?;
    let stored = events.iter().any(|it| it["messageId"] == json!(message));
    ensure!(stored, "the event was not stored");
    // What is not valid goes to the queue of rejected messages.
    let nonsense = Stack::rule_event(device, b"nonsense");
    stack.call("event-proxy", &nonsense).await?;
    Ok(())
}

/// An alert of each kind, to a new owner: there is a daily cap.
pub(super) async fn alert(World { stack, .. }: &World) -> Result<()> {
    let owner = stack.owner().await?;
    stack.give_phone(&owner, true).await?;
    stack.notify(&owner).await?;
    let event = unread(stack, &owner).await?;
    let request = json!({
        "userId": owner.id,
        "deviceId": event["deviceId"],
        "id": event["id"],
        "type": "error",
        "claim": Uuid::new_v4(),
    });
    stack.call("alert", &request).await?;
    Ok(())
}

pub(super) async fn alert_cleanup(World { stack, owner, .. }: &World) -> Result<()> {
    let event = unread(stack, owner).await?;
    let device = event["deviceId"].as_str().context("no device")?;
    let leftovers = json!({
        "userId": owner.id,
        "deviceId": device,
        "registrationId": event["registrationId"],
        "since": Timestamp::UNIX_EPOCH.to_string(),
    });
    stack.call("alert-cleanup", &leftovers).await?;
    let event = stack.events(&owner.id, device).await?.pop();
    ensure!(event.context("no event")?["suppress"] == true);
    Ok(())
}

/// The row of an unread event of a device that is in the tables only.
async fn unread(stack: &Stack, owner: &Owner) -> Result<Value> {
    let device = serial();
    let rows = [(device.clone(), "complete")];
    stack.registrations(owner, &rows).await?;
    let history = stack.history(owner, &device, 1, |_| ("error", true));
    history.await?;
    let event = stack.events(&owner.id, &device).await?.pop();
    event.context("no event")
}
