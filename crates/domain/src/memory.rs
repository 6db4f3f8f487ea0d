//! Doubles of the stores, for tests: the feature `memory` brings them to the
//! tests of other crates. They pass the suites that the tables pass.

mod commands;
mod shadows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use uuid::Uuid;

pub use self::commands::{MemoryCommands, MemoryTargets, command};
pub use self::shadows::MemoryShadows;
use crate::alert::{AlertRequests, Alerts, Broadcast, Channel, Claim, Class, Request};
use crate::connectivity::{Connected, Connection, Connectivity};
use crate::event::{
    Change, Counted, Event, EventId, EventType, Events, Insertion, List, Message, Order, Query,
    Record, Rejected, Rejection, SingleEvents, Timelines,
};
use crate::id::{DeviceId, DeviceName, MessageId, RegistrationId, UserId};
use crate::owner::{Owner, Owners};
use crate::page::Stretch;
use crate::settings::{Settings, UserSettings};
use crate::store::StoreError;

/// Events, who reads them and who sends their alerts.
#[derive(Debug, Default)]
pub struct MemoryEvents {
    rows: Mutex<BTreeMap<EventId, Row>>,
    calls: Mutex<usize>,
}

#[derive(Debug)]
struct Row {
    record: Record,
    claim: Option<Uuid>,
    served: BTreeSet<Channel>,
}

impl MemoryEvents {
    /// Everything that is stored, newest first.
    #[must_use]
    pub fn records(&self) -> Vec<Record> {
        let mut records: Vec<_> = lock(&self.rows)
            .values()
            .map(|it| it.record.clone())
            .collect();
        records.sort_by_cached_key(|it| std::cmp::Reverse(it.event.order()));
        records
    }

    /// Marks an event as seen.
    pub fn acknowledge(&self, event: EventId) {
        if let Some(row) = lock(&self.rows).get_mut(&event) {
            row.record.event.ack = true;
        }
    }

    /// How many calls have read rows.
    #[must_use]
    pub fn reads(&self) -> usize {
        *lock(&self.calls)
    }

    fn after(&self, query: &Query<'_>, after: Option<&Order>) -> Vec<Record> {
        *lock(&self.calls) += 1;
        let mut rows = self.records();
        rows.retain(|it| is_in(&it.event, query.list));
        rows.retain(|it| after.is_none_or(|after| it.event.order() < *after));
        rows
    }
}

impl Events for MemoryEvents {
    async fn insert(&self, record: &Record) -> Result<Insertion, StoreError> {
        let mut rows = lock(&self.rows);
        if let Some(known) = rows.get(&record.event.id) {
            return Ok(Insertion::Known(Box::new(known.record.event.clone())));
        }
        let row = Row {
            record: record.clone(),
            claim: None,
            served: BTreeSet::new(),
        };
        rows.insert(record.event.id, row);
        Ok(Insertion::New)
    }
}

impl Timelines for MemoryEvents {
    async fn read(
        &self,
        query: &Query<'_>,
        after: Option<&Order>,
        most: usize,
    ) -> Result<Stretch<Record>, StoreError> {
        let mut rows = self.after(query, after);
        // As in DynamoDB, reading as many rows as asked for does not tell
        // whether one more follows.
        let cut = rows.len() >= most;
        rows.truncate(most);
        let end = rows.last().filter(|_| cut).map(|it| it.event.order());
        let scanned = rows.len();
        rows.retain(|it| is_wanted(&it.event, query));
        Ok(Stretch { rows, scanned, end })
    }

    async fn count(&self, query: &Query<'_>, after: Option<&Order>) -> Result<Counted, StoreError> {
        let rows = self.after(query, after);
        let rows = rows.iter().filter(|it| is_wanted(&it.event, query)).count();
        Ok(Counted { rows, end: None })
    }
}

impl SingleEvents for MemoryEvents {
    async fn get(
        &self,
        user: &UserId,
        device: &DeviceId,
        id: EventId,
    ) -> Result<Option<Record>, StoreError> {
        let rows = lock(&self.rows);
        let found = rows.get(&id).map(|it| it.record.clone());
        Ok(found.filter(|it| it.event.user == *user && it.event.device == *device))
    }

    async fn change(
        &self,
        user: &UserId,
        registration: RegistrationId,
        device: &DeviceId,
        id: EventId,
        change: Change,
        now: Timestamp,
    ) -> Result<Option<Event>, StoreError> {
        let mut rows = lock(&self.rows);
        let record = rows.get_mut(&id).map(|it| &mut it.record);
        let Some(record) = record.filter(|it| {
            it.registration == registration && it.event.user == *user && it.event.device == *device
        }) else {
            return Ok(None);
        };
        let event = &mut record.event;
        event.ack = change.ack().unwrap_or(event.ack);
        event.suppress = change.suppress().unwrap_or(event.suppress);
        event.updated_at = now;
        Ok(Some(event.clone()))
    }
}

fn is_in(event: &Event, list: List<'_>) -> bool {
    match list {
        List::User(user) => event.user == *user,
        List::Device(user, device) => event.user == *user && event.device == *device,
        List::Unread(user, class) => {
            event.user == *user && event.is_unread() && Class::of(event.event_type) == class
        }
    }
}

fn is_wanted(event: &Event, query: &Query<'_>) -> bool {
    query.device.is_none_or(|it| *it == event.device)
        && query.event_type.is_none_or(|it| it == event.event_type)
        && (!query.unread || event.is_unread())
}

impl Alerts for MemoryEvents {
    async fn claim(&self, request: &Request) -> Result<Claim, StoreError> {
        let mut rows = lock(&self.rows);
        let Some(row) = rows.get_mut(&request.event) else {
            return Ok(Claim::Refused);
        };
        if row.claim.is_some_and(|it| it != request.claim) {
            return Ok(Claim::Refused);
        }
        row.claim = Some(request.claim);
        Ok(Claim::Granted {
            event: Box::new(row.record.event.clone()),
            served: row.served.clone(),
        })
    }

    async fn release(
        &self,
        request: &Request,
        served: &BTreeSet<Channel>,
    ) -> Result<(), StoreError> {
        let mut rows = lock(&self.rows);
        if let Some(row) = rows.get_mut(&request.event)
            && row.claim == Some(request.claim)
        {
            row.claim = None;
            row.served.extend(served);
        }
        Ok(())
    }
}

/// Present owners.
#[derive(Debug, Default)]
pub struct MemoryOwners(Mutex<BTreeMap<DeviceId, Owner>>);

impl MemoryOwners {
    /// Makes `user` the present owner of `device`, in place of any other.
    pub fn register(&self, name: &str, device: &str, registration: u128, since: Timestamp) {
        let owner = Owner {
            user: user(name),
            registration: RegistrationId(Uuid::from_u128(registration)),
            since,
            device_name: device_name(device),
        };
        lock(&self.0).insert(self::device(device), owner);
    }

    /// The present owner of `device`.
    #[must_use]
    pub fn get(&self, device: &str) -> Option<Owner> {
        lock(&self.0).get(&self::device(device)).cloned()
    }
}

impl Owners for MemoryOwners {
    async fn of_device(&self, device: &DeviceId) -> Result<Option<Owner>, StoreError> {
        Ok(self.get(device.as_str()))
    }

    async fn of_user(&self, user: &UserId, device: &DeviceId) -> Result<Option<Owner>, StoreError> {
        Ok(self.get(device.as_str()).filter(|it| it.user == *user))
    }
}

/// A fleet index of all devices, whosever they are; nothing is known before
/// something is told.
#[derive(Debug, Default)]
pub struct MemoryConnectivity(Mutex<Option<BTreeMap<DeviceId, Connection>>>);

impl MemoryConnectivity {
    /// Connects these devices and no others.
    pub fn set(&self, devices: &[&str]) {
        let connected = |name: &&str| {
            let connection = Connection {
                connected: true,
                ..Connection::default()
            };
            (device(name), connection)
        };
        *lock(&self.0) = Some(devices.iter().map(connected).collect());
    }

    /// Says this of `serial`.
    pub fn tell(&self, serial: &str, connection: Connection) {
        let mut known = lock(&self.0);
        known
            .get_or_insert_default()
            .insert(device(serial), connection);
    }
}

impl Connectivity for MemoryConnectivity {
    async fn of_device(&self, device: &DeviceId) -> Option<Connection> {
        let known = lock(&self.0);
        let known = known.as_ref()?;
        Some(known.get(device).cloned().unwrap_or_default())
    }

    async fn of_user(&self, _: &UserId) -> Connected {
        match &*lock(&self.0) {
            None => Connected::default(),
            Some(known) => Connected {
                devices: known
                    .iter()
                    .filter(|(_, it)| it.connected)
                    .map(|(device, _)| device.clone())
                    .collect(),
                complete: true,
            },
        }
    }
}

/// Settings of users.
#[derive(Debug, Default)]
pub struct MemorySettings(Mutex<BTreeMap<UserId, UserSettings>>);

impl MemorySettings {
    /// Gives `name` these settings.
    pub fn set(&self, name: &str, alert_level: &[EventType], send_notification: bool) {
        let alert_level = alert_level.iter().copied().collect();
        let settings = UserSettings {
            alert_level,
            send_notification,
        };
        lock(&self.0).insert(user(name), settings);
    }
}

impl Settings for MemorySettings {
    async fn of_user(&self, user: &UserId) -> Result<Option<UserSettings>, StoreError> {
        Ok(lock(&self.0).get(user).cloned())
    }

    async fn create_default(&self, user: &UserId, _now: Timestamp) -> Result<(), StoreError> {
        lock(&self.0).entry(user.clone()).or_default();
        Ok(())
    }
}

/// Whatever was handed to a port that only takes.
#[derive(Debug)]
pub struct Noted<T>(Mutex<Vec<T>>);

impl<T> Default for Noted<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Noted<T> {
    /// All of it, in the order in which it came.
    #[must_use]
    pub fn all(&self) -> Vec<T> {
        lock(&self.0).clone()
    }
}

impl AlertRequests for Noted<Request> {
    async fn request(&self, request: &Request) -> Result<(), StoreError> {
        lock(&self.0).push(request.clone());
        Ok(())
    }
}

impl Rejected for Noted<Rejection> {
    async fn keep(&self, rejection: &Rejection) -> Result<(), StoreError> {
        lock(&self.0).push(rejection.clone());
        Ok(())
    }
}

impl Broadcast for Noted<Event> {
    async fn publish(&self, alert: &Event) -> Result<(), StoreError> {
        lock(&self.0).push(alert.clone());
        Ok(())
    }
}

/// A warning of `device`, registered as 1 by `name`, received `millisecond`
/// after 2020-09-13T12:26:40Z.
#[must_use]
pub fn record(name: &str, device: &str, message: &str, millisecond: i64) -> Record {
    let owner = Owner {
        user: user(name),
        registration: RegistrationId(Uuid::from_u128(1)),
        since: at(0),
        device_name: device_name(device),
    };
    let message = Message {
        id: MessageId::new(message).unwrap_or_else(|err| panic!("{err}")),
        event_type: EventType::Warning,
        text: String::new(),
        value: None,
        details: None,
        timestamp: None,
        sent_at: None,
    };
    Record::new(owner, self::device(device), message, at(millisecond))
}

/// `millisecond` after 2020-09-13T12:26:40Z.
#[must_use]
pub fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(1_600_000_000_000 + millisecond)
        .unwrap_or_else(|err| panic!("{err}"))
}

/// The user called `name`.
#[must_use]
pub fn user(name: &str) -> UserId {
    UserId::new(name).unwrap_or_else(|err| panic!("{err}"))
}

/// The device called `serial`.
#[must_use]
pub fn device(serial: &str) -> DeviceId {
    DeviceId::new(serial).unwrap_or_else(|err| panic!("{err}"))
}

fn device_name(serial: &str) -> DeviceName {
    DeviceName::new(format!("Device {serial}")).unwrap_or_else(|err| panic!("{err}"))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
