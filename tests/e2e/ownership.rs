//! A device changes hands.

use anyhow::Result;
use serde_json::{Value, json};
use tests::{Ca, Device, Owner, Stack, eventually};

#[tokio::test]
async fn former_and_present_owners_of_a_device_are_strangers_to_each_other() -> Result<()> {
    let stack = Stack::connect().await?;
    let (anna, ben) = (stack.owner().await?, stack.owner().await?);
    let device = Device::of(&stack, &anna, &Ca::registered(&stack).await?).await?;
    let annas = tell(&stack, &anna, &device, "anna").await?;
    let path = format!("/devices/{}/events", device.serial);
    let stranger = stack.api(&ben).get(&path).await?;

    stack.api(&anna).release(&device).await?;
    assert_eq!(stack.api(&anna).get(&path).await?.body, stranger.body);
    stack.api(&ben).register(&device.serial).await?.ok()?;
    device.join(&stack).await?;
    assert!(stack.api(&ben).said(&path).await?.is_empty());
    let bens = tell(&stack, &ben, &device, "ben").await?;

    // The same message of two owners' times is two events.
    assert_eq!(annas["messageId"], bens["messageId"]);
    assert_ne!(annas["id"], bens["id"]);

    let everywhere = [
        path.clone(),
        format!("/devices/events?deviceId={}", device.serial),
        format!("/devices/alerts?deviceId={}", device.serial),
    ];
    let refused = stack.api(&anna).get(&path).await?;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (400, &json!("DeviceNotFoundFailure"))
    );
    assert_eq!(refused.body, stranger.body);
    for (owner, others) in [(&anna, &bens), (&ben, &annas)] {
        for list in ["/devices/events", "/devices/alerts"]
            .into_iter()
            .map(str::to_owned)
            .chain(everywhere.clone())
        {
            let answer = stack.api(owner).get(&list).await?;
            let text = answer.body.to_string();
            assert!(
                !text.contains(others["id"].as_str().unwrap_or("?")),
                "{list}: {text}"
            );
        }
    }
    assert_eq!(
        stack.api(&ben).read("/devices/alerts/count").await?["alertsCount"],
        1
    );
    assert_eq!(
        stack.api(&anna).status_of(&device.serial).await?.as_deref(),
        Some("deleted")
    );
    assert_eq!(
        stack.api(&ben).status_of(&device.serial).await?.as_deref(),
        Some("complete")
    );
    Ok(())
}

#[tokio::test]
async fn each_of_three_owners_in_turn_starts_empty_the_first_one_again_too() -> Result<()> {
    let stack = Stack::connect().await?;
    let owners = [
        stack.owner().await?,
        stack.owner().await?,
        stack.owner().await?,
    ];
    let device = Device::of(&stack, &owners[0], &Ca::registered(&stack).await?).await?;
    let path = format!("/devices/{}/events", device.serial);
    tell(&stack, &owners[0], &device, "the first time").await?;

    let mut before = &owners[0];
    for (turn, owner) in [&owners[1], &owners[2], &owners[0]].into_iter().enumerate() {
        stack.api(before).release(&device).await?;
        stack.api(owner).register(&device.serial).await?.ok()?;
        device.join(&stack).await?;
        assert!(
            stack.api(owner).said(&path).await?.is_empty(),
            "owner {turn} starts with events"
        );
        let text = format!("turn {turn}");
        tell(&stack, owner, &device, &text).await?;
        let events = stack.api(owner).said(&path).await?;
        assert_eq!(events.len(), 1, "{events:?}");
        assert_eq!(events[0]["message"], text);
        before = owner;
    }
    assert_eq!(stack.product(&device.serial).await?["claims"], 4);
    Ok(())
}

#[tokio::test]
async fn a_device_that_nobody_owns_any_more_is_not_heard() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let payload = json!({"type": "error", "messageId": "late"}).to_string();
    stack.api(&owner).release(&device).await?;
    // Its last message, on its way when the owner let go.
    stack
        .send(
            "event-proxy",
            &Stack::rule_event(&device.serial, payload.as_bytes()),
        )
        .await?;
    let (reason, kept) = stack.rejected().rejection_of(&device.serial).await?;
    assert!(reason.contains("not registered"), "{reason}");
    assert_eq!(kept, payload.as_bytes());
    assert!(stack.events(&owner.id, &device.serial).await?.is_empty());
    Ok(())
}

/// Has the device report an error; returns the event as `owner` reads it.
async fn tell(stack: &Stack, owner: &Owner, device: &Device, text: &str) -> Result<Value> {
    device
        .event(
            stack,
            &json!({"type": "error", "messageId": "m-1", "message": text}),
        )
        .await?;
    eventually("the event in the owner's list", async || {
        let page = stack
            .api(owner)
            .read(&format!(
                "/devices/{}/events?eventType=error",
                device.serial
            ))
            .await?;
        Ok(page["items"].get(0).cloned())
    })
    .await
}
