//! Live data: what an address shows to its user, and all that it does not.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use contract::topic;
use jiff::Timestamp;
use reqwest::Url;
use serde_json::json;
use tests::{Address, Ca, Delivery, Device, Owner, Product, Stack, live_path, serial};

use Delivery::{Accepted, Refused};

#[tokio::test]
async fn an_address_shows_what_happens_to_its_user_and_devices() -> Result<()> {
    let stack = Stack::connect().await?;
    let anna = stack.owner().await?;
    let ca = Ca::registered(&stack).await?;
    let device = Product::sample("thermostat-1")?
        .device(&stack, &anna, &ca)
        .await?;
    let id = &device.serial;
    let address = stack.api(&anna).live(&[id]).await?;
    let of = |topic: &str| topic.replace("{id}", id);
    let expected = [
        format!("{}/{}", topic::ALERTS, anna.id),
        of("smartproduct/telemetry/{id}"),
        of("$aws/things/{id}/shadow/update/documents"),
        of("smartproduct/commands/{id}"),
        of("smartproduct/commands/{id}/response"),
    ];
    assert_eq!(address.topics, expected);

    let mut listener = address.connect().await?.context("refused")?;
    for topic in &address.topics {
        assert_eq!(listener.subscribe(topic).await?, Accepted, "{topic}");
    }
    let measured = json!({"timestamp": 1_790_000_000_000_i64, "actualTemperature": 70.5});
    device
        .mqtt(&stack)
        .publish(&expected[1], measured.to_string().as_bytes())
        .await?;
    device
        .report(&stack, &json!({"powerStatus": "HEAT"}))
        .await?;
    device
        .event(&stack, &json!({"type": "error", "messageId": "m-1"}))
        .await?;
    let path = format!("/devices/{id}/commands");
    let command = json!({"command": "set-temp", "value": 72});
    let command = stack.api(&anna).post(&path, &command).await?.ok()?;
    let answer = json!({"commandId": command["commandId"], "status": "success"});
    device
        .mqtt(&stack)
        .publish(&expected[4], answer.to_string().as_bytes())
        .await?;

    let mut missing: BTreeSet<_> = expected.iter().cloned().collect();
    while !missing.is_empty() {
        let (topic, message) = listener.next().await?.context("the broker hung up")?;
        let says = match expected.iter().position(|it| *it == topic) {
            Some(0) => message["messageId"] == "m-1" && message["deviceId"] == *id,
            Some(1) => message == measured,
            Some(2) => message["current"]["state"].is_object(),
            Some(3) => message["commandId"] == command["commandId"],
            Some(4) => message == answer,
            _ => false,
        };
        ensure!(says, "{topic}: {message}");
        missing.remove(&topic);
    }
    Ok(())
}

#[tokio::test]
async fn an_address_lets_nobody_subscribe_to_more() -> Result<()> {
    let world = World::new().await?;
    let (mine, theirs) = (&world.device.serial, &world.other.serial);
    let anna = &world.anna.id;
    let refused = [
        format!("{}/{}", topic::ALERTS, world.bob.id),
        format!("{}/+", topic::ALERTS),
        format!("{}/#", topic::ALERTS),
        format!("{}/{anna}/#", topic::ALERTS),
        format!("{}/{theirs}", topic::TELEMETRY),
        format!("{}/+", topic::TELEMETRY),
        format!("{}/#", topic::TELEMETRY),
        format!("{}/{theirs}", topic::COMMANDS),
        format!("{}/{theirs}/{}", topic::COMMANDS, topic::RESPONSE),
        format!("{}/+/{}", topic::COMMANDS, topic::RESPONSE),
        format!("{}/{mine}/#", topic::COMMANDS),
        format!("{}/{mine}", topic::EVENT),
        format!("{}/{theirs}/shadow/update/documents", topic::THINGS),
        format!("{}/+/shadow/update/documents", topic::THINGS),
        format!("{}/+/shadow/#", topic::THINGS),
        format!("{}/{mine}/shadow/#", topic::THINGS),
        format!("{}/{mine}/shadow/get/accepted", topic::THINGS),
        format!("{}/#", topic::PRESENCE),
        format!("$share/group/{}/{}", topic::ALERTS, world.bob.id),
        "smartproduct/#".to_owned(),
        "$aws/#".to_owned(),
        "+/+/+".to_owned(),
        "#".to_owned(),
    ];
    let address = world.address().await?;
    for filter in &refused {
        // A broker may also hang up, so each has a connection of its own.
        let mut listener = address.connect().await?.context("refused")?;
        assert_eq!(listener.subscribe(filter).await?, Refused, "{filter}");
    }

    // It listens all the same to what is its own, and to nothing else.
    let mut listener = address.connect().await?.context("refused")?;
    let alerts = format!("{}/{anna}", topic::ALERTS);
    assert_eq!(listener.subscribe(&alerts).await?, Accepted);
    let event = |id: &str| json!({"type": "error", "messageId": id});
    world.other.event(&world.stack, &event("bobs")).await?;
    world.device.event(&world.stack, &event("annas")).await?;
    let (_, alert) = listener.next().await?.context("the broker hung up")?;
    assert_eq!(alert["messageId"], "annas");
    Ok(())
}

#[tokio::test]
async fn an_address_lets_nobody_publish() -> Result<()> {
    let world = World::new().await?;
    let address = world.address().await?;
    let id = &world.device.serial;
    let mut topics = address.topics.clone();
    topics.extend([
        format!("{}/{id}", topic::EVENT),
        format!("{}/{id}/shadow/update", topic::THINGS),
        format!("{}/{id}/shadow/delete", topic::THINGS),
        "anything".to_owned(),
    ]);
    for topic in &topics {
        let mut listener = address.connect().await?.context("refused")?;
        let done = listener.publish(topic, r#"{"state":{"desired":{"x":1}}}"#);
        assert_eq!(done.await?, Refused, "{topic}");
        let willing = address.connect_as(&address.client_id, Some(topic)).await?;
        assert!(willing.is_none(), "a last will on {topic}");
    }
    assert!(!world.stack.has_shadow(id).await?);
    Ok(())
}

#[tokio::test]
async fn an_address_takes_its_own_client_id_only() -> Result<()> {
    let world = World::new().await?;
    let address = world.address().await?;
    let again = world.address().await?;
    assert_ne!(address.client_id, again.client_id);
    let own = format!("console-{}-", world.anna.id);
    assert!(address.client_id.starts_with(&own));
    for client in [
        again.client_id.as_str(),
        &world.device.serial,
        &format!("console-{}", world.anna.id),
        &format!("console-{}-00000000", world.bob.id),
        &format!("{}x", address.client_id),
    ] {
        let connected = address.connect_as(client, None).await?;
        assert!(connected.is_none(), "{client}");
    }
    assert!(address.connect().await?.is_some());
    Ok(())
}

#[tokio::test]
async fn an_address_that_was_changed_lets_nobody_in() -> Result<()> {
    let world = World::new().await?;
    let address = world.address().await?;
    let other = world.stack.api(&world.bob).live(&[]).await?;
    // A valid one, of another session.
    let token = query(&other.url, "X-Amz-Security-Token")?;
    let signature = query(&address.url, "X-Amz-Signature")?;
    for (name, value) in [
        ("X-Amz-Signature", Some("0".repeat(64))),
        (
            "X-Amz-Signature",
            Some(signature.replace(&signature[..1], "g")),
        ),
        ("X-Amz-Signature", None),
        ("X-Amz-Expires", Some("86400".to_owned())),
        ("X-Amz-Date", Some("20200101T000000Z".to_owned())),
        ("X-Amz-Security-Token", Some(token)),
        ("X-Amz-Security-Token", None),
        ("X-Amz-Credential", None),
    ] {
        let changed = Address {
            url: changed(&address.url, name, value.as_deref()),
            ..address.clone()
        };
        let connected = changed.connect().await?;
        assert!(connected.is_none(), "{name} {value:?}");
    }
    assert!(address.connect().await?.is_some());
    Ok(())
}

#[tokio::test]
async fn an_address_ends_after_a_quarter_of_an_hour() -> Result<()> {
    let world = World::new().await?;
    let before = Timestamp::now();
    let address = world.address().await?;
    let lifetime = address.expires_at.parse::<Timestamp>()? - before;
    let seconds = lifetime.get_seconds();
    assert!((890..=930).contains(&seconds), "{seconds} s");
    assert_eq!(query(&address.url, "X-Amz-Expires")?, "900");
    assert_eq!(address.url.path(), "/mqtt");
    Ok(())
}

#[tokio::test]
async fn an_address_is_for_own_present_devices_only() -> Result<()> {
    let world = World::new().await?;
    let (mine, theirs) = (&world.device.serial, &world.other.serial);
    let (anna, bob) = (world.stack.api(&world.anna), world.stack.api(&world.bob));
    for devices in [&[theirs.as_str()][..], &[mine, theirs], &[&serial()]] {
        let answer = anna.get(&live_path(devices)).await?;
        answer.refused(400, "DeviceNotFoundFailure")?;
    }
    bob.get(&live_path(&[mine]))
        .await?
        .refused(400, "DeviceNotFoundFailure")?;

    let six = [mine.as_str(); 6];
    let answer = anna.get(&live_path(&six)).await?;
    let message = answer.refused(400, "InvalidParameter")?;
    assert!(message.contains("at most 5"), "{message}");
    for bad in ["", "+", "%23", "a%2Fb", "*"] {
        let answer = anna.get(&live_path(&[bad])).await?;
        answer.refused(400, "InvalidParameter")?;
    }

    anna.release(&world.device).await?;
    anna.get(&live_path(&[mine]))
        .await?
        .refused(400, "DeviceNotFoundFailure")?;
    assert_eq!(anna.live(&[]).await?.topics.len(), 1);
    Ok(())
}

#[tokio::test]
async fn an_address_takes_an_id_token() -> Result<()> {
    let world = World::new().await?;
    for token in [None, Some(world.anna.access_token.as_str())] {
        let answer = world.stack.api_with(token).get("/live").await?;
        assert_eq!(answer.status, 401);
        assert!(!answer.text.contains("X-Amz"), "{}", answer.text);
    }
    let answer = world.stack.api(&world.anna).get("/live").await?;
    let cached = answer.headers.get("cache-control").map(String::as_str);
    assert_eq!((answer.status, cached), (200, Some("no-store")));
    Ok(())
}

/// Anna with a device, Bob with another one.
struct World {
    stack: Stack,
    anna: Owner,
    bob: Owner,
    device: Device,
    other: Device,
}

impl World {
    async fn new() -> Result<Self> {
        let stack = Stack::connect().await?;
        let (anna, bob) = (stack.owner().await?, stack.owner().await?);
        let ca = Ca::registered(&stack).await?;
        Ok(Self {
            device: Device::of(&stack, &anna, &ca).await?,
            other: Device::of(&stack, &bob, &ca).await?,
            stack,
            anna,
            bob,
        })
    }

    /// An address for Anna and her device.
    async fn address(&self) -> Result<Address> {
        let api = self.stack.api(&self.anna);
        api.live(&[&self.device.serial]).await
    }
}

fn query(url: &Url, name: &str) -> Result<String> {
    let found = url.query_pairs().find(|(it, _)| it == name);
    let (_, value) = found.with_context(|| format!("no {name}"))?;
    Ok(value.into_owned())
}

/// `url` with another value of `name`, or without it.
fn changed(url: &Url, name: &str, value: Option<&str>) -> Url {
    let mut changed = url.clone();
    let mut query = changed.query_pairs_mut();
    query.clear();
    for (it, before) in url.query_pairs() {
        match value {
            _ if it != name => query.append_pair(&it, &before),
            Some(value) => query.append_pair(&it, value),
            None => &mut query,
        };
    }
    drop(query);
    changed
}
