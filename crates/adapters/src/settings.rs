//! Settings in their table.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::ReturnValue;
use contract::table;
use domain::id::{SettingId, UserId};
use domain::settings::{
    OwnSettings, Settings, SolutionSetting, SolutionSettings, Stored, UserSettings,
};
use domain::store::StoreError;
use domain::time;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::aws::{failed, unreadable};
use crate::dynamo::{from_item, text, to_item};

/// Settings of users and of the solution in the Settings table.
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

    async fn read<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        key: &str,
    ) -> Result<Option<Stored<T>>, StoreError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(table::SETTING_ID, text(key))
            .send()
            .await
            .map_err(|err| failed(operation, err))?;
        let row = found.item.map(|item| from_item::<Row<T>>(operation, item));
        Ok(row.transpose()?.map(Stored::from))
    }

    async fn write<T: Serialize + DeserializeOwned>(
        &self,
        operation: &'static str,
        key: &str,
        setting: &T,
        now: Timestamp,
    ) -> Result<Stored<T>, StoreError> {
        let setting =
            serde_dynamo::to_attribute_value(setting).map_err(|err| unreadable(operation, err))?;
        let written = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(table::SETTING_ID, text(key))
            .update_expression(
                "SET setting = :setting, updatedAt = :now, \
                 createdAt = if_not_exists(createdAt, :now)",
            )
            .expression_attribute_values(":setting", setting)
            .expression_attribute_values(":now", text(time::text(now)))
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(|err| failed(operation, err))?;
        from_item::<Row<T>>(operation, written.attributes.unwrap_or_default()).map(Stored::from)
    }
}

impl Settings for DynamoSettings {
    async fn of_user(&self, user: &UserId) -> Result<Option<UserSettings>, StoreError> {
        Ok(OwnSettings::get(self, user).await?.map(|it| it.setting))
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

impl OwnSettings for DynamoSettings {
    async fn get(&self, user: &UserId) -> Result<Option<Stored<UserSettings>>, StoreError> {
        self.read("read the settings of a user", user.as_str())
            .await
    }

    async fn put(
        &self,
        user: &UserId,
        settings: &UserSettings,
        now: Timestamp,
    ) -> Result<Stored<UserSettings>, StoreError> {
        self.write("store the settings of a user", user.as_str(), settings, now)
            .await
    }
}

/// Stored as JSON text: DynamoDB's numbers cannot hold every number of JSON.
impl SolutionSettings for DynamoSettings {
    async fn get(&self, id: &SettingId) -> Result<Option<Stored<SolutionSetting>>, StoreError> {
        const OPERATION: &str = "read a setting of the solution";
        let stored = self.read::<String>(OPERATION, &solution_key(id)).await?;
        stored.map(|it| from_text(OPERATION, &it)).transpose()
    }

    async fn put(
        &self,
        id: &SettingId,
        setting: &SolutionSetting,
        now: Timestamp,
    ) -> Result<Stored<SolutionSetting>, StoreError> {
        const OPERATION: &str = "store a setting of the solution";
        let text = serde_json::to_string(setting).map_err(|err| unreadable(OPERATION, err))?;
        let stored = self.write(OPERATION, &solution_key(id), &text, now).await?;
        from_text(OPERATION, &stored)
    }
}

fn from_text(
    operation: &'static str,
    stored: &Stored<String>,
) -> Result<Stored<SolutionSetting>, StoreError> {
    let setting = serde_json::from_str(&stored.setting);
    Ok(Stored {
        setting: setting.map_err(|err| unreadable(operation, err))?,
        created_at: stored.created_at,
        updated_at: stored.updated_at,
    })
}

/// No user id and no other key of this table holds a `#` after `solution`.
fn solution_key(id: &SettingId) -> String {
    format!("solution#{id}")
}

/// One row.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<T> {
    setting_id: String,
    setting: T,
    #[serde(serialize_with = "domain::time::serialize")]
    created_at: Timestamp,
    #[serde(serialize_with = "domain::time::serialize")]
    updated_at: Timestamp,
}

impl<T> From<Row<T>> for Stored<T> {
    fn from(row: Row<T>) -> Self {
        Self {
            setting: row.setting,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
