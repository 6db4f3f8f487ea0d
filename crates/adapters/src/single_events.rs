//! Events by their ids, in their table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::event::{Change, Event, EventId, Record, SingleEvents};
use domain::id::{DeviceId, RegistrationId, UserId};
use domain::store::{Cause, StoreError};
use domain::time;
use jiff::Timestamp;

use crate::aws::failed;
use crate::dynamo::{self, Item, text};
use crate::event_row;
use crate::events::DynamoEvents;

impl SingleEvents for DynamoEvents {
    async fn get(
        &self,
        user: &UserId,
        device: &DeviceId,
        id: EventId,
    ) -> Result<Option<Record>, StoreError> {
        const OPERATION: &str = "read an event";
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(event_row::key(user, device, id)))
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        found
            .item
            .map(|item| event_row::read(OPERATION, item))
            .transpose()
    }

    /// One call, but where one flag is taken back that the other one outweighs.
    async fn change(
        &self,
        user: &UserId,
        registration: RegistrationId,
        device: &DeviceId,
        id: EventId,
        change: Change,
        now: Timestamp,
    ) -> Result<Option<Event>, StoreError> {
        let key = event_row::key(user, device, id);
        let mut attempt = Update::of(change);
        for _ in 0..ATTEMPTS {
            match self.update(&key, registration, &attempt, now).await? {
                Updated::Done(event) => return Ok(Some(*event)),
                Updated::Missing => return Ok(None),
                Updated::OtherFlag(value) => attempt = attempt.given(value),
            }
        }
        Err(StoreError {
            operation: UPDATE,
            cause: Cause::Busy,
            source: "others keep changing this event".into(),
        })
    }
}

const UPDATE: &str = "update an event";

/// How often an update is tried while another one changes the other flag: the
/// second attempt knows that flag.
const ATTEMPTS: usize = 3;

/// What one conditional write does.
#[derive(Clone, Copy, Debug)]
struct Update {
    change: Change,
    /// The flag that does not change, and what it has to be.
    other: Option<(&'static str, bool)>,
    unread: bool,
}

/// What became of it.
enum Updated {
    Done(Box<Event>),
    /// No such event under this registration.
    Missing,
    /// The flag that does not change is the other way round.
    OtherFlag(bool),
}

impl Update {
    /// Where one flag is taken back, whether the event is unread hangs on the
    /// other one, which nearly always is not set.
    fn of(change: Change) -> Self {
        let (other, unread) = match change {
            Change::Ack(true) | Change::Suppress(true) => (None, false),
            Change::Ack(false) => (Some(("suppress", false)), true),
            Change::Suppress(false) => (Some(("ack", false)), true),
            Change::Both { ack, suppress } => (None, !ack && !suppress),
        };
        Self {
            change,
            other,
            unread,
        }
    }

    /// The same change where the other flag is `value`.
    fn given(self, value: bool) -> Self {
        Self {
            other: self.other.map(|(flag, _)| (flag, value)),
            unread: !value,
            ..self
        }
    }
}

impl DynamoEvents {
    async fn update(
        &self,
        key: &Item,
        registration: RegistrationId,
        update: &Update,
        now: Timestamp,
    ) -> Result<Updated, StoreError> {
        let mut condition = "registrationId = :registration".to_owned();
        let mut set = "SET updatedAt = :now".to_owned();
        let mut values = HashMap::from([
            (":registration", text(registration.to_string())),
            (":now", text(time::text(now))),
        ]);
        if let Some(ack) = update.change.ack() {
            set += ", ack = :ack";
            values.insert(":ack", AttributeValue::Bool(ack));
        }
        if let Some(suppress) = update.change.suppress() {
            set += ", suppress = :suppress";
            values.insert(":suppress", AttributeValue::Bool(suppress));
        }
        if let Some((flag, value)) = update.other {
            condition += &format!(" AND {flag} = :other");
            values.insert(":other", AttributeValue::Bool(value));
        }
        set += match update.unread {
            true => ", unread = unreadList",
            false => " REMOVE unread",
        };
        let values = values.into_iter().map(|(name, it)| (name.to_owned(), it));

        let change = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.clone()))
            .update_expression(set)
            .condition_expression(condition)
            .set_expression_attribute_values(Some(values.collect()));
        let item = match dynamo::update(UPDATE, change).await? {
            dynamo::Updated::Done(item) => {
                let record = event_row::read(UPDATE, item)?;
                return Ok(Updated::Done(Box::new(record.event)));
            }
            dynamo::Updated::Refused(Some(item)) => item,
            dynamo::Updated::Refused(None) => return Ok(Updated::Missing),
        };
        let record = event_row::read(UPDATE, item)?;
        let value = match update.other {
            Some(("ack", _)) => record.event.ack,
            Some(_) => record.event.suppress,
            None => return Ok(Updated::Missing),
        };
        Ok(match record.registration == registration {
            true => Updated::OtherFlag(value),
            false => Updated::Missing,
        })
    }
}
