//! Ending commands, and finding those about which something is left to do.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use contract::{index, table};
use domain::command::{Command, CommandKey, CommandStatus, Due, Ended, Ending, OpenCommands};
use domain::store::StoreError;
use domain::time;
use futures_util::future::join_all;
use jiff::Timestamp;

use crate::aws::failed;
use crate::command_row;
use crate::commands::DynamoCommands;
use crate::dynamo::{self, Item, Updated, text};

impl OpenCommands for DynamoCommands {
    async fn end(
        &self,
        command: CommandKey<'_>,
        ending: &Ending,
        now: Timestamp,
    ) -> Result<Ended, StoreError> {
        const OPERATION: &str = "end a command";
        let Words { change, condition } = words(ending);
        let mut values = HashMap::from([
            (":status", ending.status().as_str().to_owned()),
            (":pending", CommandStatus::Pending.as_str().to_owned()),
            (":registration", command.registration.to_string()),
            (":now", time::text(now)),
        ]);
        let mut set = format!("SET #status = :status, {change}");
        if let Some(reason) = ending.reason() {
            set = set.replacen("SET ", "SET reason = :reason, ", 1);
            values.insert(":reason", reason.to_owned());
        }
        let values = values
            .into_iter()
            .map(|(name, it)| (name.to_owned(), text(it)));
        let closes = matches!(ending, Ending::Done { .. }).then_some(table::OPEN);
        let mut names = HashMap::from([("#status".to_owned(), "status".to_owned())]);
        names.extend(closes.map(|it| ("#open".to_owned(), it.to_owned())));

        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(command)))
            .update_expression(set)
            .condition_expression(format!(
                "registrationId = :registration AND #status = :pending AND {condition}"
            ))
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values.collect()));
        let item = match dynamo::update(OPERATION, update).await? {
            Updated::Done(item) => {
                return Ok(Ended::Now(Box::new(command_row::read(OPERATION, item)?)));
            }
            Updated::Refused(Some(item)) => item,
            Updated::Refused(None) => return Ok(Ended::Missing),
        };
        let found = command_row::read(OPERATION, item)?;
        Ok(match found.registration == command.registration {
            true => Ended::Unfit(Box::new(found)),
            false => Ended::Missing,
        })
    }

    async fn close(&self, command: CommandKey<'_>) -> Result<(), StoreError> {
        let sent = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(command)))
            .update_expression("REMOVE #open")
            // Nothing makes a row of one that has expired.
            .condition_expression("registrationId = :registration")
            .expression_attribute_names("#open", table::OPEN)
            .expression_attribute_values(":registration", text(command.registration.to_string()))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(err)
                if err
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(err) => Err(failed("close a command", err)),
        }
    }

    async fn due(&self, now: Timestamp, most: usize) -> Due {
        let most = most.div_ceil(table::OPEN_SHARDS.len());
        let shards = table::OPEN_SHARDS.iter();
        let shards = join_all(shards.map(|it| self.due_in(it, now, most))).await;
        let mut due = Due {
            commands: Vec::new(),
            more: false,
        };
        for shard in shards {
            match shard {
                Ok((commands, more)) => {
                    due.commands.extend(commands);
                    due.more |= more;
                }
                Err(err) => due.commands.push(Err(err)),
            }
        }
        due
    }
}

const DUE: &str = "find commands that are due";

type Found = (Vec<Result<Command, StoreError>>, bool);

impl DynamoCommands {
    /// The first ones of a shard, and whether there are more; one page, which
    /// is shorter where rows are large.
    async fn due_in(&self, shard: &str, now: Timestamp, most: usize) -> Result<Found, StoreError> {
        let found = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(index::COMMANDS_OPEN)
            .key_condition_expression("#open = :shard AND due <= :now")
            .expression_attribute_names("#open", table::OPEN)
            .expression_attribute_values(":shard", text(shard))
            .expression_attribute_values(":now", text(time::text(now)))
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|err| failed(DUE, err))?;
        let more = found.last_evaluated_key.is_some();
        let rows = found.items.unwrap_or_default().into_iter();
        Ok((rows.map(|it| command_row::read(DUE, it)).collect(), more))
    }
}

/// [`Ending::apply`] and [`Ending::fits`] for DynamoDB.
struct Words {
    /// What changes besides status and reason.
    change: &'static str,
    /// When it may.
    condition: &'static str,
}

fn words(ending: &Ending) -> Words {
    match ending {
        Ending::Done { .. } => Words {
            change: "updatedAt = :now REMOVE #open",
            condition: "due > :now",
        },
        Ending::Refused { .. } | Ending::NotSent => Words {
            change: "updatedAt = :now, due = :now",
            condition: "due > :now",
        },
        Ending::TimedOut => Words {
            change: "updatedAt = due",
            condition: "due <= :now",
        },
    }
}

fn key(command: CommandKey<'_>) -> Item {
    command_row::key(command.user, command.device, command.id)
}
