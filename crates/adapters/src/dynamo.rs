//! Items and values of DynamoDB.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::aws::unreadable;

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
