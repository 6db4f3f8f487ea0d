//! What a stack found in its account and changed, until it is put back: rows of
//! the Settings table, which outlives the stack's functions.

use std::marker::PhantomData;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use domain::store::StoreError;
use domain::time;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::aws::{failed, unreadable};
use crate::dynamo::{from_item, text};

/// One row, which holds a `T` as JSON text.
#[derive(Clone, Debug)]
pub struct DynamoFound<T> {
    client: Client,
    table: String,
    key: String,
    value: PhantomData<T>,
}

/// A value as it was read. The row is changed only while it is still this one.
#[derive(Clone, Debug)]
pub struct Found<T> {
    /// What the row holds.
    pub value: T,
    text: String,
}

impl<T: Serialize + DeserializeOwned> DynamoFound<T> {
    /// The row about the account's setting called `name`.
    #[must_use]
    pub fn new(client: Client, table: String, name: &str) -> Self {
        Self {
            client,
            table,
            key: format!("{}{name}", table::FOUND),
            value: PhantomData,
        }
    }

    /// What the row holds, if there is one.
    ///
    /// # Errors
    ///
    /// When the table does not answer, or the row is not one of ours.
    pub async fn get(&self) -> Result<Option<Found<T>>, StoreError> {
        const OPERATION: &str = "read what was found in the account";
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(table::SETTING_ID, text(&self.key))
            .consistent_read(true)
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        let Some(item) = read.item else {
            return Ok(None);
        };
        let text = from_item::<Row>(OPERATION, item)?.setting;
        let value = serde_json::from_str(&text).map_err(|err| unreadable(OPERATION, err))?;
        Ok(Some(Found { value, text }))
    }

    /// Writes the row, unless it is not (any more) as it was read `before`.
    ///
    /// # Errors
    ///
    /// When somebody else has written meanwhile, or the table does not answer.
    pub async fn put(
        &self,
        before: Option<&Found<T>>,
        after: &T,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "remember what was found in the account";
        let after = serde_json::to_string(after).map_err(|err| unreadable(OPERATION, err))?;
        self.client
            .update_item()
            .table_name(&self.table)
            .key(table::SETTING_ID, text(&self.key))
            .update_expression(
                "SET setting = :after, updatedAt = :now, \
                 createdAt = if_not_exists(createdAt, :now)",
            )
            .condition_expression(unchanged(before))
            .set_expression_attribute_values(before.map(|it| [it.as_read()].into()))
            .expression_attribute_values(":after", text(after))
            .expression_attribute_values(":now", text(time::text(now)))
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        Ok(())
    }

    /// Deletes the row, unless it is not as it was read `before` any more.
    ///
    /// # Errors
    ///
    /// When somebody else has written meanwhile, or the table does not answer.
    pub async fn delete(&self, before: &Found<T>) -> Result<(), StoreError> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .key(table::SETTING_ID, text(&self.key))
            .condition_expression(unchanged(Some(before)))
            .set_expression_attribute_values(Some([before.as_read()].into()))
            .send()
            .await
            .map_err(|err| failed("forget what was found in the account", err))?;
        Ok(())
    }
}

impl<T> Found<T> {
    fn as_read(&self) -> (String, AttributeValue) {
        (":before".to_owned(), text(&self.text))
    }
}

fn unchanged<T>(before: Option<&Found<T>>) -> &'static str {
    match before {
        Some(_) => "setting = :before",
        None => "attribute_not_exists(settingId)",
    }
}

#[derive(Debug, Deserialize)]
struct Row {
    setting: String,
}
