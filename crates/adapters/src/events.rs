//! Events in their table: storing and listing.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{ReturnValuesOnConditionCheckFailure, Select};
use aws_smithy_types::timeout::TimeoutConfig;
use contract::{index, table};
use domain::event::{
    Counted, Events, Insertion, List, Order, Query, Record, STORED_WITHIN, Timelines,
};
use domain::page::Stretch;
use domain::store::StoreError;

use crate::aws::{failed, unreadable};
use crate::dynamo::{Item, text};
use crate::event_row;

/// The Events table.
#[derive(Clone, Debug)]
pub struct DynamoEvents {
    pub(crate) client: Client,
    pub(crate) table: String,
}

impl DynamoEvents {
    /// Events in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// The rows of `query`'s list after `after`, newest first.
    fn query(&self, query: &Query<'_>, after: Option<&Order>) -> QueryFluentBuilder {
        let (index, key, partition) = match query.list {
            List::Device(user, device) => (
                index::EVENTS_BY_DEVICE,
                table::USER_DEVICE,
                event_row::user_device(user, device),
            ),
            List::User(user) => (index::EVENTS_BY_USER, table::USER_ID, user.to_string()),
            List::Unread(user, class) => (
                index::EVENTS_UNREAD,
                table::UNREAD,
                event_row::unread(user, class),
            ),
        };
        let mut request = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index)
            .scan_index_forward(false)
            .expression_attribute_names("#key", key)
            .expression_attribute_values(":key", text(partition));

        // A condition on the sort key instead of a start key: no two events
        // have the same, and it needs no other key of the row.
        request = match after {
            None => request.key_condition_expression("#key = :key"),
            Some(after) => request
                .key_condition_expression("#key = :key AND #order < :after")
                .expression_attribute_names("#order", table::ORDER)
                .expression_attribute_values(":after", text(after.as_str())),
        };

        let mut filters = Vec::new();
        if let Some(device) = query.device {
            filters.push("deviceId = :device");
            request = request.expression_attribute_values(":device", text(device.as_str()));
        }
        if let Some(event_type) = query.event_type {
            filters.push("#type = :type");
            request = request
                .expression_attribute_names("#type", "type")
                .expression_attribute_values(":type", text(event_type.as_str()));
        }
        if query.unread {
            filters.push("attribute_exists(unread)");
        }
        match filters.is_empty() {
            true => request,
            false => request.filter_expression(filters.join(" AND ")),
        }
    }
}

impl Events for DynamoEvents {
    async fn insert(&self, record: &Record) -> Result<Insertion, StoreError> {
        const OPERATION: &str = "store an event";
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(event_row::write(OPERATION, record)?))
            .condition_expression("attribute_not_exists(id)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .customize()
            .config_override(
                aws_sdk_dynamodb::config::Builder::new().timeout_config(
                    TimeoutConfig::builder()
                        .operation_timeout(STORED_WITHIN)
                        .build(),
                ),
            )
            .send()
            .await;
        let err = match put {
            Ok(_) => return Ok(Insertion::New),
            Err(err) => err,
        };
        let known = match err.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(it)) => it.item.clone(),
            _ => None,
        };
        match known {
            Some(item) => Ok(Insertion::Known(Box::new(
                event_row::read(OPERATION, item)?.event,
            ))),
            None => Err(failed(OPERATION, err)),
        }
    }
}

impl Timelines for DynamoEvents {
    async fn read(
        &self,
        query: &Query<'_>,
        after: Option<&Order>,
        most: usize,
    ) -> Result<Stretch<Record>, StoreError> {
        const OPERATION: &str = "list events";
        let found = self
            .query(query, after)
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        let rows = found.items.unwrap_or_default().into_iter();
        Ok(Stretch {
            rows: rows
                .map(|item| event_row::read(OPERATION, item))
                .collect::<Result<_, _>>()?,
            scanned: usize::try_from(found.scanned_count).unwrap_or_default(),
            end: end(OPERATION, found.last_evaluated_key.as_ref())?,
        })
    }

    async fn count(&self, query: &Query<'_>, after: Option<&Order>) -> Result<Counted, StoreError> {
        const OPERATION: &str = "count events";
        let found = self
            .query(query, after)
            .select(Select::Count)
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        Ok(Counted {
            rows: usize::try_from(found.count).unwrap_or_default(),
            end: end(OPERATION, found.last_evaluated_key.as_ref())?,
        })
    }
}

/// The place of the last row that was read.
fn end(operation: &'static str, key: Option<&Item>) -> Result<Option<Order>, StoreError> {
    let Some(key) = key else { return Ok(None) };
    let order = key.get(table::ORDER).and_then(|it| it.as_s().ok());
    match order.and_then(|it| Order::parse(it)) {
        Some(order) => Ok(Some(order)),
        None => Err(unreadable(
            operation,
            "a key without an `order` that we know",
        )),
    }
}
