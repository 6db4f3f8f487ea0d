//! What is known of series of measurements, in the Settings table beside the
//! other rows that are nobody's setting.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use domain::store::StoreError;
use domain::telemetry::{Series, Watch, Watches, Written};
use jiff::{SignedDuration, Timestamp};

use crate::aws::failed;
use crate::dynamo::{self, json, parsed, text};

/// How long a series that measures nothing is remembered.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Series in the table of settings.
#[derive(Clone, Debug)]
pub struct DynamoWatches {
    client: Client,
    table: String,
}

impl DynamoWatches {
    /// Series in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }
}

/// Attribute of what is known: numbers of DynamoDB are decimal, and these have to
/// come back as they were.
const KNOWN: &str = "known";
/// Attribute that tells one writing from the next.
const VERSION: &str = "version";

impl Watches for DynamoWatches {
    async fn get(&self, series: &Series) -> Result<Option<Watch>, StoreError> {
        const OPERATION: &str = "read what is known of a series";
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(table::SETTING_ID, key(series))
            .consistent_read(true)
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        let known = found.item.as_ref().and_then(|it| it.get(KNOWN));
        let known = known.and_then(|it| it.as_s().ok());
        parsed(OPERATION, known.map(String::as_str))
    }

    async fn put(
        &self,
        series: &Series,
        watch: &Watch,
        now: Timestamp,
    ) -> Result<Written, StoreError> {
        const OPERATION: &str = "write what is known of a series";
        let known = json(OPERATION, Some(watch))?.unwrap_or_default();
        let expires = (now + KEPT).as_second();
        let number = |it: String| AttributeValue::N(it);
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(table::SETTING_ID, key(series))
            .update_expression("SET #known = :known, #version = :version, expiresAt = :expires")
            .condition_expression("attribute_not_exists(#version) OR #version = :before")
            .expression_attribute_names("#known", KNOWN)
            .expression_attribute_names("#version", VERSION)
            .expression_attribute_values(":known", text(known))
            .expression_attribute_values(":version", number(watch.version.to_string()))
            .expression_attribute_values(
                ":before",
                number(watch.version.saturating_sub(1).to_string()),
            )
            .expression_attribute_values(":expires", number(expires.to_string()));
        Ok(match dynamo::update(OPERATION, update).await? {
            dynamo::Updated::Done(_) => Written::Done,
            dynamo::Updated::Refused(_) => Written::Overtaken,
        })
    }
}

fn key(series: &Series) -> AttributeValue {
    text(format!("{}{series}", table::WATCH))
}
