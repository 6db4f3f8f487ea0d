//! Items and values of DynamoDB.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::store::StoreError;
use jiff::{Timestamp, fmt::temporal::DateTimePrinter};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::aws::unreadable;

/// One row.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// A text attribute.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// `time` as rows and answers show it: RFC 3339 UTC with milliseconds, always
/// of the same length, so that the texts sort by time.
pub(crate) fn time(time: Timestamp) -> String {
    const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
    PRINTER.timestamp_to_string(&time)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_one_length() {
        let second = Timestamp::from_second(1_790_000_000).unwrap();
        let milli = Timestamp::from_millisecond(1_790_000_000_007).unwrap();
        assert_eq!(time(second), "2026-09-21T14:13:20.000Z");
        assert_eq!(time(milli), "2026-09-21T14:13:20.007Z");
    }
}
