//! Settings in their table.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use contract::table;
use domain::id::UserId;
use domain::settings::{Settings, UserSettings};
use domain::store::StoreError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::aws::failed;
use crate::dynamo::{from_item, text, to_item};

/// Settings of users in the Settings table.
#[derive(Clone, Debug)]
pub struct DynamoSettings {
    client: Client,
    table: String,
}

impl DynamoSettings {
    /// Settings in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }
}

/// One row; the type of the setting follows from its id.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    setting_id: String,
    setting: UserSettings,
    #[serde(serialize_with = "domain::time::serialize")]
    created_at: Timestamp,
    #[serde(serialize_with = "domain::time::serialize")]
    updated_at: Timestamp,
}

impl Settings for DynamoSettings {
    async fn of_user(&self, user: &UserId) -> Result<Option<UserSettings>, StoreError> {
        const OPERATION: &str = "read the settings of a user";
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(table::SETTING_ID, text(user.as_str()))
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        found
            .item
            .map(|item| from_item::<Row>(OPERATION, item).map(|it| it.setting))
            .transpose()
    }

    async fn create_default(&self, user: &UserId, now: Timestamp) -> Result<(), StoreError> {
        const OPERATION: &str = "create the settings of a user";
        let row = Row {
            setting_id: user.to_string(),
            setting: UserSettings::default(),
            created_at: now,
            updated_at: now,
        };
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(to_item(OPERATION, &row)?))
            .condition_expression("attribute_not_exists(settingId)")
            .send()
            .await;
        match put {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(it)) if it.err().is_conditional_check_failed_exception() => {
                Ok(())
            }
            Err(err) => Err(failed(OPERATION, err)),
        }
    }
}
