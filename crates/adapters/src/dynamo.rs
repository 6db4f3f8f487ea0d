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
