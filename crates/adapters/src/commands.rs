//! Commands in their table.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use contract::table;
use domain::command::{Command, CommandId, CommandStatus, Commands};
use domain::id::{DeviceId, UserId};
use domain::page::Stretch;
use domain::store::StoreError;
use jiff::Timestamp;

use crate::aws::{failed, unreadable};
use crate::command_row;
use crate::dynamo::{Item, text};
use crate::event_row::user_device;

/// The Commands table. Reads are consistent: who has sent a command and looks
/// for it finds it.
#[derive(Clone, Debug)]
pub struct DynamoCommands {
    client: Client,
    table: String,
}

impl DynamoCommands {
    /// Commands in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }
}

impl Commands for DynamoCommands {
    async fn insert(&self, command: &Command) -> Result<(), StoreError> {
        const OPERATION: &str = "store a command";
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(command_row::write(OPERATION, command)?))
            .condition_expression("attribute_not_exists(commandId)")
            .send()
            .await;
        match put {
            Ok(_) => Ok(()),
            // An attempt that we gave up has stored it.
            Err(SdkError::ServiceError(it)) if it.err().is_conditional_check_failed_exception() => {
                Ok(())
            }
            Err(err) => Err(failed(OPERATION, err)),
        }
    }

    async fn get(
        &self,
        user: &UserId,
        device: &DeviceId,
        id: CommandId,
    ) -> Result<Option<Command>, StoreError> {
        const OPERATION: &str = "read a command";
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(command_row::key(user, device, id)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        found
            .item
            .map(|item| command_row::read(OPERATION, item))
            .transpose()
    }

    async fn read(
        &self,
        user: &UserId,
        device: &DeviceId,
        status: Option<CommandStatus>,
        after: Option<CommandId>,
        most: usize,
    ) -> Result<Stretch<Command>, StoreError> {
        const OPERATION: &str = "list commands";
        let mut query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .expression_attribute_values(":key", text(user_device(user, device)));
        query = match after {
            None => query.key_condition_expression("userDevice = :key"),
            Some(after) => query
                .key_condition_expression("userDevice = :key AND commandId < :after")
                .expression_attribute_values(":after", text(after.to_string())),
        };
        if let Some(status) = status {
            query = query
                .filter_expression("#status = :status")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":status", text(status.as_str()));
        }
        let found = query.send().await.map_err(|err| failed(OPERATION, err))?;
        let rows = found.items.unwrap_or_default().into_iter();
        Ok(Stretch {
            rows: rows
                .map(|item| command_row::read(OPERATION, item))
                .collect::<Result<_, _>>()?,
            scanned: usize::try_from(found.scanned_count).unwrap_or_default(),
            end: end(OPERATION, found.last_evaluated_key.as_ref())?,
        })
    }

    async fn fail(
        &self,
        command: &Command,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(command_row::key(
                &command.user,
                &command.device,
                command.id,
            )))
            .update_expression("SET #status = :failed, reason = :reason, updatedAt = :now")
            .condition_expression("#status = :pending")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":failed", text(CommandStatus::Failed.as_str()))
            .expression_attribute_values(":pending", text(CommandStatus::Pending.as_str()))
            .expression_attribute_values(":reason", text(reason))
            .expression_attribute_values(":now", text(domain::time::text(now)))
            .send()
            .await;
        match update {
            Ok(_) => Ok(()),
            // Something else became of it.
            Err(SdkError::ServiceError(it)) if it.err().is_conditional_check_failed_exception() => {
                Ok(())
            }
            Err(err) => Err(failed("mark a command as failed", err)),
        }
    }
}

/// The last command that was read.
fn end(operation: &'static str, key: Option<&Item>) -> Result<Option<CommandId>, StoreError> {
    let Some(key) = key else { return Ok(None) };
    let id = key.get(table::COMMAND_ID).and_then(|it| it.as_s().ok());
    match id.map(|it| CommandId::new(it)) {
        Some(Ok(id)) => Ok(Some(id)),
        Some(Err(err)) => Err(unreadable(operation, err)),
        None => Err(unreadable(operation, "a key without a `commandId`")),
    }
}
