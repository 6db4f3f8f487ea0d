//! A user's settings.

use anyhow::Result;
use serde_json::json;
use tests::{Stack, eventually};

#[tokio::test]
async fn confirming_an_account_creates_its_settings() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let row = eventually("the settings of a new user", async || {
        stack.settings(&owner.id).await
    })
    .await?;
    let default = json!({"alertLevel": ["error", "warning"], "sendNotification": false});
    assert_eq!(row["setting"], default);
    assert_eq!(row["createdAt"], row["updatedAt"]);
    Ok(())
}
