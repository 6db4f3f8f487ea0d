//! Registrations as their owners see them, and the claims on manufactured
//! products that they go with.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Put, TransactWriteItem, Update,
};
use contract::table;
use domain::id::{CertificateId, DeviceId, DeviceName, ModelNumber, RegistrationId, UserId};
use domain::page::{Limit, Page};
use domain::registration::{Claim, Product, Products, Registration, Registrations, Status};
use domain::store::StoreError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::aws::{failed, unreadable};
use crate::dynamo::{Item, from_item, text, to_item};

/// Registrations and manufactured products in their two tables.
#[derive(Clone, Debug)]
pub struct DynamoRegistrations {
    pub(crate) client: Client,
    pub(crate) registrations: String,
    pub(crate) reference: String,
}

impl DynamoRegistrations {
    /// Registrations in the table `registrations`, products in `reference`.
    #[must_use]
    pub fn new(client: Client, registrations: String, reference: String) -> Self {
        Self {
            client,
            registrations,
            reference,
        }
    }

    /// Stores a registration that was over before it came here, with another
    /// system's data, unless its owner has a row of the device. Says whether it
    /// is stored now.
    ///
    /// # Errors
    ///
    /// When the table fails.
    pub async fn insert_past(&self, registration: &Registration) -> Result<bool, StoreError> {
        const OPERATION: &str = "store a registration that is over";
        let put = self
            .client
            .put_item()
            .table_name(&self.registrations)
            .set_item(Some(to_item(OPERATION, &Row::from(registration))?))
            .condition_expression("attribute_not_exists(userId)")
            .send()
            .await;
        match put {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(it)) if it.err().is_conditional_check_failed_exception() => {
                Ok(false)
            }
            Err(err) => Err(failed(OPERATION, err)),
        }
    }

    /// The registration in place of the owner's deleted one.
    fn put(&self, registration: &Registration) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.registrations)
            .set_item(Some(to_item(CLAIM, &Row::from(registration))?))
            .condition_expression("attribute_not_exists(userId) OR #status = :deleted")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":deleted", text("deleted"));
        let put = put.build().map_err(|err| unreadable(CLAIM, err))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The claim itself. The number of claims guards against one that was made
    /// and released since the row was read, when the thing went with it.
    fn claimed(&self, user: &UserId, product: &Product) -> Result<TransactWriteItem, StoreError> {
        let unchanged = match product.claims {
            0 => "attribute_not_exists(claims)",
            _ => "claims = :claims",
        };
        let mut update = Update::builder()
            .table_name(&self.reference)
            .set_key(Some(product_key(&product.device, &product.model)))
            .update_expression("SET claimedBy = :user, claims = :more")
            .condition_expression(format!(
                "attribute_exists(deviceId) AND attribute_not_exists(claimedBy) AND {unchanged}"
            ))
            .expression_attribute_values(":user", text(user.as_str()))
            .expression_attribute_values(":more", number(product.claims + 1));
        if product.claims > 0 {
            update = update.expression_attribute_values(":claims", number(product.claims));
        }
        let update = update.build().map_err(|err| unreadable(CLAIM, err))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Nobody has claimed the same serial under another model.
    fn unclaimed(&self, sibling: &Product) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(&self.reference)
            .set_key(Some(product_key(&sibling.device, &sibling.model)))
            .condition_expression("attribute_not_exists(claimedBy)");
        let check = check.build().map_err(|err| unreadable(CLAIM, err))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }
}

const CLAIM: &str = "register the device";

/// Rows of one serial that are read, and so the most models that a serial can
/// be listed under; a transaction holds up to 100 items.
const MOST_MODELS: i32 = 50;

impl Products for DynamoRegistrations {
    async fn of_serial(&self, device: &DeviceId) -> Result<Vec<Product>, StoreError> {
        const OPERATION: &str = "look up a manufactured product";
        let found = self
            .client
            .query()
            .table_name(&self.reference)
            .consistent_read(true)
            .key_condition_expression("deviceId = :device")
            .expression_attribute_values(":device", text(device.as_str()))
            .limit(MOST_MODELS)
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        let rows = found.items.unwrap_or_default().into_iter();
        rows.map(|item| from_item::<ProductRow>(OPERATION, item).map(Product::from))
            .collect()
    }
}

impl Registrations for DynamoRegistrations {
    async fn claim(
        &self,
        registration: &Registration,
        product: &Product,
        serial: &[Product],
    ) -> Result<Claim, StoreError> {
        let mut items = vec![
            self.put(registration)?,
            self.claimed(&registration.user, product)?,
        ];
        for sibling in serial.iter().filter(|it| it.model != product.model) {
            items.push(self.unclaimed(sibling)?);
        }
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .send()
            .await;
        let err = match sent {
            Ok(_) => return Ok(Claim::Done),
            Err(err) => err,
        };
        let SdkError::ServiceError(refused) = &err else {
            return Err(failed(CLAIM, err));
        };
        let TransactWriteItemsError::TransactionCanceledException(canceled) = refused.err() else {
            return Err(failed(CLAIM, err));
        };
        let codes: Vec<&str> = canceled.cancellation_reasons().iter().map(code).collect();
        match codes.as_slice() {
            ["ConditionalCheckFailed", ..] => Ok(Claim::Owned),
            codes if codes.iter().all(|it| OVERTAKEN.contains(it)) => Ok(Claim::Overtaken),
            _ => Err(failed(CLAIM, err)),
        }
    }

    async fn of_user(
        &self,
        user: &UserId,
        after: Option<&str>,
        limit: Limit,
    ) -> Result<Page<Registration>, StoreError> {
        const OPERATION: &str = "list the registrations of a user";
        let start = after.map(|device| {
            Item::from([
                (table::USER_ID.to_owned(), text(user.as_str())),
                (table::DEVICE_ID.to_owned(), text(device)),
            ])
        });
        // One more than asked for tells whether there is another page.
        let most = i32::try_from(limit.rows() + 1).unwrap_or(i32::MAX);
        let found = self
            .client
            .query()
            .table_name(&self.registrations)
            .key_condition_expression("userId = :user")
            .expression_attribute_values(":user", text(user.as_str()))
            .set_exclusive_start_key(start)
            .limit(most)
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;

        // A page of the service also ends at 1 MB, then without the one more.
        let cut = found.last_evaluated_key.is_some();
        let rows = found.items.unwrap_or_default();
        let scanned = rows.len().min(limit.rows());
        let more = cut || rows.len() > limit.rows();
        let items = rows
            .into_iter()
            .take(limit.rows())
            .map(|item| from_item::<Row>(OPERATION, item).map(Registration::from))
            .collect::<Result<Vec<_>, StoreError>>()?;
        let next = items
            .last()
            .filter(|_| more)
            .map(|it| it.device.to_string());
        Ok(Page {
            items,
            scanned,
            next,
        })
    }
}

/// What a canceled transaction says of an item where another one was faster.
const OVERTAKEN: &[&str] = &["None", "ConditionalCheckFailed", "TransactionConflict"];

/// What a canceled transaction says of one item.
pub(crate) fn code(reason: &CancellationReason) -> &str {
    reason.code().unwrap_or("None")
}

/// Key of a product.
pub(crate) fn product_key(device: &DeviceId, model: &ModelNumber) -> Item {
    Item::from([
        (table::DEVICE_ID.to_owned(), text(device.as_str())),
        (table::MODEL_NUMBER.to_owned(), text(model.as_str())),
    ])
}

/// Key of a registration.
pub(crate) fn registration_key(user: &UserId, device: &DeviceId) -> Item {
    Item::from([
        (table::USER_ID.to_owned(), text(user.as_str())),
        (table::DEVICE_ID.to_owned(), text(device.as_str())),
    ])
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A row of Reference.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProductRow {
    device_id: DeviceId,
    model_number: ModelNumber,
    #[serde(default)]
    details: Map<String, Value>,
    claimed_by: Option<UserId>,
    #[serde(default)]
    claims: u64,
}

impl From<ProductRow> for Product {
    fn from(row: ProductRow) -> Self {
        Self {
            device: row.device_id,
            model: row.model_number,
            details: row.details,
            claimed_by: row.claimed_by,
            claims: row.claims,
        }
    }
}

/// A row of Registrations.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    user_id: UserId,
    device_id: DeviceId,
    registration_id: RegistrationId,
    /// The key of the index of present registrations.
    #[serde(skip_serializing_if = "Option::is_none")]
    active_device: Option<DeviceId>,
    device_name: DeviceName,
    model_number: ModelNumber,
    details: Map<String, Value>,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_id: Option<CertificateId>,
    #[serde(serialize_with = "domain::time::serialize")]
    created_at: Timestamp,
    #[serde(serialize_with = "domain::time::serialize")]
    updated_at: Timestamp,
}

impl From<&Registration> for Row {
    fn from(it: &Registration) -> Self {
        Self {
            user_id: it.user.clone(),
            device_id: it.device.clone(),
            registration_id: it.id,
            active_device: Some(it.device.clone()).filter(|_| it.status != Status::Deleted),
            device_name: it.name.clone(),
            model_number: it.model.clone(),
            details: it.details.clone(),
            status: it.status,
            certificate_id: it.certificate.clone(),
            created_at: it.created_at,
            updated_at: it.updated_at,
        }
    }
}

impl From<Row> for Registration {
    fn from(row: Row) -> Self {
        Self {
            id: row.registration_id,
            user: row.user_id,
            device: row.device_id,
            name: row.device_name,
            model: row.model_number,
            details: row.details,
            status: row.status,
            certificate: row.certificate_id,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
