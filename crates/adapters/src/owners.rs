//! Who has a device, read from the registrations.

use aws_sdk_dynamodb::Client;
use contract::{index, table};
use domain::id::{DeviceId, DeviceName, RegistrationId, UserId};
use domain::owner::{Owner, Owners};
use domain::registration::Status;
use domain::store::StoreError;
use jiff::Timestamp;
use serde::Deserialize;

use crate::aws::failed;
use crate::dynamo::{Item, from_item, text};

/// Present registrations in the table keyed by owner and device.
#[derive(Clone, Debug)]
pub struct DynamoOwners {
    client: Client,
    table: String,
}

impl DynamoOwners {
    /// Registrations in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }
}

impl Owners for DynamoOwners {
    async fn of_device(&self, device: &DeviceId) -> Result<Option<Owner>, StoreError> {
        const OPERATION: &str = "find the owner of a device";
        let row = present_row(&self.client, &self.table, OPERATION, device);
        owner(OPERATION, row.await?)
    }

    async fn of_user(&self, user: &UserId, device: &DeviceId) -> Result<Option<Owner>, StoreError> {
        const OPERATION: &str = "check who has a device";
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(table::USER_ID, text(user.as_str()))
            .key(table::DEVICE_ID, text(device.as_str()))
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        owner(OPERATION, found.item)
    }
}

/// What is read of a row.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    user_id: UserId,
    registration_id: RegistrationId,
    device_name: DeviceName,
    status: Status,
    created_at: Timestamp,
}

/// The row of a device's present registration.
pub(crate) async fn present_row(
    client: &Client,
    table: &str,
    operation: &'static str,
    device: &DeviceId,
) -> Result<Option<Item>, StoreError> {
    let found = client
        .query()
        .table_name(table)
        .index_name(index::REGISTRATIONS_BY_DEVICE)
        .key_condition_expression("activeDevice = :device")
        .expression_attribute_values(":device", text(device.as_str()))
        .limit(1)
        .send()
        .await
        .map_err(|err| failed(operation, err))?;
    Ok(found.items.unwrap_or_default().pop())
}

/// The owner in a row.
pub(crate) fn owner(
    operation: &'static str,
    item: Option<Item>,
) -> Result<Option<Owner>, StoreError> {
    let Some(item) = item else { return Ok(None) };
    let row: Row = from_item(operation, item)?;
    Ok(Some(row)
        .filter(|it| it.status != Status::Deleted)
        .map(|row| Owner {
            user: row.user_id,
            registration: row.registration_id,
            since: row.created_at,
            device_name: row.device_name,
        }))
}
