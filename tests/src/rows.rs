//! Rows of the tables, as an operator sees them.

use std::collections::HashMap;

use anyhow::{Context, Result};
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use serde_dynamo::to_attribute_value;
use serde_json::Value;

use crate::{MODEL, Product, Stack};

/// Attributes of a key.
type Key<'a> = &'a [(&'a str, &'a str)];

impl Stack {
    /// Adds a product of the tests' model to what was manufactured.
    ///
    /// # Errors
    ///
    /// When the table refuses.
    pub async fn add_product(&self, serial: &str) -> Result<()> {
        self.manufacture(serial, &white_thermostat()?).await
    }

    /// The row of what was manufactured under `serial`.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn product(&self, serial: &str) -> Result<Value> {
        let key = [(table::DEVICE_ID, serial), (table::MODEL_NUMBER, MODEL)];
        self.row(table::REFERENCE, &key)
            .await?
            .context("no such product")
    }

    /// The settings row of `id`.
    ///
    /// # Errors
    ///
    /// When the table refuses.
    pub async fn settings(&self, id: &str) -> Result<Option<Value>> {
        self.row(table::SETTINGS, &[(table::SETTING_ID, id)]).await
    }

    /// The registration row of `user` and `device`.
    ///
    /// # Errors
    ///
    /// When the table refuses.
    pub async fn registration(&self, user: &str, device: &str) -> Result<Option<Value>> {
        self.row(
            table::REGISTRATIONS,
            &[(table::USER_ID, user), (table::DEVICE_ID, device)],
        )
        .await
    }

    /// All event rows of `user` and `device`, without those that tell of connections.
    ///
    /// # Errors
    ///
    /// When the table refuses.
    pub async fn events(&self, user: &str, device: &str) -> Result<Vec<Value>> {
        let mut rows = Vec::new();
        let mut pages = self
            .dynamo
            .query()
            .table_name(self.table(table::EVENTS))
            .consistent_read(true)
            .key_condition_expression("#key = :key")
            .expression_attribute_names("#key", table::USER_DEVICE)
            .expression_attribute_values(":key", text(&format!("{user}#{device}")))
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            for item in page?.items.unwrap_or_default() {
                rows.push(serde_dynamo::from_item(item)?);
            }
        }
        rows.retain(|it| !crate::api::tells_presence(it));
        Ok(rows)
    }

    /// Sets attributes of a row by hand, as an operator would.
    ///
    /// # Errors
    ///
    /// When the table refuses.
    pub async fn set(&self, table: &str, key: Key<'_>, changes: &[(&str, Value)]) -> Result<()> {
        let mut update = self
            .dynamo
            .update_item()
            .table_name(self.table(table))
            .set_key(Some(attributes(key)));
        let mut assignments = Vec::new();
        for (number, (name, value)) in changes.iter().enumerate() {
            assignments.push(format!("#{number} = :{number}"));
            update = update
                .expression_attribute_names(format!("#{number}"), *name)
                .expression_attribute_values(format!(":{number}"), to_attribute_value(value)?);
        }
        update
            .update_expression(format!("SET {}", assignments.join(", ")))
            .send()
            .await?;
        Ok(())
    }

    /// Removes an attribute of a row by hand.
    ///
    /// # Errors
    ///
    /// When the table refuses.
    pub async fn remove(&self, table: &str, key: Key<'_>, attribute: &str) -> Result<()> {
        self.dynamo
            .update_item()
            .table_name(self.table(table))
            .set_key(Some(attributes(key)))
            .update_expression("REMOVE #0")
            .expression_attribute_names("#0", attribute)
            .send()
            .await?;
        Ok(())
    }

    /// The registrations of a device that are not deleted.
    ///
    /// # Errors
    ///
    /// When the table refuses.
    pub async fn present_registrations(&self, device: &str) -> Result<Vec<Value>> {
        let rows = self
            .dynamo
            .query()
            .table_name(self.table(table::REGISTRATIONS))
            .index_name(contract::index::REGISTRATIONS_BY_DEVICE)
            .key_condition_expression("#key = :key")
            .expression_attribute_names("#key", table::ACTIVE_DEVICE)
            .expression_attribute_values(":key", text(device))
            .send()
            .await?
            .items
            .unwrap_or_default();
        rows.into_iter()
            .map(|it| Ok(serde_dynamo::from_item(it)?))
            .collect()
    }

    pub(crate) async fn row(&self, table: &str, key: Key<'_>) -> Result<Option<Value>> {
        let found = self
            .dynamo
            .get_item()
            .table_name(self.table(table))
            .set_key(Some(attributes(key)))
            .consistent_read(true)
            .send()
            .await?
            .item;
        Ok(found.map(serde_dynamo::from_item).transpose()?)
    }
}

/// A product of the tests' model, with more in its details than the model.
///
/// # Errors
///
/// When the model cannot be read.
pub fn white_thermostat() -> Result<Product> {
    let mut product = Product::sample(MODEL)?;
    product.details["colour"] = "white".into();
    Ok(product)
}

fn attributes(key: Key<'_>) -> HashMap<String, AttributeValue> {
    key.iter()
        .map(|(name, value)| ((*name).to_owned(), text(value)))
        .collect()
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
