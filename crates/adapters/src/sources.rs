//! Devices with their models, read from the registrations.

use aws_sdk_dynamodb::Client;
use contract::table;
use domain::id::{DeviceId, ModelNumber};
use domain::store::StoreError;
use domain::telemetry::{Source, Sources};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::dynamo::from_item;
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
        let Some(mut item) = row.await? else {
            return Ok(None);
        };
        // Taken out, as the details are large and nothing else reads them.
        let own = ["modelNumber", "details", table::THRESHOLDS];
        let own = own.iter().filter_map(|it| item.remove_entry(*it)).collect();
        let row: Row = from_item(OPERATION, own)?;
        let owner = owners::owner(OPERATION, Some(item))?;
        let Some(owner) = owner else {
            return Ok(None);
        };
        Ok(Some(Source {
            owner,
            model: row.model_number,
            details: row.details,
            adjustments: thresholds::read(OPERATION, row.thresholds.as_deref())?,
        }))
    }
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
