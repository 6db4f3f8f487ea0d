//! What owners have changed of thresholds, as attributes of the registration: so it ends
//! with it, and is read with it.

use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use domain::id::{DeviceId, RegistrationId, UserId};
use domain::store::StoreError;
use domain::threshold::{Adjustments, Kept, Thresholds};
use domain::time;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::aws::failed;
use crate::dynamo::{self, Updated, from_item, json, parsed, text};
use crate::registrations::{DynamoRegistrations, registration_key};

/// There is one, and nobody is deleting it.
const PRESENT: &str = "attribute_exists(activeDevice) AND registrationId = :registration";

impl Thresholds for DynamoRegistrations {
    async fn kept(&self, user: &UserId, device: &DeviceId) -> Result<Option<Kept>, StoreError> {
        const OPERATION: &str = "read the thresholds of a device";
        let found = self
            .client
            .get_item()
            .table_name(&self.registrations)
            .set_key(Some(registration_key(user, device)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        let Some(item) = found.item else {
            return Ok(None);
        };
        let row: Row = from_item(OPERATION, item)?;
        // Absent while the device is being deleted, and afterwards.
        if row.active_device.is_none() {
            return Ok(None);
        }
        Ok(Some(Kept {
            registration: row.registration_id,
            details: row.details,
            adjustments: read(OPERATION, row.thresholds.as_deref())?,
            version: row.thresholds_version,
        }))
    }

    async fn keep(
        &self,
        user: &UserId,
        device: &DeviceId,
        kept: &Kept,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        const OPERATION: &str = "change a threshold";
        let unchanged = match kept.version {
            0 => "attribute_not_exists(thresholdsVersion)",
            _ => "thresholdsVersion = :before",
        };
        let number = |it: u64| AttributeValue::N(it.to_string());
        let thresholds = json(OPERATION, Some(&kept.adjustments))?.unwrap_or_default();
        let mut update = self
            .client
            .update_item()
            .table_name(&self.registrations)
            .set_key(Some(registration_key(user, device)))
            .update_expression("SET #thresholds = :thresholds, #version = :after, updatedAt = :now")
            .condition_expression(format!("{PRESENT} AND {unchanged}"))
            .expression_attribute_names("#thresholds", table::THRESHOLDS)
            .expression_attribute_names("#version", table::THRESHOLDS_VERSION)
            .expression_attribute_values(":thresholds", text(thresholds))
            .expression_attribute_values(":after", number(kept.version + 1))
            .expression_attribute_values(":now", text(time::text(now)))
            .expression_attribute_values(":registration", text(kept.registration.to_string()));
        if kept.version > 0 {
            update = update.expression_attribute_values(":before", number(kept.version));
        }
        let updated = dynamo::update(OPERATION, update).await?;
        Ok(matches!(updated, Updated::Done(_)))
    }
}

/// What is stored as JSON: numbers of DynamoDB are decimal.
pub(crate) fn read(
    operation: &'static str,
    thresholds: Option<&str>,
) -> Result<Adjustments, StoreError> {
    Ok(parsed(operation, thresholds)?.unwrap_or_default())
}

/// What is read of a registration.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    active_device: Option<DeviceId>,
    registration_id: RegistrationId,
    #[serde(default)]
    details: Map<String, Value>,
    thresholds: Option<String>,
    #[serde(default)]
    thresholds_version: u64,
}
