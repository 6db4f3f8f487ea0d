//! To whom commands may be sent, read from the registrations, together with
//! what was sent under a key, read from the commands.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::KeysAndAttributes;
use contract::table;
use domain::command::{Target, Targets};
use domain::id::{DeviceId, IdempotencyKey, UserId};
use domain::owner::Owner;
use domain::store::{Cause, StoreError};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::aws::{failed, unreadable};
use crate::dynamo::{Item, from_item};
use crate::key_row::{self, key_of_key};
use crate::owners;
use crate::registrations::registration_key;

/// Present registrations in their table, keys in the Commands table.
#[derive(Clone, Debug)]
pub struct DynamoTargets {
    client: Client,
    registrations: String,
    commands: String,
}

impl DynamoTargets {
    /// Registrations in the table `registrations`, keys in `commands`.
    #[must_use]
    pub fn new(client: Client, registrations: String, commands: String) -> Self {
        Self {
            client,
            registrations,
            commands,
        }
    }

    async fn registration(&self, key: Item) -> Result<Option<Item>, StoreError> {
        let found = self
            .client
            .get_item()
            .table_name(&self.registrations)
            .set_key(Some(key))
            .consistent_read(true)
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        Ok(found.item)
    }

    /// Both rows in one call.
    async fn both(
        &self,
        registration: Item,
        key: Item,
    ) -> Result<(Option<Item>, Option<Item>), StoreError> {
        let one = |key| {
            let keys = KeysAndAttributes::builder().keys(key).consistent_read(true);
            keys.build().map_err(|err| unreadable(OPERATION, err))
        };
        let found = self
            .client
            .batch_get_item()
            .request_items(&self.registrations, one(registration)?)
            .request_items(&self.commands, one(key)?)
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        // What is throttled is left out of an answer that is no error.
        if found.unprocessed_keys.is_some_and(|it| !it.is_empty()) {
            return Err(StoreError {
                operation: OPERATION,
                cause: Cause::Busy,
                source: "DynamoDB has left out some of what was asked for".into(),
            });
        }
        let mut found = found.responses.unwrap_or_default();
        let mut first = |table: &str| found.remove(table).and_then(|mut it| it.pop());
        Ok((first(&self.registrations), first(&self.commands)))
    }
}

const OPERATION: &str = "look up whom to send a command";

impl Targets for DynamoTargets {
    async fn of_user(
        &self,
        user: &UserId,
        device: &DeviceId,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<Target>, StoreError> {
        let registration = registration_key(user, device);
        let (registration, used) = match key {
            None => (self.registration(registration).await?, None),
            Some(key) => {
                self.both(registration, key_of_key(user, device, key))
                    .await?
            }
        };
        let Some(mut item) = registration else {
            return Ok(None);
        };
        // Taken out, as the details are large and nothing else reads them.
        let own = [table::ACTIVE_DEVICE, "details"];
        let own = own.iter().filter_map(|it| item.remove_entry(*it));
        let row: Row = from_item(OPERATION, own.collect())?;
        // Absent while the device is being deleted, and afterwards.
        if row.active_device.is_none() {
            return Ok(None);
        }
        let owner: Option<Owner> = owners::owner(OPERATION, Some(item))?;
        let used = used.map(|it| key_row::read(OPERATION, it)).transpose()?;
        Ok(owner.map(|owner| Target {
            owner,
            details: row.details,
            used,
        }))
    }
}

/// What is read of a registration, besides its owner.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    active_device: Option<DeviceId>,
    #[serde(default)]
    details: Map<String, Value>,
}
