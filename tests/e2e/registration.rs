//! Who gets a device, and what is left of the others' attempts.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Result, ensure};
use serde_json::json;
use tests::{MODEL, Stack, patiently, serial, white_thermostat};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Requests in flight at any time: what the local gateway's listener can queue.
const CONNECTIONS: usize = 100;

#[tokio::test]
async fn of_a_thousand_concurrent_registrations_by_two_users_one_wins() -> Result<()> {
    let stack = Stack::connect().await?;
    let owners = [stack.owner().await?, stack.owner().await?];
    let device = serial();
    stack.add_product(&device).await?;

    let mut attempts = JoinSet::new();
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    for number in 0..1_000 {
        let (stack, owner, device) = (stack.clone(), owners[number % 2].clone(), device.clone());
        let connections = connections.clone();
        attempts.spawn(async move {
            let _connection = connections.acquire().await?;
            let api = stack.api(&owner);
            let answer = patiently(|| api.register(&device)).await?;
            anyhow::Ok((owner.id.clone(), answer))
        });
    }
    let mut statuses = BTreeMap::<u16, usize>::new();
    let mut winner = None;
    while let Some(attempt) = attempts.join_next().await {
        let (user, answer) = attempt??;
        *statuses.entry(answer.status).or_default() += 1;
        match answer.status {
            200 => winner = Some(user),
            _ => assert_eq!(
                answer.body["error"], "DeviceRegisteredFailure",
                "{answer:?}"
            ),
        }
    }
    assert_eq!(statuses, BTreeMap::from([(200, 1), (409, 999)]));

    let (won, lost): (Vec<_>, Vec<_>) = owners
        .iter()
        .partition(|it| Some(&it.id) == winner.as_ref());
    let product = stack.product(&device).await?;
    assert_eq!(
        (&product["claimedBy"], &product["claims"]),
        (&json!(won[0].id), &json!(1))
    );
    let rows = stack.present_registrations(&device).await?;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["userId"], won[0].id);
    assert_eq!(stack.registration(&lost[0].id, &device).await?, None);
    assert_eq!(stack.api(lost[0]).read("/registration").await?, json!([]));
    let thing = stack
        .iot
        .describe_thing()
        .thing_name(&device)
        .send()
        .await?;
    assert_eq!(
        thing.thing_type_name(),
        Some(format!("{}-SmartProduct", stack.name).as_str())
    );
    assert!(stack.certificates_of(&device).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_registration_shows_what_was_registered() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = serial();
    stack.add_product(&device).await?;
    let api = stack.api(&owner);

    let made = api.register(&device).await?.ok()?;
    let expected = json!({
        "deviceId": device,
        "deviceName": format!("Thermostat {device}"),
        "modelNumber": MODEL,
        "status": "pending",
        "userId": owner.id,
        "details": white_thermostat()?.details,
        "createdAt": made["createdAt"],
        "updatedAt": made["createdAt"],
    });
    assert_eq!(made, expected);
    assert_eq!(api.read("/registration").await?, json!([expected]));

    // The same request again says that it is done already, and changes nothing.
    assert_eq!(api.register(&device).await?.status, 409);
    assert_eq!(api.read("/registration").await?, json!([made]));
    Ok(())
}

#[tokio::test]
async fn a_long_list_of_registrations_has_a_link_to_the_next() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let mut devices = Vec::new();
    for _ in 0..5 {
        let device = serial();
        stack.add_product(&device).await?;
        stack.api(&owner).register(&device).await?.ok()?;
        devices.push(device);
    }
    devices.sort();

    let pages = stack.api(&owner).linked("/registration?limit=2").await?;
    ensure!(
        pages.iter().all(|it| (1..=2).contains(&it.len())),
        "{pages:?}"
    );
    let listed: Vec<_> = pages
        .iter()
        .flatten()
        .filter_map(|it| it["deviceId"].as_str())
        .collect();
    assert_eq!(listed, devices);
    Ok(())
}
