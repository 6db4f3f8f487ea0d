//! Commands, and where they are published.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::Timestamp;
use serde_json::Value;
use uuid::{Builder, Uuid};

use super::{Noted, at, device_name, lock, user};
use crate::command::{Command, CommandId, CommandStatus, CommandTopic, Commands};
use crate::id::{CommandName, DeviceId, RegistrationId, UserId};
use crate::page::Stretch;
use crate::store::{Cause, StoreError};

/// Commands.
#[derive(Debug, Default)]
pub struct MemoryCommands {
    rows: Mutex<BTreeMap<CommandId, Command>>,
    calls: Mutex<usize>,
    fails: Mutex<bool>,
}

impl MemoryCommands {
    /// Everything that is stored, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Command> {
        lock(&self.rows).values().cloned().collect()
    }

    /// How many calls have listed rows.
    #[must_use]
    pub fn reads(&self) -> usize {
        *lock(&self.calls)
    }

    /// Lets no command be marked as failed from now on.
    pub fn break_fail(&self) {
        *lock(&self.fails) = true;
    }
}

impl Commands for MemoryCommands {
    async fn insert(&self, command: &Command) -> Result<(), StoreError> {
        let mut rows = lock(&self.rows);
        rows.entry(command.id).or_insert_with(|| command.clone());
        Ok(())
    }

    async fn get(
        &self,
        user: &UserId,
        device: &DeviceId,
        id: CommandId,
    ) -> Result<Option<Command>, StoreError> {
        let found = lock(&self.rows).get(&id).cloned();
        Ok(found.filter(|it| it.user == *user && it.device == *device))
    }

    async fn read(
        &self,
        user: &UserId,
        device: &DeviceId,
        status: Option<CommandStatus>,
        after: Option<CommandId>,
        most: usize,
    ) -> Result<Stretch<Command>, StoreError> {
        *lock(&self.calls) += 1;
        let mut rows = self.all();
        rows.reverse();
        rows.retain(|it| it.user == *user && it.device == *device);
        rows.retain(|it| after.is_none_or(|after| it.id < after));
        let cut = rows.len() >= most;
        rows.truncate(most);
        let end = rows.last().filter(|_| cut).map(|it| it.id);
        let scanned = rows.len();
        rows.retain(|it| status.is_none_or(|status| it.status == status));
        Ok(Stretch { rows, scanned, end })
    }

    async fn fail(
        &self,
        command: &Command,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if *lock(&self.fails) {
            return Err(StoreError {
                operation: "mark a command as failed",
                cause: Cause::Busy,
                source: "the store is away".into(),
            });
        }
        if let Some(row) = lock(&self.rows).get_mut(&command.id)
            && row.status == CommandStatus::Pending
        {
            row.status = CommandStatus::Failed;
            row.reason = Some(reason.to_owned());
            row.updated_at = now;
        }
        Ok(())
    }
}

impl CommandTopic for Noted<Command> {
    async fn publish(&self, command: &Command) -> Result<(), StoreError> {
        lock(&self.0).push(command.clone());
        Ok(())
    }
}

/// A command of `name` to `device`, registered as 1, sent `millisecond` after
/// 2020-09-13T12:26:40Z and pending.
#[must_use]
pub fn command(name: &str, device: &str, millisecond: i64) -> Command {
    let now = at(millisecond);
    let time = u64::try_from(now.as_millisecond()).unwrap_or_default();
    Command {
        id: CommandId(Builder::from_unix_timestamp_millis(time, &[0; 10]).into_uuid()),
        registration: RegistrationId(Uuid::from_u128(1)),
        device: super::device(device),
        device_name: device_name(device),
        user: user(name),
        status: CommandStatus::Pending,
        reason: None,
        name: CommandName::new("reboot").unwrap_or_else(|err| panic!("{err}")),
        value: Value::Null,
        details: None,
        created_at: now,
        updated_at: now,
    }
}
