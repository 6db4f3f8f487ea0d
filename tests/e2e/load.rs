//! Many at once.

use std::collections::HashSet;

use anyhow::Result;
use serde_json::json;
use tests::{Ca, Flood, Stack};

#[tokio::test]
async fn two_thousand_events_at_once_are_all_stored_and_none_twice() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let flood = Flood::prepare(&stack, &owner, &Ca::registered(&stack).await?).await?;
    flood.publish(&stack).await?;
    let rows = flood.stored(&stack, &owner).await?;
    assert_eq!(rows.len(), Flood::EVENTS);

    // The API's pages show each of them once, newest first.
    let api = stack.api(&owner);
    let listed = api.said("/devices/events?limit=100").await?;
    let seen: HashSet<_> = listed.iter().map(|it| it["id"].as_str()).collect();
    assert_eq!((listed.len(), seen.len()), (Flood::EVENTS, Flood::EVENTS));
    assert!(listed.is_sorted_by(|a, b| a["createdAt"].as_str() >= b["createdAt"].as_str()));
    let count = api.read("/devices/alerts/count").await?;
    assert_eq!(count, json!({"alertsCount": Flood::ALERTS}));
    Ok(())
}
