//! Commands in their table.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure as OnFailure, TransactWriteItem,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use contract::table;
use domain::command::{Command, CommandId, CommandStatus, Commands, Insertion};
use domain::id::{DeviceId, IdempotencyKey, UserId};
use domain::page::Stretch;
use domain::store::{Cause, StoreError};
use jiff::Timestamp;

use crate::aws::{failed, unreadable};
use crate::command_row;
use crate::dynamo::{Item, text};
use crate::event_row::user_device;
use crate::key_row;
use crate::registrations::code;

/// The Commands table. Reads are consistent: who has sent a command and looks
/// for it finds it.
#[derive(Clone, Debug)]
pub struct DynamoCommands {
    pub(crate) client: Client,
    pub(crate) table: String,
}

impl DynamoCommands {
    /// Commands in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }
}

impl DynamoCommands {
    async fn put(&self, command: &Command) -> Result<Insertion, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(command_row::write(INSERT, command)?))
            .condition_expression(NEW)
            .return_values_on_condition_check_failure(OnFailure::AllOld)
            .send()
            .await;
        let err = match put {
            Ok(_) => return Ok(Insertion::New),
            Err(err) => err,
        };
        let known = match err.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(it)) => it.item().cloned(),
            _ => None,
        };
        let known = known.ok_or_else(|| failed(INSERT, err))?;
        Ok(Insertion::Known(Box::new(command_row::read(
            INSERT, known,
        )?)))
    }

    /// Command and key in one transaction: of several under one key, one wins.
    async fn put_with_key(
        &self,
        command: &Command,
        key: &IdempotencyKey,
    ) -> Result<Insertion, StoreError> {
        let row = Put::builder()
            .table_name(&self.table)
            .set_item(Some(command_row::write(INSERT, command)?))
            .condition_expression(NEW);
        let used = Put::builder()
            .table_name(&self.table)
            .set_item(Some(key_row::write(INSERT, command, key)?))
            .condition_expression(
                "attribute_not_exists(sentAs) OR registrationId <> :registration OR expiresAt <= :now",
            )
            .expression_attribute_values(":registration", text(command.registration.to_string()))
            .expression_attribute_values(":now", AttributeValue::N(command.created_at.as_second().to_string()))
            .return_values_on_condition_check_failure(OnFailure::AllOld);
        let mut items = Vec::new();
        for put in [row, used] {
            let put = put.build().map_err(|err| unreadable(INSERT, err))?;
            items.push(TransactWriteItem::builder().put(put).build());
        }
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .send()
            .await;
        let err = match sent {
            Ok(_) => return Ok(Insertion::New),
            Err(err) => err,
        };
        let used = match err.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(it)) => {
                it.cancellation_reasons().get(1).and_then(|it| it.item())
            }
            _ => None,
        };
        let Some(used) = used else {
            return Err(busy_if_overtaken(err));
        };
        let used = key_row::read(INSERT, used.clone())?;
        if used.command == command.id {
            // An attempt that we gave up has stored it.
            return Ok(Insertion::New);
        }
        let known = self
            .get(&command.user, &command.device, used.command)
            .await?;
        match known {
            Some(known) => Ok(Insertion::Known(Box::new(known))),
            None => Err(unreadable(INSERT, "a key whose command is not there")),
        }
    }
}

const INSERT: &str = "store a command";

/// No command has this id.
const NEW: &str = "attribute_not_exists(commandId)";

/// A transaction that another one got into the way of may work in a moment.
fn busy_if_overtaken(err: SdkError<TransactWriteItemsError, HttpResponse>) -> StoreError {
    let overtaken = match err.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(it)) => {
            let mut codes = it.cancellation_reasons().iter().map(code);
            codes.any(|it| it == "TransactionConflict")
        }
        _ => false,
    };
    let err = failed(INSERT, err);
    match overtaken {
        true => StoreError {
            cause: Cause::Busy,
            ..err
        },
        false => err,
    }
}

impl Commands for DynamoCommands {
    async fn insert(
        &self,
        command: &Command,
        key: Option<&IdempotencyKey>,
    ) -> Result<Insertion, StoreError> {
        match key {
            None => self.put(command).await,
            Some(key) => self.put_with_key(command, key).await,
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
        now: Timestamp,
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
                .filter_expression(filter(status))
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":status", text(status.as_str()));
        }
        query = match status {
            None | Some(CommandStatus::Success) => query,
            Some(CommandStatus::Pending) => {
                query.expression_attribute_values(":now", text(domain::time::text(now)))
            }
            Some(CommandStatus::Failed) => query
                .expression_attribute_values(":now", text(domain::time::text(now)))
                .expression_attribute_values(":pending", text(CommandStatus::Pending.as_str())),
        };
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
}

/// What [`Command::at`] says, for DynamoDB.
fn filter(status: CommandStatus) -> &'static str {
    match status {
        CommandStatus::Pending => "#status = :status AND due > :now",
        CommandStatus::Success => "#status = :status",
        CommandStatus::Failed => {
            "#status = :status OR #status = :pending AND (attribute_not_exists(due) OR due <= :now)"
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
