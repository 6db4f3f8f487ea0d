//! Items and values of DynamoDB.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure as OnFailure,
};
use domain::store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::aws::{failed, unreadable};

/// One row.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A text attribute.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// Writes a row.
pub(crate) fn to_item(operation: &'static str, row: &impl Serialize) -> Result<Item, StoreError> {
    serde_dynamo::to_item(row).map_err(|err| unreadable(operation, err))
}

/// Reads a row; one that another writer left in a shape we do not know is an
/// error, not a panic.
pub(crate) fn from_item<T: DeserializeOwned>(
    operation: &'static str,
    item: Item,
) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(|err| unreadable(operation, err))
}

/// What became of an update with a condition.
#[derive(Debug)]
pub(crate) enum Updated {
    /// It is done; the row as it is now.
    Done(Item),
    /// The condition did not hold; the row as it is, if there is one.
    Refused(Option<Item>),
}

/// Sends an update with a condition, and has the row come back in either case.
pub(crate) async fn update(
    operation: &'static str,
    update: UpdateItemFluentBuilder,
) -> Result<Updated, StoreError> {
    let sent = update
        .return_values(ReturnValue::AllNew)
        .return_values_on_condition_check_failure(OnFailure::AllOld)
        .send()
        .await;
    let err = match sent {
        Ok(updated) => return Ok(Updated::Done(updated.attributes.unwrap_or_default())),
        Err(err) => err,
    };
    match err.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(it)) => {
            Ok(Updated::Refused(it.item.clone()))
        }
        _ => Err(failed(operation, err)),
    }
}

/// JSON is stored as text: a number of DynamoDB holds 38 digits up to 1e125, a
/// number of JSON what its writer likes.
pub(crate) fn json(
    operation: &'static str,
    value: Option<&impl Serialize>,
) -> Result<Option<String>, StoreError> {
    value
        .map(|value| serde_json::to_string(value).map_err(|err| unreadable(operation, err)))
        .transpose()
}

/// Reads what [`json`] has written.
pub(crate) fn parsed<T: DeserializeOwned>(
    operation: &'static str,
    text: Option<&str>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| serde_json::from_str(text).map_err(|err| unreadable(operation, err)))
        .transpose()
}
