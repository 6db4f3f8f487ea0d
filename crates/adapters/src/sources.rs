//! Devices with their models, read from the registrations.

use aws_sdk_dynamodb::Client;
use contract::table;
use domain::id::{DeviceId, ModelNumber, UserId};
use domain::store::StoreError;
use domain::telemetry::{Source, Sources};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::aws::failed;
use crate::dynamo::{Item, from_item};
use crate::registrations::registration_key;
use crate::{owners, thresholds};

/// Present registrations in the table keyed by owner and device.
#[derive(Clone, Debug)]
pub struct DynamoSources {
    client: Client,
    table: String,
}

impl DynamoSources {
    /// Registrations in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }
}

impl Sources for DynamoSources {
    async fn of_device(&self, device: &DeviceId) -> Result<Option<Source>, StoreError> {
        const OPERATION: &str = "look up what a device is";
        let row = owners::present_row(&self.client, &self.table, OPERATION, device);
        source(OPERATION, row.await?)
    }

    async fn of_user(
        &self,
        user: &UserId,
        device: &DeviceId,
    ) -> Result<Option<Source>, StoreError> {
        const OPERATION: &str = "look up what a user's device is";
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(registration_key(user, device)))
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        source(OPERATION, found.item)
    }
}

fn source(operation: &'static str, row: Option<Item>) -> Result<Option<Source>, StoreError> {
    let Some(mut item) = row else {
        return Ok(None);
    };
    // Taken out, as the details are large and nothing else reads them.
    let own = ["modelNumber", "details", table::THRESHOLDS];
    let own = own.iter().filter_map(|it| item.remove_entry(*it)).collect();
    let row: Row = from_item(operation, own)?;
    let Some(owner) = owners::owner(operation, Some(item))? else {
        return Ok(None);
    };
    Ok(Some(Source {
        owner,
        model: row.model_number,
        details: row.details,
        adjustments: thresholds::read(operation, row.thresholds.as_deref())?,
    }))
}

/// What is read of a registration, besides its owner.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    model_number: ModelNumber,
    #[serde(default)]
    details: Map<String, Value>,
    thresholds: Option<String>,
}
