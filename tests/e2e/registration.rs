//! Who gets a device, and what is left of the others' attempts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;
use tests::{Answer, MODEL, Owner, Stack, serial};
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
            anyhow::Ok((owner.id.clone(), register(&stack, &owner, &device).await?))
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

/// Registers; an answer of "not now" is followed, as the API's contract says.
async fn register(stack: &Stack, owner: &Owner, device: &str) -> Result<Answer> {
    for _ in 0..60 {
        let answer = stack.api(owner).register(device).await?;
        let Some(seconds) = answer.headers.get("retry-after") else {
            return Ok(answer);
        };
        ensure!(matches!(answer.status, 429 | 503), "{answer:?}");
        tokio::time::sleep(Duration::from_secs(seconds.parse()?)).await;
    }
    anyhow::bail!("still throttled after 60 attempts")
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
        "details": {"colour": "white"},
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

    let mut listed = Vec::new();
    let mut path = "/registration?limit=2".to_owned();
    loop {
        let answer = stack.api(&owner).get(&path).await?;
        let link = answer.headers.get("link").cloned();
        let page = answer.ok()?;
        let page = page.as_array().cloned().unwrap_or_default();
        ensure!((1..=2).contains(&page.len()), "a page of {}", page.len());
        listed.extend(
            page.iter()
                .filter_map(|it| it["deviceId"].as_str())
                .map(str::to_owned),
        );
        let Some(link) = link else { break };
        // A reference of a query only: the same address with another query.
        let next = link
            .strip_prefix('<')
            .and_then(|it| it.strip_suffix(">; rel=\"next\""));
        let Some(query) = next.filter(|it| it.starts_with('?')) else {
            anyhow::bail!("`{link}` is no link to the next page")
        };
        path = format!("/registration{query}");
    }
    assert_eq!(listed, devices);
    Ok(())
}
