//! What a device says about a command, and what others say about it.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::{Ca, Delivery, Device, Product, Remote, Stack, quiet};

#[tokio::test]
async fn the_devices_answer_ends_a_command_and_failures_are_taken_back() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    let long = "x".repeat(1_100);
    for (value, status, reason, kept) in [
        (70, "success", None, 70),
        (71, "failed", Some("jammed: \"Ventil\" – 2 °F"), 70),
        (72, "success", Some("was there already"), 72),
        (73, "failed", None, 72),
        (74, "failed", Some(long.as_str()), 72),
    ] {
        let made = remote.send("set-temp", json!(value)).await?;
        remote.wants(&json!({"targetTemperature": value})).await?;
        remote.answer(&made, status, reason).await?;
        let ended = remote
            .ended(&made, status, reason.map(|it| &it[..it.len().min(1_024)]))
            .await?;
        assert!(
            ended["updatedAt"].as_str() > made["createdAt"].as_str(),
            "{ended}"
        );
        // What a command that failed had set is what it was before.
        remote.wants(&json!({"targetTemperature": kept})).await?;
    }
    Ok(())
}

#[tokio::test]
async fn of_two_answers_the_first_counts() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    for (first, second) in [
        ("success", "failed"),
        ("failed", "success"),
        ("success", "success"),
        ("failed", "failed"),
    ] {
        let made = remote.send("set-mode", json!("AC")).await?;
        remote.answer(&made, first, None).await?;
        let ended = remote.ended(&made, first, None).await?;
        remote.answered(&made, second).await?;
        assert_eq!(remote.now(&made).await?, ended);
    }
    Ok(())
}

#[tokio::test]
async fn nobody_answers_for_another_device() -> Result<()> {
    let stack = Stack::connect().await?;
    let (anna, ben) = (stack.owner().await?, stack.owner().await?);
    let ca = Ca::registered(&stack).await?;
    let device = Device::of(&stack, &anna, &ca).await?;
    let neighbour = Device::of(&stack, &anna, &ca).await?;
    let stranger = Device::of(&stack, &ben, &ca).await?;
    let remote = Remote::new(&stack, &anna, &device);
    let made = remote.send("set-temp", json!(72)).await?;

    for other in [&neighbour, &stranger] {
        let answer = json!({
            "commandId": made["commandId"], "deviceId": device.serial, "status": "failed",
        })
        .to_string();
        // On the device's topic: the broker drops who is not the device.
        let client = other.mqtt(&stack);
        let dropped = client
            .publish(&remote.response(), answer.as_bytes())
            .await?;
        assert_eq!(dropped, Delivery::Refused);
        // On its own topic: there it has no such command.
        let own = Remote::new(&stack, &ben, other).response();
        let heard = client.publish(&own, answer.as_bytes()).await?;
        assert_eq!(heard, Delivery::Accepted);
        let (reason, kept) = stack.rejected().rejection_of(&other.serial).await?;
        ensure!(reason.contains("command"), "{reason}");
        assert_eq!(kept, answer.as_bytes());
    }
    quiet().await;
    assert_eq!(remote.now(&made).await?, made);
    remote.answer(&made, "success", None).await?;
    remote.ended(&made, "success", None).await?;
    Ok(())
}

#[tokio::test]
async fn each_answer_that_is_not_valid_is_kept_with_its_reason() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    let made = remote.send("set-temp", json!(72)).await?;
    let id = &made["commandId"];
    let text = |it: Value| it.to_string().into_bytes();
    let cases = [
        (b"ok".to_vec(), "not JSON"),
        (Vec::new(), "not JSON"),
        (b"\xff\xfe".to_vec(), "not JSON"),
        (text(json!(["success"])), "JSON object"),
        (text(json!({"status": "success"})), "`commandId`"),
        (
            text(json!({"commandId": 1, "status": "success"})),
            "`commandId`",
        ),
        (
            text(json!({"commandId": "1", "status": "success"})),
            "`commandId`",
        ),
        (text(json!({"commandId": id})), "`status`"),
        (
            text(json!({"commandId": id, "status": "pending"})),
            "`status`",
        ),
        (
            text(json!({"commandId": id, "status": "Success"})),
            "`status`",
        ),
        (
            text(json!({"commandId": id, "status": "failed", "reason": 1})),
            "`reason`",
        ),
        (
            text(json!({"commandId": id, "status": "success", "x": "x".repeat(9_000)})),
            "8192",
        ),
        (
            text(json!({
                "commandId": "018f2a3e-7c1d-7b5a-9e6f-3d2c1b0a9f8e", "status": "success",
            })),
            "command",
        ),
    ];
    for (payload, _) in &cases {
        let client = device.mqtt(&stack);
        let heard = client.publish(&remote.response(), payload).await?;
        assert_eq!(heard, Delivery::Accepted);
    }
    let mut kept = stack
        .rejected()
        .rejections_of(&device.serial, cases.len())
        .await?;
    for (payload, phrase) in &cases {
        let at = kept.iter().position(|(_, it)| it == payload);
        let at = at.with_context(|| format!("not kept: {}", String::from_utf8_lossy(payload)))?;
        let (reason, _) = kept.swap_remove(at);
        ensure!(
            reason.contains(phrase),
            "{reason:?} does not say {phrase:?}"
        );
    }
    assert_eq!(remote.now(&made).await?, made);
    Ok(())
}

#[tokio::test]
async fn a_former_owners_command_is_not_answered_any_more() -> Result<()> {
    let stack = Stack::connect().await?;
    let (anna, ben) = (stack.owner().await?, stack.owner().await?);
    let device = Product::sample("thermostat-1")?
        .device(&stack, &anna, &Ca::registered(&stack).await?)
        .await?;
    let annas = Remote::new(&stack, &anna, &device);
    let made = annas.send("set-temp", json!(72)).await?;
    stack.api(&anna).release(&device).await?;
    stack.api(&ben).register(&device.serial).await?.ok()?;
    device.join(&stack).await?;

    annas.answer(&made, "success", None).await?;
    let (reason, _) = stack.rejected().rejection_of(&device.serial).await?;
    ensure!(reason.contains("command"), "{reason}");
    assert_eq!(annas.row(&made).await?["status"], "pending");
    let bens = Remote::new(&stack, &ben, &device);
    assert!(bens.api().pages(&bens.path()).await?.is_empty());
    assert_eq!(bens.desired().await?, json!({}));
    Ok(())
}
