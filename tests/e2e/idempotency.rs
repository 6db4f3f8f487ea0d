//! `Idempotency-Key`: a command that is asked for twice is one command.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::{Ca, Device, Remote, Stack, serial};
use tokio::task::JoinSet;

#[tokio::test]
async fn the_same_key_and_body_are_the_same_command_as_it_is_now() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    let (api, path, key) = (remote.api(), remote.path(), serial());
    let body = json!({"command": "set-temp", "value": 72, "details": {"a": [1, 2.5]}});
    let mut client = device.mqtt(&stack).subscribe(&[&remote.topic()]).await?;

    let made = api.post_once(&path, &key, &body).await?.ok()?;
    // The same JSON in other words is the same body.
    let again = json!({"details": {"a": [1, 2.5]}, "value": 72.0, "command": "set-temp"});
    assert_eq!(api.post_once(&path, &key, &again).await?.ok()?, made);
    assert_eq!(api.pages(&path).await?, std::slice::from_ref(&made));
    // As long as nobody has answered, it may have got lost: it is sent again.
    for _ in 0..2 {
        let (_, heard) = client.next().await?.context("a command")?;
        let heard: Value = serde_json::from_str(&heard)?;
        assert_eq!(heard["commandId"], made["commandId"]);
    }

    remote.answered(&made, "success").await?;
    let ended = remote.now(&made).await?;
    assert_eq!(ended["status"], "success");
    assert_eq!(api.post_once(&path, &key, &body).await?.ok()?, ended);
    let next = api.post_once(&path, &serial(), &body).await?.ok()?;
    assert_ne!(next["commandId"], made["commandId"]);
    let (_, heard) = client.next().await?.context("the next command")?;
    let heard: Value = serde_json::from_str(&heard)?;
    assert_eq!(heard["commandId"], next["commandId"], "sent after its end");
    Ok(())
}

#[tokio::test]
async fn the_same_key_with_another_body_is_a_conflict() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let ca = Ca::new()?;
    let device = Device::pending(&stack, &owner, &ca).await?;
    let remote = Remote::new(&stack, &owner, &device);
    let (api, path, key) = (remote.api(), remote.path(), serial());
    let body = json!({"command": "set-temp", "value": 72});
    let made = api.post_once(&path, &key, &body).await?.ok()?;
    for other in [
        json!({"command": "set-temp", "value": 73}),
        json!({"command": "set-temp", "value": 72.5}),
        json!({"command": "set-mode", "value": "AC"}),
        json!({"command": "set-temp", "value": 72, "details": {}}),
    ] {
        let answer = api.post_once(&path, &key, &other).await?;
        let message = answer.refused(409, "IdempotencyConflict")?;
        ensure!(message.to_lowercase().contains("key"), "{message}");
    }
    assert_eq!(api.pages(&path).await?, std::slice::from_ref(&made));

    // Another device, another owner, another time: another command.
    let second = Device::pending(&stack, &owner, &ca).await?;
    let elsewhere = Remote::new(&stack, &owner, &second).path();
    let other = api.post_once(&elsewhere, &key, &body).await?.ok()?;
    assert_ne!(other["commandId"], made["commandId"]);
    api.release(&device).await?;
    let ben = stack.owner().await?;
    for owner in [&ben, &owner] {
        let api = stack.api(owner);
        api.register(&device.serial).await?.ok()?;
        let fresh = json!({"command": "set-mode", "value": "OFF"});
        let fresh = api.post_once(&path, &key, &fresh).await?.ok()?;
        assert_ne!(fresh["commandId"], made["commandId"]);
        api.release(&device).await?;
    }
    Ok(())
}

#[tokio::test]
async fn many_who_ask_at_once_with_one_key_make_one_command() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::pending(&stack, &owner, &Ca::new()?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    let (path, key) = (remote.path(), serial());
    let mut asking = JoinSet::new();
    for _ in 0..10 {
        let (stack, owner) = (stack.clone(), owner.clone());
        let (path, key) = (path.clone(), key.clone());
        let body = json!({"command": "set-temp", "value": 72});
        asking.spawn(async move {
            let api = stack.api(&owner);
            // Who meets another at work is told to come again.
            tests::patiently(|| api.post_once(&path, &key, &body)).await
        });
    }
    let mut ids = BTreeSet::new();
    while let Some(answer) = asking.join_next().await {
        ids.insert(answer??.ok()?["commandId"].to_string());
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(remote.api().pages(&path).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_and_nothing_is_done() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::pending(&stack, &owner, &Ca::new()?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    let body = json!({"command": "set-temp", "value": 72});
    for key in ["", "two words", &"x".repeat(129), "tab\there"] {
        let answer = remote.api().post_once(&remote.path(), key, &body).await?;
        let message = answer
            .refused(400, "InvalidParameter")
            .context(key.to_owned())?;
        ensure!(message.contains("128"), "{message}");
    }
    assert!(remote.api().pages(&remote.path()).await?.is_empty());
    let (api, longest) = (remote.api(), "~".repeat(128));
    api.post_once(&remote.path(), &longest, &body).await?.ok()?;
    Ok(())
}
