//! Page after page, while more comes in.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use contract::route;
use serde_json::{Value, json};
use tests::{Api, Ca, Device, Stack};

/// A warning now and then: none of the first pages of a list holds one.
const RARE: usize = 1_249;
/// Events of each of four devices.
const EACH: usize = 2_500;

#[tokio::test]
async fn a_rare_event_among_ten_thousand_is_seen_once_while_events_arrive() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let ca = Ca::new()?;
    let kind = |it: usize| {
        if it.is_multiple_of(RARE) {
            "warning"
        } else {
            "diagnostic"
        }
    };
    let mut devices = Vec::new();
    for _ in 0..4 {
        let device = Device::pending(&stack, &owner, &ca).await?;
        let told = |it| (kind(it), false);
        stack.history(&owner, &device.serial, EACH, told).await?;
        devices.push(device.serial);
    }
    let (rare, api) = (EACH.div_ceil(RARE), stack.api(&owner));
    let mut arrived = 0;
    for (path, old) in [
        (
            format!("/devices/{}/events?eventType=warning&limit=2", devices[0]),
            rare,
        ),
        (
            format!("/devices/events?eventType=warning&deviceId={}", devices[1]),
            rare,
        ),
        (
            "/devices/events?eventType=warning&limit=100".to_owned(),
            4 * rare,
        ),
    ] {
        // All that was there when the walk began, and nothing that came later.
        let here = path.contains(&devices[0]) || !path.contains("deviceId");
        let expected = old + if here { arrived } else { 0 };
        let (mut seen, mut pages) = (BTreeMap::<String, usize>::new(), 0);
        let mut next = Some(path.clone());
        while let Some(this) = next {
            let page = api.read(&this).await?;
            let scanned = page["ScannedCount"].as_u64().context("no ScannedCount")?;
            assert!(scanned <= 1_000, "{this} reads {scanned} rows");
            for event in page["items"].as_array().context("no items")? {
                *seen.entry(event["id"].to_string()).or_default() += 1;
            }
            // More comes in at the head of the list.
            for kind in ["warning", "info"] {
                arrive(&stack, &devices[0], kind, arrived).await?;
            }
            arrived += 1;
            pages += 1;
            next = following(&path, &page);
        }
        assert!(seen.values().all(|it| *it == 1), "{path}: {seen:?}");
        assert_eq!(seen.len(), expected, "{path}");
        // Bounded work for each page, and no more pages than that takes.
        assert!((2..=12).contains(&pages), "{path}: {pages} pages");
    }
    Ok(())
}

#[tokio::test]
async fn a_page_key_is_good_for_the_request_that_it_came_from() -> Result<()> {
    let stack = Stack::connect().await?;
    let (owner, stranger) = (stack.owner().await?, stack.owner().await?);
    let ca = Ca::new()?;
    let [one, two] = [
        Device::pending(&stack, &owner, &ca).await?,
        Device::pending(&stack, &owner, &ca).await?,
    ];
    let api = stack.api(&owner);
    for device in [&one, &two] {
        stack
            .history(&owner, &device.serial, 12, |it| {
                (["error", "info"][it % 2], true)
            })
            .await?;
        for number in 0..3 {
            let path = format!("/devices/{}/commands", device.serial);
            api.post(&path, &json!({"command": "set-temp", "value": 60 + number}))
                .await?
                .ok()?;
        }
    }
    let (one, two) = (&one.serial, &two.serial);
    // Each list, and each of its filters.
    let lists = [
        (route::REGISTRATION_LIST, "/registration?limit=1".to_owned()),
        (route::DEVICE_LIST, "/devices?limit=1".to_owned()),
        (route::EVENTS_OF_USER, "/devices/events?limit=1".to_owned()),
        (
            route::EVENTS_OF_USER,
            "/devices/events?limit=1&eventType=error".to_owned(),
        ),
        (
            route::EVENTS_OF_USER,
            format!("/devices/events?limit=1&deviceId={one}"),
        ),
        (
            route::EVENTS_OF_USER,
            format!("/devices/events?limit=1&deviceId={two}"),
        ),
        (route::ALERTS, "/devices/alerts?limit=1".to_owned()),
        (
            route::ALERTS,
            format!("/devices/alerts?limit=1&deviceId={one}"),
        ),
        (
            route::EVENTS_OF_DEVICE,
            format!("/devices/{one}/events?limit=1"),
        ),
        (
            route::EVENTS_OF_DEVICE,
            format!("/devices/{two}/events?limit=1"),
        ),
        (
            route::EVENTS_OF_DEVICE,
            format!("/devices/{one}/events?limit=1&eventType=info"),
        ),
        (
            route::COMMAND_LIST,
            format!("/devices/{one}/commands?limit=1"),
        ),
        (
            route::COMMAND_LIST,
            format!("/devices/{two}/commands?limit=1"),
        ),
        (
            route::COMMAND_LIST,
            format!("/devices/{one}/commands?limit=1&commandStatus=pending"),
        ),
    ];
    let mut keys = Vec::new();
    for (_, list) in &lists {
        keys.push(key(&api, list).await?);
    }
    for (at, (route, list)) in lists.iter().enumerate() {
        let own = &keys[at];
        api.read(&format!("{list}&lastevalkey={own}")).await?;
        // A page's size is no part of what is asked for.
        let larger = list.replace("limit=1", "limit=2");
        api.read(&format!("{larger}&lastevalkey={own}")).await?;

        let foreign = keys
            .iter()
            .enumerate()
            .filter(|it| it.0 != at)
            .map(|it| it.1.clone());
        for bad in foreign.chain(made_up(own)) {
            let answer = api.get(&format!("{list}&lastevalkey={bad}")).await?;
            assert_eq!(
                answer.error(),
                (400, "InvalidParameter"),
                "{route}, {list}, {bad}: {}",
                answer.text
            );
            assert!(answer.text.contains("`lastevalkey`"), "{}", answer.text);
        }
        // Another user's key, in the same request.
        let answer = stack
            .api(&stranger)
            .get(&format!("{list}&lastevalkey={own}"))
            .await?;
        assert_eq!(answer.status, 400, "{route}, {list}: {}", answer.text);
    }
    Ok(())
}

/// Keys that no page had.
fn made_up(key: &str) -> Vec<String> {
    let mut bad: Vec<_> = ["", "x", "%00", "e30", "eyJpZCI6IngifQ", "%F0%9F%8C%A1"]
        .map(str::to_owned)
        .into();
    bad.push("A".repeat(5_000));
    bad.push(format!("{key}A"));
    bad.push(key[..key.len() - 2].to_owned());
    // One character changed, at the beginning, within and at the end.
    for at in [0, key.len() / 2, key.len() - 1] {
        let mut changed = key.to_owned();
        let other = if changed[at..].starts_with('B') {
            "C"
        } else {
            "B"
        };
        changed.replace_range(at..=at, other);
        bad.push(changed);
    }
    bad
}

/// The key to the second page of `list`, wherever the list puts it.
async fn key(api: &Api<'_>, list: &str) -> Result<String> {
    let answer = api.get(list).await?;
    let linked = answer.next().map(str::to_owned);
    let page = answer.ok()?;
    if let Some(key) = page["LastEvaluatedKey"].as_str() {
        return Ok(key.to_owned());
    }
    let link = linked.with_context(|| format!("{list} has no second page: {page}"))?;
    let (_, key) = link
        .split_once("lastevalkey=")
        .context("no key in the link")?;
    Ok(key.to_owned())
}

fn following(path: &str, page: &Value) -> Option<String> {
    Some(format!(
        "{path}&lastevalkey={}",
        page["LastEvaluatedKey"].as_str()?
    ))
}

async fn arrive(stack: &Stack, device: &str, kind: &str, number: usize) -> Result<()> {
    let message = json!({"type": kind, "messageId": format!("new-{kind}-{number}")}).to_string();
    stack
        .call(
            "event-proxy",
            &Stack::rule_event(device, message.as_bytes()),
        )
        .await?;
    Ok(())
}
