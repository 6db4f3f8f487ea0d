//! One event, and what its owner says about it.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::{Api, Ca, Device, Owner, Stack};
use tokio::task::JoinSet;

#[tokio::test]
async fn each_flag_is_set_and_taken_back_by_itself_and_alerts_follow() -> Result<()> {
    let (stack, owner, device) = world().await?;
    let api = stack.api(&owner);
    let path = event(&stack, &owner, &device, "m-1").await?;
    let first = api.read(&path).await?;
    assert_eq!(
        (&first["ack"], &first["suppress"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(first["updatedAt"], first["createdAt"]);

    for (sent, ack, suppress) in [
        (json!({"ack": true}), true, false),
        (json!({"suppress": true}), true, true),
        (json!({"ack": true}), true, true),
        (json!({"ack": false}), false, true),
        (json!({"suppress": false}), false, false),
        (json!({"suppress": false, "ack": true}), true, false),
        (json!({"ack": false, "suppress": true}), false, true),
        (json!({"ack": false, "suppress": false}), false, false),
        (json!({"ack": true, "suppress": true}), true, true),
    ] {
        let stored = api.put(&path, &sent).await?.ok()?;
        let mut expected = first.clone();
        expected["ack"] = json!(ack);
        expected["suppress"] = json!(suppress);
        expected["updatedAt"] = stored["updatedAt"].clone();
        assert_eq!(stored, expected, "{sent}");
        assert!(stored["updatedAt"].as_str() >= first["createdAt"].as_str());
        assert_eq!(api.read(&path).await?, stored);
        assert_eq!(
            api.pages("/devices/events").await?,
            std::slice::from_ref(&stored)
        );
        let alerts = if ack || suppress {
            vec![]
        } else {
            vec![stored]
        };
        follows(&api, &alerts)
            .await
            .with_context(|| sent.to_string())?;
    }
    Ok(())
}

#[tokio::test]
async fn a_bad_update_names_what_is_wrong_and_changes_nothing() -> Result<()> {
    let (stack, owner, device) = world().await?;
    let api = stack.api(&owner);
    let path = event(&stack, &owner, &device, "m-1").await?;
    let before = api.read(&path).await?;
    for (body, says) in [
        (json!({}), "`ack`"),
        (json!({"ack": null}), "`ack`"),
        (json!({"ack": "true"}), "`ack`"),
        (json!({"ack": 1}), "`ack`"),
        (json!({"ack": true, "suppress": []}), "`suppress`"),
        (json!({"ack": true, "type": "info"}), "`type`"),
        (json!({"ack": true, "Ack": true}), "`Ack`"),
        (json!({"ack": true, "userId": "x"}), "`userId`"),
    ] {
        let answer = api.put(&path, &body).await?;
        assert_eq!(
            answer.error(),
            (400, "BadRequest"),
            "{body}: {}",
            answer.text
        );
        assert!(answer.text.contains(says), "{body}: {}", answer.text);
    }
    assert_eq!(api.read(&path).await?, before);
    Ok(())
}

#[tokio::test]
async fn an_event_of_another_device_or_an_earlier_registration_is_missing() -> Result<()> {
    let (stack, owner, device) = world().await?;
    let other = Device::pending(&stack, &owner, &Ca::new()?).await?;
    let api = stack.api(&owner);
    let path = event(&stack, &owner, &device, "m-1").await?;
    let id = path.rsplit('/').next().context("an id")?;

    let elsewhere = format!("/devices/{}/events/{id}", other.serial);
    missing(&api, &elsewhere).await?;
    api.release(&device).await?;
    api.register(&device.serial).await?.ok()?;
    missing(&api, &path).await?;
    assert!(
        api.pages(&format!("/devices/{}/events", device.serial))
            .await?
            .is_empty()
    );
    // It stays in the history of all devices.
    let history = api.pages("/devices/events").await?;
    assert_eq!((history.len(), &history[0]["id"]), (1, &json!(id)));

    // The same message again is another event now.
    let again = event(&stack, &owner, &device, "m-1").await?;
    assert_ne!(again, path);
    api.put(&again, &json!({"ack": true})).await?.ok()?;
    let history = api.pages("/devices/events").await?;
    assert_eq!(
        (&history[0]["ack"], &history[1]["ack"]),
        (&json!(true), &json!(false))
    );
    Ok(())
}

#[tokio::test]
async fn clients_that_change_different_flags_at_once_lose_nothing() -> Result<()> {
    let (stack, owner, device) = world().await?;
    let mut changing = JoinSet::new();
    let mut paths = Vec::new();
    for number in 0..8 {
        let path = event(&stack, &owner, &device, &format!("m-{number}")).await?;
        for body in [json!({"ack": true}), json!({"suppress": true})] {
            for _ in 0..3 {
                let (stack, owner, path, body) =
                    (stack.clone(), owner.clone(), path.clone(), body.clone());
                changing.spawn(async move {
                    // Who keeps being overtaken is told to come back, as any client is.
                    loop {
                        let answer = stack.api(&owner).put(&path, &body).await?;
                        if answer.status != 503 {
                            return answer.ok();
                        }
                    }
                });
            }
        }
        paths.push(path);
    }
    while let Some(done) = changing.join_next().await {
        done??;
    }
    let api = stack.api(&owner);
    for path in &paths {
        let stored = api.read(path).await?;
        assert_eq!(
            (&stored["ack"], &stored["suppress"]),
            (&json!(true), &json!(true))
        );
    }
    follows(&api, &[]).await
}

#[tokio::test]
async fn whoever_comes_last_the_alerts_are_what_the_flags_say() -> Result<()> {
    let (stack, owner, device) = world().await?;
    let mut changing = JoinSet::new();
    for number in 0..5 {
        let path = event(&stack, &owner, &device, &format!("m-{number}")).await?;
        for round in 0..8 {
            let (stack, owner, path) = (stack.clone(), owner.clone(), path.clone());
            let flag = if round % 4 < 2 { "ack" } else { "suppress" };
            let body = json!({flag: round % 2 == 0});
            changing.spawn(async move {
                // Who keeps being overtaken is told to come back, as any client is.
                loop {
                    let answer = stack.api(&owner).put(&path, &body).await?;
                    if answer.status != 503 {
                        return answer.ok();
                    }
                }
            });
        }
    }
    while let Some(done) = changing.join_next().await {
        done??;
    }
    let api = stack.api(&owner);
    let mut events = api.pages("/devices/events").await?;
    assert_eq!(events.len(), 5);
    events.retain(|it| it["ack"] == false && it["suppress"] == false);
    follows(&api, &events).await
}

async fn world() -> Result<(Stack, Owner, Device)> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::pending(&stack, &owner, &Ca::new()?).await?;
    Ok((stack, owner, device))
}

/// Has the device report an error; returns the path of its event.
async fn event(stack: &Stack, owner: &Owner, device: &Device, id: &str) -> Result<String> {
    let message = json!({"type": "error", "messageId": id, "value": 1.5, "details": {"a": [1]}});
    let event = Stack::rule_event(&device.serial, message.to_string().as_bytes());
    stack.call("event-proxy", &event).await?;
    let path = format!("/devices/{}/events", device.serial);
    let newest = stack.api(owner).read(&format!("{path}?limit=1")).await?;
    ensure!(newest["items"][0]["messageId"] == id, "{newest}");
    let id = newest["items"][0]["id"].as_str().context("an id")?;
    Ok(format!("{path}/{id}"))
}

/// Asserts that list and number of alerts are `alerts`.
async fn follows(api: &Api<'_>, alerts: &[Value]) -> Result<()> {
    assert_eq!(api.pages("/devices/alerts").await?, alerts);
    let count = api.read("/devices/alerts/count").await?;
    assert_eq!(count, json!({"alertsCount": alerts.len()}));
    Ok(())
}

async fn missing(api: &Api<'_>, path: &str) -> Result<()> {
    for answer in [
        api.get(path).await?,
        api.put(path, &json!({"ack": true})).await?,
    ] {
        assert_eq!(answer.error(), (400, "MissingEvent"), "{}", answer.text);
    }
    Ok(())
}
