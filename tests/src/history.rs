//! A long past, written straight into the tables: rows as `docs/data-model.md` has them.

use anyhow::{Context, Result, ensure};
use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use contract::table;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{MODEL, Owner, Stack};

/// Rows of one request: `DynamoDB` takes no more.
const BATCH: usize = 25;
/// Requests on their way at the same time.
const TOGETHER: usize = 8;

impl Stack {
    /// Stores `number` events of `device`, as if it had sent them right after
    /// `owner` registered it. `told` says of each its type and whether it is unread.
    ///
    /// # Errors
    ///
    /// When `owner` has no such device, and when the table refuses.
    pub async fn history(
        &self,
        owner: &Owner,
        device: &str,
        number: usize,
        told: impl Fn(usize) -> (&'static str, bool),
    ) -> Result<()> {
        let registration = self.registration(&owner.id, device).await?;
        let registration = registration.context("no such registration")?;
        let since: Timestamp = registration["createdAt"]
            .as_str()
            .context("no time")?
            .parse()?;
        let rows = (0..number).map(|it| {
            let (kind, unread) = told(it);
            // A hundred in each millisecond, so that their ids decide on their order, too.
            let at = since + i64::try_from(it / 100)?.milliseconds();
            let (created, id) = (format!("{at:.3}"), Uuid::new_v4());
            let class = if matches!(kind, "error" | "warning") {
                "urgent"
            } else {
                kind
            };
            let mut row = json!({
                table::USER_DEVICE: format!("{}#{device}", owner.id),
                table::ID: id,
                table::ORDER: format!("{created}#{id}"),
                table::USER_ID: owner.id,
                table::DEVICE_ID: device,
                "deviceName": registration["deviceName"],
                "registrationId": registration["registrationId"],
                "messageId": format!("old-{it}"),
                "message": "",
                "type": kind,
                "timestamp": at.as_millisecond(),
                "ack": !unread,
                "suppress": false,
                "createdAt": created,
                "updatedAt": created,
                table::EXPIRES_AT: at.as_second() + 365 * 24 * 3600,
            });
            if unread {
                row[table::UNREAD] = json!(format!("{}#{class}", owner.id));
            }
            anyhow::Ok(row)
        });
        self.store(table::EVENTS, rows.collect::<Result<_>>()?)
            .await
    }

    /// Registers `devices` for `owner` without asking anybody: rows only, no
    /// things, and nothing in the table of what was manufactured.
    ///
    /// # Errors
    ///
    /// When the table refuses.
    pub async fn registrations(&self, owner: &Owner, devices: &[(String, &str)]) -> Result<()> {
        let created = format!("{:.3}", Timestamp::now());
        let rows = devices.iter().map(|(device, status)| {
            let mut row = json!({
                table::USER_ID: owner.id,
                table::DEVICE_ID: device,
                "registrationId": Uuid::now_v7(),
                "deviceName": crate::api::name(device),
                "modelNumber": MODEL,
                "details": {},
                "status": status,
                "createdAt": created,
                "updatedAt": created,
            });
            if *status != "deleted" {
                row[table::ACTIVE_DEVICE] = json!(device);
            }
            row
        });
        self.store(table::REGISTRATIONS, rows.collect()).await
    }

    async fn store(&self, table: &str, rows: Vec<Value>) -> Result<()> {
        let mut writing = JoinSet::new();
        for batch in rows.chunks(BATCH) {
            if writing.len() == TOGETHER {
                writing.join_next().await.context("a request")???;
            }
            let mut puts = Vec::new();
            for row in batch {
                let put = PutRequest::builder().set_item(Some(serde_dynamo::to_item(row)?));
                puts.push(WriteRequest::builder().put_request(put.build()?).build());
            }
            let write = self.dynamo.batch_write_item();
            let write = write.request_items(self.table(table), puts);
            writing.spawn(async move {
                let left = write.send().await?.unprocessed_items.unwrap_or_default();
                ensure!(left.is_empty(), "the table did not take all rows");
                anyhow::Ok(())
            });
        }
        while let Some(done) = writing.join_next().await {
            done??;
        }
        Ok(())
    }
}
