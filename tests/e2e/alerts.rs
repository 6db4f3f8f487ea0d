//! From an event to those who want to know of it, once each.

use anyhow::{Context, Result};
use contract::topic;
use serde_json::{Value, json};
use tests::{Ca, Device, Mqtt, Owner, Stack, eventually, quiet};

#[tokio::test]
async fn the_same_event_twice_is_one_event_one_alert_and_one_notification() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let url = stack.alerts_queue(&json!({"userId": [owner.id]})).await?;
    let queue = stack.queue(&url);
    let identity = stack.console(&owner.id).await?;
    let alerts = format!("{}/{}", topic::ALERTS, owner.id);
    let name = format!("console-{}", owner.id);
    let mut console = Mqtt::new(&stack, &identity, &name)
        .subscribe(&[&alerts])
        .await?;

    let event =
        json!({"type": "error", "messageId": "m-1", "message": "Sensor fault", "value": 451});
    for _ in 0..3 {
        device.event(&stack, &event).await?;
    }
    let (topic, shown) = console
        .next()
        .await?
        .context("an alert on the console's topic")?;
    assert_eq!(topic, alerts);
    let shown: Value = serde_json::from_str(&shown)?;
    let first = queue.take("an alert of the topic", |_| true).await?;

    // Again after all was done: by the device, by a rule and by `event-proxy`.
    device.event(&stack, &event).await?;
    let again = Stack::rule_event(&device.serial, event.to_string().as_bytes());
    stack.send("event-proxy", &again).await?;
    device
        .event(&stack, &json!({"type": "warning", "messageId": "m-2"}))
        .await?;
    let (_, second) = console.next().await?.context("a second alert")?;
    assert_eq!(serde_json::from_str::<Value>(&second)?["messageId"], "m-2");
    let last = queue
        .take("the second alert", |it| message(it)["messageId"] == "m-2")
        .await?;
    quiet().await;
    assert_eq!(queue.len().await?, 0, "an alert came twice on the topic");

    // All of them show the event as the API does.
    let api = stack.api(&owner);
    let stored = api.pages("/devices/alerts").await?;
    assert_eq!(ids(&stored), ["m-2", "m-1"]);
    assert_eq!(stack.events(&owner.id, &device.serial).await?.len(), 2);
    assert_eq!(shown, stored[1]);
    assert_eq!(message(&first), stored[1]);
    assert_eq!(message(&last), stored[0]);
    assert_eq!(
        attributes(&first),
        json!({"userId": owner.id, "deviceId": device.serial, "type": "error"})
    );
    assert_eq!(
        api.read("/devices/alerts/count").await?,
        json!({"alertsCount": 2})
    );

    // Nothing more reached the console: a sign of our own is the next.
    stack.publish(&alerts, "the end").await?;
    let end = console.next().await?.context("the end")?;
    assert_eq!(end.1, "the end");
    Ok(())
}

#[tokio::test]
async fn subscribers_filter_alerts_by_user_device_and_type() -> Result<()> {
    let stack = Stack::connect().await?;
    let (anna, ben) = (stack.owner().await?, stack.owner().await?);
    let ca = Ca::registered(&stack).await?;
    let [first, second] = [
        Device::of(&stack, &anna, &ca).await?,
        Device::of(&stack, &anna, &ca).await?,
    ];
    let other = Device::of(&stack, &ben, &ca).await?;
    let mut queues = Vec::new();
    for filter in [
        json!({"userId": [anna.id]}),
        json!({"deviceId": [second.serial]}),
        json!({"userId": [anna.id], "type": ["error"]}),
    ] {
        queues.push(stack.alerts_queue(&filter).await?);
    }

    other
        .event(&stack, &json!({"type": "error", "messageId": "other"}))
        .await?;
    first
        .event(&stack, &json!({"type": "error", "messageId": "first"}))
        .await?;
    second
        .event(&stack, &json!({"type": "warning", "messageId": "second"}))
        .await?;

    for (url, wanted) in queues
        .iter()
        .zip([&["first", "second"][..], &["second"], &["first"]])
    {
        let queue = stack.queue(url);
        for id in wanted {
            queue.take(id, |it| message(it)["messageId"] == *id).await?;
        }
    }
    quiet().await;
    for url in &queues {
        assert_eq!(
            stack.queue(url).len().await?,
            0,
            "a filter let too much through"
        );
    }
    Ok(())
}

#[tokio::test]
async fn only_types_in_the_alert_level_are_alerts() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let url = stack.alerts_queue(&json!({"userId": [owner.id]})).await?;
    let api = stack.api(&owner);

    publish_each_type(&stack, &device).await?;
    all_stored(&stack, &owner, &device).await?;
    assert_eq!(
        sorted(ids(&api.pages("/devices/alerts").await?)),
        ["error", "warning"]
    );

    stack
        .alert_level(&owner, &["info", "diagnostic", "warning"])
        .await?;
    assert_eq!(
        sorted(ids(&api.pages("/devices/alerts").await?)),
        ["diagnostic", "info", "warning"]
    );
    assert_eq!(
        api.read("/devices/alerts/count").await?,
        json!({"alertsCount": 3})
    );
    stack.alert_level(&owner, &[]).await?;
    assert!(api.pages("/devices/alerts").await?.is_empty());
    assert_eq!(
        api.read("/devices/alerts/count").await?,
        json!({"alertsCount": 0})
    );

    // What was sent is what the level said when the event came.
    let queue = stack.queue(&url);
    for kind in ["error", "warning"] {
        queue.take(kind, |it| message(it)["type"] == kind).await?;
    }
    quiet().await;
    assert_eq!(
        queue.len().await?,
        0,
        "an event outside the alert level was sent"
    );
    Ok(())
}

#[tokio::test]
async fn filters_of_events_and_alerts_keep_what_they_name() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let ca = Ca::registered(&stack).await?;
    let [one, two] = [
        Device::of(&stack, &owner, &ca).await?,
        Device::of(&stack, &owner, &ca).await?,
    ];
    for device in [&one, &two] {
        publish_each_type(&stack, device).await?;
        all_stored(&stack, &owner, device).await?;
    }
    let (one, two) = (&one.serial, &two.serial);
    let api = stack.api(&owner);
    let all = ["diagnostic", "error", "info", "warning"];
    for (path, wanted) in [
        (format!("/devices/{one}/events"), &all[..]),
        (format!("/devices/{one}/events?limit=1"), &all),
        (format!("/devices/{one}/events?eventType=info"), &["info"]),
        (format!("/devices/events?deviceId={two}"), &all),
        (
            format!("/devices/events?deviceId={two}&eventType=error&limit=1"),
            &["error"],
        ),
        (
            "/devices/events?eventType=info&limit=1".to_owned(),
            &["info", "info"],
        ),
        (
            format!("/devices/alerts?deviceId={two}"),
            &["error", "warning"],
        ),
        (
            "/devices/alerts?limit=1".to_owned(),
            &["error", "error", "warning", "warning"],
        ),
    ] {
        assert_eq!(sorted(ids(&api.said(&path).await?)), wanted, "{path}");
    }
    let page = api
        .read(&format!("/devices/events?deviceId={two}&eventType=error"))
        .await?;
    assert_eq!(
        (&page["deviceId"], &page["eventType"]),
        (&json!(two), &json!("error"))
    );
    Ok(())
}

/// One event of each type; its message id is its type.
async fn publish_each_type(stack: &Stack, device: &Device) -> Result<()> {
    for kind in ["error", "warning", "info", "diagnostic"] {
        device
            .event(stack, &json!({"type": kind, "messageId": kind}))
            .await?;
    }
    Ok(())
}

async fn all_stored(stack: &Stack, owner: &Owner, device: &Device) -> Result<()> {
    eventually("four events", async || {
        Ok((stack.events(&owner.id, &device.serial).await?.len() == 4).then_some(()))
    })
    .await
}

fn ids(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|it| it["messageId"].as_str())
        .collect()
}

fn sorted(mut words: Vec<&str>) -> Vec<&str> {
    words.sort_unstable();
    words
}

/// The alert inside the envelope in which SNS sends it to a queue.
fn message(envelope: &Value) -> Value {
    serde_json::from_str(envelope["Message"].as_str().unwrap_or_default()).unwrap_or_default()
}

/// Its message attributes, without their data type.
fn attributes(envelope: &Value) -> Value {
    let attributes = envelope["MessageAttributes"]
        .as_object()
        .into_iter()
        .flatten();
    attributes
        .map(|(name, it)| (name.clone(), it["Value"].clone()))
        .collect()
}
