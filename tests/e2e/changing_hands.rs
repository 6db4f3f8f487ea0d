//! Many users register, delete and acknowledge at once: what is left is what
//! one after the other could have left.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use contract::table;
use serde_json::json;
use tests::{Owner, Stack, eventually, patiently, serial};
use tokio::task::JoinSet;

/// Clients of each user.
const CLIENTS: usize = 3;
/// What each client does after the other.
const ROUNDS: usize = 6;

#[tokio::test]
async fn a_device_that_many_want_is_nobodys_or_ones_at_the_end() -> Result<()> {
    let stack = Stack::connect().await?;
    let users = Arc::new([
        stack.owner().await?,
        stack.owner().await?,
        stack.owner().await?,
    ]);
    let device = serial();
    stack.add_product(&device).await?;

    let won = Arc::new(AtomicUsize::new(0));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS * users.len() {
        let (stack, users, device, won) =
            (stack.clone(), users.clone(), device.clone(), won.clone());
        clients.spawn(async move {
            let user = &users[number % users.len()];
            for round in 0..ROUNDS {
                if (number + round) % 2 == 0 {
                    won.fetch_add(register(&stack, user, &device).await?, Ordering::Relaxed);
                    tell(&stack, &device, &format!("{number}-{round}")).await?;
                    acknowledge(&stack, user, &device).await?;
                } else {
                    delete(&stack, user, &device).await?;
                }
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = clients.join_next().await {
        done??;
    }
    let claims = won.load(Ordering::Relaxed);
    ensure!(claims > 1, "they never got in each other's way");
    assert_eq!(stack.product(&device).await?["claims"], claims);
    settled(&stack, users.as_ref(), &device).await?;

    // Whoever has it lets go of it, and then it is as if it had never been owned.
    for user in users.as_ref() {
        delete(&stack, user, &device).await?;
    }
    settled(&stack, users.as_ref(), &device).await?;
    assert!(stack.product(&device).await?["claimedBy"].is_null());
    assert!(!stack.has_thing(&device).await?);
    assert_eq!(register(&stack, &users[0], &device).await?, 1);
    settled(&stack, users.as_ref(), &device).await
}

#[tokio::test]
async fn what_a_device_says_while_it_is_deleted_is_no_alert_afterwards() -> Result<()> {
    let stack = Stack::connect().await?;
    let users = [stack.owner().await?];
    let device = serial();
    stack.add_product(&device).await?;
    for round in 0..ROUNDS {
        register(&stack, &users[0], &device).await?;
        let mut telling = JoinSet::new();
        for number in 0..8 {
            let (stack, device) = (stack.clone(), device.clone());
            telling.spawn(async move { tell(&stack, &device, &format!("{round}-{number}")).await });
        }
        // Later in each round: more is stored, and less comes too late.
        for _ in 0..round {
            telling.join_next().await.context("an event")???;
        }
        delete(&stack, &users[0], &device).await?;
        while let Some(done) = telling.join_next().await {
            done??;
        }
    }
    let stored = stack.events(&users[0].id, &device).await?;
    ensure!(!stored.is_empty(), "no event was as fast as the deletion");
    settled(&stack, &users, &device).await
}

/// Asserts what holds whenever nobody is at work.
async fn settled(stack: &Stack, users: &[Owner], device: &str) -> Result<()> {
    let present = stack.present_registrations(device).await?;
    ensure!(present.len() <= 1, "{present:?}");
    let owner = present.first().map(|it| it[table::USER_ID].clone());
    let product = stack.product(device).await?;
    assert_eq!(product["claimedBy"], owner.clone().unwrap_or_default());
    assert!(
        owner.is_none() || stack.has_thing(device).await?,
        "a registration without a thing"
    );

    for user in users {
        let own = owner.as_ref().is_some_and(|it| *it == user.id);
        let status = stack.api(user).status_of(device).await?;
        let expected = if own {
            Some("pending")
        } else {
            Some("deleted")
        };
        ensure!(
            status.is_none() && !own || status.as_deref() == expected,
            "{status:?}"
        );
        let row = stack
            .registration(&user.id, device)
            .await?
            .unwrap_or_default();
        assert!(row["closing"].is_null(), "{row}");

        // Unread is what the present owner has not acknowledged, and nothing else.
        let present = present
            .first()
            .filter(|_| own)
            .map(|it| &it["registrationId"]);
        eventually("alerts of present registrations only", async || {
            let rows = stack.events(&user.id, device).await?;
            let mut unread = 0;
            for row in &rows {
                let quiet = row["ack"] == true || row["suppress"] == true;
                ensure!(quiet == row[table::UNREAD].is_null(), "{row}");
                ensure!(quiet || present == Some(&row["registrationId"]), "{row}");
                unread += usize::from(!quiet);
            }
            let count = stack.api(user).read("/devices/alerts/count").await?;
            ensure!(
                count == json!({"alertsCount": unread}),
                "{count}, not {unread}"
            );
            Ok(Some(()))
        })
        .await?;
    }
    Ok(())
}

/// 1 where the device is the user's now, 0 where somebody has it.
async fn register(stack: &Stack, user: &Owner, device: &str) -> Result<usize> {
    let api = stack.api(user);
    let answer = patiently(|| api.register(device)).await?;
    match answer.error() {
        (200, _) => Ok(1),
        (409, "DeviceRegisteredFailure") => Ok(0),
        _ => anyhow::bail!("{answer:?}"),
    }
}

async fn delete(stack: &Stack, user: &Owner, device: &str) -> Result<()> {
    let (api, path) = (stack.api(user), format!("/devices/{device}"));
    let answer = patiently(|| api.delete(&path)).await?;
    match answer.error() {
        (200, _) | (400, "DeviceNotFoundFailure") => Ok(()),
        _ => anyhow::bail!("{answer:?}"),
    }
}

/// The device reports an error, to whoever has it now.
async fn tell(stack: &Stack, device: &str, id: &str) -> Result<()> {
    let message = json!({"type": "error", "messageId": id}).to_string();
    stack
        .call(
            "event-proxy",
            &Stack::rule_event(device, message.as_bytes()),
        )
        .await?;
    Ok(())
}

/// Acknowledges every other event that the user can see.
async fn acknowledge(stack: &Stack, user: &Owner, device: &str) -> Result<()> {
    let (api, path) = (stack.api(user), format!("/devices/{device}/events"));
    let page = patiently(|| api.get(&path)).await?;
    let events = page.body["items"].as_array().cloned().unwrap_or_default();
    for event in events.iter().step_by(2) {
        let path = format!("{path}/{}", event["id"].as_str().unwrap_or_default());
        let body = json!({"ack": true});
        let answer = patiently(|| api.put(&path, &body)).await?;
        ensure!(
            matches!(
                answer.error(),
                (200, _) | (400, "DeviceNotFoundFailure" | "MissingEvent")
            ),
            "{answer:?}"
        );
    }
    Ok(())
}
