//! Commands, whom they may be sent to, and where they are published.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value};
use uuid::{Builder, Uuid};

use super::{MemoryOwners, Noted, at, device_name, lock, user};
use crate::command::{
    Command, CommandId, CommandKey, CommandStatus, CommandTopic, Commands, Due, Ended, Ending,
    Insertion, KEY_HOURS, OpenCommands, Target, Targets, Used,
};
use crate::id::{CommandName, DeviceId, IdempotencyKey, RegistrationId, UserId};
use crate::owner::Owners;
use crate::page::Stretch;
use crate::store::{Cause, StoreError};

/// Commands, and the keys under which they were sent.
#[derive(Debug, Default)]
pub struct MemoryCommands {
    rows: Mutex<BTreeMap<CommandId, Command>>,
    keys: Mutex<BTreeMap<Scope, Used>>,
    calls: Mutex<usize>,
    fails: Mutex<bool>,
}

type Scope = (UserId, DeviceId, IdempotencyKey);

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

    /// Lets no command end from now on.
    pub fn break_end(&self) {
        *lock(&self.fails) = true;
    }

    fn used(&self, user: &UserId, device: &DeviceId, key: &IdempotencyKey) -> Option<Used> {
        let scope = (user.clone(), device.clone(), key.clone());
        lock(&self.keys).get(&scope).copied()
    }
}

impl Commands for MemoryCommands {
    async fn insert(
        &self,
        command: &Command,
        key: Option<&IdempotencyKey>,
    ) -> Result<Insertion, StoreError> {
        let mut rows = lock(&self.rows);
        if let Some(key) = key {
            let used = self.used(&command.user, &command.device, key);
            let counts = used.filter(|it| it.counts(command.registration, command.created_at));
            if let Some(used) = counts.filter(|it| it.command != command.id) {
                let known = rows.get(&used.command).cloned();
                return match known {
                    Some(known) => Ok(Insertion::Known(Box::new(known))),
                    None => Err(away("store a command")),
                };
            }
            let used = Used {
                command: command.id,
                registration: command.registration,
                expires: command.created_at + KEY_HOURS.hours(),
            };
            let scope = (command.user.clone(), command.device.clone(), key.clone());
            lock(&self.keys).insert(scope, used);
        }
        if let (None, Some(known)) = (key, rows.get(&command.id)) {
            return Ok(Insertion::Known(Box::new(known.clone())));
        }
        rows.entry(command.id).or_insert_with(|| command.clone());
        Ok(Insertion::New)
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
        now: Timestamp,
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
        rows.retain(|it| status.is_none_or(|status| it.clone().at(now).status == status));
        Ok(Stretch { rows, scanned, end })
    }
}

impl OpenCommands for MemoryCommands {
    async fn end(
        &self,
        command: CommandKey<'_>,
        ending: &Ending,
        now: Timestamp,
    ) -> Result<Ended, StoreError> {
        if *lock(&self.fails) {
            return Err(away("end a command"));
        }
        let mut rows = lock(&self.rows);
        let found = rows.get_mut(&command.id).filter(|it| is(it, command));
        Ok(match found {
            None => Ended::Missing,
            Some(row) if !ending.fits(row, now) => Ended::Unfit(Box::new(row.clone())),
            Some(row) => {
                *row = ending.apply(row.clone(), now);
                Ended::Now(Box::new(row.clone()))
            }
        })
    }

    async fn close(&self, command: CommandKey<'_>) -> Result<(), StoreError> {
        let mut rows = lock(&self.rows);
        if let Some(row) = rows.get_mut(&command.id).filter(|it| is(it, command)) {
            row.open = false;
        }
        Ok(())
    }

    async fn due(&self, now: Timestamp, most: usize) -> Due {
        let mut rows = self.all();
        rows.retain(|it| it.open && it.due <= now);
        rows.sort_by_key(|it| it.due);
        let more = rows.len() > most;
        rows.truncate(most);
        Due {
            commands: rows.into_iter().map(Ok).collect(),
            more,
        }
    }
}

fn is(command: &Command, key: CommandKey<'_>) -> bool {
    command.user == *key.user
        && command.device == *key.device
        && command.registration == key.registration
}

fn away(operation: &'static str) -> StoreError {
    StoreError {
        operation,
        cause: Cause::Busy,
        source: "the store is away".into(),
    }
}

/// Devices to which commands may be sent: those of present owners, all of them
/// of one product.
#[derive(Debug)]
pub struct MemoryTargets<'a> {
    /// Who has them.
    pub owners: &'a MemoryOwners,
    /// Where keys are stored.
    pub commands: &'a MemoryCommands,
    /// What is known about the product.
    pub details: Map<String, Value>,
}

impl Targets for MemoryTargets<'_> {
    async fn of_user(
        &self,
        user: &UserId,
        device: &DeviceId,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<Target>, StoreError> {
        let owner = self.owners.of_user(user, device).await?;
        Ok(owner.map(|owner| Target {
            owner,
            details: self.details.clone(),
            used: key.and_then(|key| self.commands.used(user, device, key)),
        }))
    }
}

impl CommandTopic for Noted<Command> {
    async fn publish(&self, command: &Command, _now: Timestamp) -> Result<(), StoreError> {
        lock(&self.0).push(command.clone());
        Ok(())
    }
}

/// A command of `name` to `device`, registered as 1, sent `millisecond` after
/// 2020-09-13T12:26:40Z and pending for a minute; it changes no state.
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
        desired: Map::new(),
        due: at(millisecond + 60_000),
        open: true,
        created_at: now,
        updated_at: now,
    }
}
