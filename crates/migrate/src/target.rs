//! The tables of this product, as rows of another come in. What is there stays
//! as it is: whoever has used the product since knows better.

use std::time::Duration;

use adapters::{DynamoCommands, DynamoEvents, DynamoRegistrations, DynamoSettings};
use anyhow::{Error, Result};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use contract::table;
use domain::command::{Command, Commands};
use domain::event::{Events, Insertion, Record};
use domain::id::{DeviceId, UserId};
use domain::registration::{Claim, Product, Products, Registration, Registrations, Status};
use domain::settings::{OwnSettings, UserSettings};
use domain::store::{Cause, StoreError};
use jiff::Timestamp;
use serde_json::json;

use crate::report::Outcome;

/// How often a write is tried that a busy table refuses.
const ATTEMPTS: u32 = 6;

/// The five tables of a stack.
#[derive(Debug)]
pub(crate) struct Target {
    client: Client,
    reference: String,
    registrations: DynamoRegistrations,
    settings: DynamoSettings,
    events: DynamoEvents,
    commands: DynamoCommands,
}

impl Target {
    /// The tables called by `name`, which is given their logical ids.
    pub(crate) fn new(client: &Client, name: impl Fn(&str) -> String) -> Self {
        let registrations = name(table::REGISTRATIONS);
        let reference = name(table::REFERENCE);
        Self {
            client: client.clone(),
            reference: reference.clone(),
            registrations: DynamoRegistrations::new(client.clone(), registrations, reference),
            settings: DynamoSettings::new(client.clone(), name(table::SETTINGS)),
            events: DynamoEvents::new(client.clone(), name(table::EVENTS)),
            commands: DynamoCommands::new(client.clone(), name(table::COMMANDS)),
        }
    }

    /// Adds a product, unclaimed.
    pub(crate) async fn product(&self, product: &Product) -> Result<Outcome> {
        let row = json!({
            table::DEVICE_ID: product.device.as_str(),
            table::MODEL_NUMBER: product.model.as_str(),
            "details": product.details,
        });
        let put = self
            .client
            .put_item()
            .table_name(&self.reference)
            .set_item(Some(serde_dynamo::to_item(row)?))
            .condition_expression("attribute_not_exists(deviceId)")
            .send()
            .await;
        match put {
            Ok(_) => Ok(Outcome::Moved),
            Err(SdkError::ServiceError(it)) if it.err().is_conditional_check_failed_exception() => {
                Ok(Outcome::There)
            }
            Err(err) => Err(Error::new(err).context("could not add a product")),
        }
    }

    /// Stores a registration and claims its product, as an owner does who
    /// registers it. A product that had an owner here already is left alone.
    pub(crate) async fn registration(&self, registration: &Registration) -> Result<Outcome> {
        if registration.status == Status::Deleted {
            return Ok(match self.registrations.insert_past(registration).await? {
                true => Outcome::Moved,
                false => Outcome::There,
            });
        }
        let refused = |reason: &str| Ok(Outcome::Refused(reason.to_owned()));
        let rows = self.registrations.of_serial(&registration.device).await?;
        let Some(product) = rows.iter().find(|it| it.model == registration.model) else {
            return refused(
                "no such product was manufactured: serial and model are not in Reference",
            );
        };
        let mine = |it: &Product| it.claimed_by.as_ref() == Some(&registration.user);
        if rows.iter().any(mine)
            || rows
                .iter()
                .all(|it| it.claimed_by.is_none() && it.claims > 0)
        {
            return Ok(Outcome::There);
        }
        if rows.iter().any(|it| it.claimed_by.is_some()) {
            return refused("somebody else has registered the device here since");
        }
        match self
            .registrations
            .claim(registration, product, &rows)
            .await?
        {
            Claim::Done => Ok(Outcome::Moved),
            Claim::Owned => Ok(Outcome::There),
            Claim::Overtaken => refused("somebody was just registering the device: run it again"),
        }
    }

    /// Whether a user has a device here.
    pub(crate) async fn is_owner(&self, user: &UserId, device: &DeviceId) -> Result<bool> {
        let rows = self.registrations.of_serial(device).await?;
        Ok(rows.iter().any(|it| it.claimed_by.as_ref() == Some(user)))
    }

    /// Stores a user's settings in place of the defaults that a new user gets.
    pub(crate) async fn settings(
        &self,
        user: &UserId,
        settings: &UserSettings,
        now: Timestamp,
    ) -> Result<Outcome> {
        let present = OwnSettings::get(&self.settings, user).await?;
        let chosen = present.is_some_and(|it| {
            it.setting != UserSettings::default() || it.created_at != it.updated_at
        });
        if chosen {
            return Ok(Outcome::There);
        }
        OwnSettings::put(&self.settings, user, settings, now).await?;
        Ok(Outcome::Moved)
    }

    /// Stores an event.
    pub(crate) async fn event(&self, record: &Record) -> Result<Outcome> {
        Ok(
            match patiently(async || self.events.insert(record).await).await? {
                Insertion::New => Outcome::Moved,
                Insertion::Known(_) => Outcome::There,
            },
        )
    }

    /// Stores a command. One that is there is not told apart.
    pub(crate) async fn command(&self, command: &Command) -> Result<Outcome> {
        patiently(async || self.commands.insert(command, None).await).await?;
        Ok(Outcome::Moved)
    }
}

/// Tries a write again while the table is busy: one that has just been made
/// grows with what comes in.
async fn patiently<T>(write: impl AsyncFn() -> Result<T, StoreError>) -> Result<T, StoreError> {
    for attempt in 0..ATTEMPTS {
        match write().await {
            Err(err) if err.cause == Cause::Busy => {
                tokio::time::sleep(Duration::from_millis(200 << attempt)).await;
            }
            done => return done,
        }
    }
    write().await
}
