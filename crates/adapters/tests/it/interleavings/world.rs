//! One device, two users, and what they do.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use adapters::{DynamoAdmissions, DynamoEvents, DynamoOwners, DynamoRegistrations};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use domain::alert::Class;
use domain::device::{self, Cleanup, DeleteError, Devices, Lease, Leftovers};
use domain::event::{
    self, Change, Delivery, Event, EventError, EventId, List, Query, Timelines, receive,
};
use domain::id::{CertificateId, DeviceId, DeviceName, ModelNumber, RegistrationId, UserId};
use domain::jitr::{Admissions, CertificateStatus, TrustedCas, admit};
use domain::memory::{Noted, at, user};
use domain::owner::OwnedError;
use domain::page::Limit;
use domain::registration::{Products, RegisterError, Registration, Status, Wanted, register};
use domain::store::{Cause, StoreError};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::Notify;
use uuid::Uuid;

use super::gate::Gate;
use super::iot::Iot;

/// How many programs run side by side.
pub(super) const ACTORS: usize = 7;

/// What somebody does; users and certificates by their numbers.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Register(usize),
    Delete(usize),
    /// Says something about the newest event.
    Change(usize, Change),
    /// The device connects, and just-in-time registration looks at it.
    Connect(usize),
    /// The device reports an event, if it may.
    Report(usize),
    /// Somebody tidies up after deletions.
    Tidy,
}

/// What happens next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Whoever has made the last call makes its next one; if it is done, one of
    /// the waiting calls is made.
    Continue(usize),
    /// One of the waiting calls is made.
    Switch(usize),
    /// What an actor is at dies between two calls.
    Kill(usize),
    /// Everything under way has died, and the leases have run out.
    Timeout,
}

/// How long a deletion's lease lasts: no test takes as many steps.
const LEASE: i64 = 1_000_000;

pub(super) struct World {
    gate: Gate,
    device: DeviceId,
    users: [UserId; 2],
    certificates: [CertificateId; 4],
    iot: Iot,
    /// These pass the gate.
    tables: DynamoRegistrations,
    admissions: DynamoAdmissions,
    owners: DynamoOwners,
    events: DynamoEvents,
    /// These do not.
    seen: DynamoRegistrations,
    /// Whose each registration would be that was tried.
    tried: Mutex<HashMap<RegistrationId, UserId>>,
    leftovers: Mutex<Vec<Leftovers>>,
    not_done: Mutex<Vec<Op>>,
    /// Milliseconds, and a source of numbers.
    clock: AtomicU64,
    stops: [Notify; ACTORS],
}

impl World {
    /// A manufactured device that nobody has. All names are of this `case`.
    pub(super) async fn new(client: &Client, case: usize) -> Self {
        let gate = Gate::default();
        let http = client.config().http_client().unwrap();
        let config = client.config().to_builder().http_client(gate.before(http));
        let gated = Client::from_conf(config.build());
        let tables = |client: &Client| {
            DynamoRegistrations::new(
                client.clone(),
                table::REGISTRATIONS.into(),
                table::REFERENCE.into(),
            )
        };
        let device = DeviceId::new(format!("SN-{case}")).unwrap();
        let put = client.put_item().table_name(table::REFERENCE);
        put.item(table::DEVICE_ID, AttributeValue::S(device.to_string()))
            .item(table::MODEL_NUMBER, AttributeValue::S("T-100".into()))
            .send()
            .await
            .unwrap();
        Self {
            iot: Iot::new(gate.clone(), device.clone()),
            gate,
            device,
            users: ["anna", "bob"].map(|it| user(&format!("{it}-{case}"))),
            certificates: ["a", "b", "c", "d"].map(|it| CertificateId::new(it.repeat(64)).unwrap()),
            tables: tables(&gated),
            admissions: DynamoAdmissions::new(gated.clone(), table::REGISTRATIONS.into()),
            owners: DynamoOwners::new(gated.clone(), table::REGISTRATIONS.into()),
            events: DynamoEvents::new(gated, table::EVENTS.into()),
            seen: tables(client),
            tried: Mutex::default(),
            leftovers: Mutex::default(),
            not_done: Mutex::default(),
            clock: AtomicU64::new(1),
            stops: Default::default(),
        }
    }

    /// A user has the device, which is let in and has reported two events.
    pub(super) async fn begin_with_owner(&self, user: usize) {
        let (register, connect, report) = (Op::Register(user), Op::Connect(0), Op::Report(0));
        for op in [register, connect, report.clone(), report] {
            self.perform(&op).await.unwrap();
        }
        assert_eq!(self.unread(&self.users[user]).await.len(), 2);
    }

    /// Runs all programs side by side, as `schedule` wants it and then in the
    /// order in which calls come.
    pub(super) async fn run(&self, programs: [Vec<Op>; ACTORS], schedule: Vec<Step>) {
        let actors = programs.into_iter().zip(&self.stops);
        let actors = actors.map(|(program, stop)| self.act(program, stop));
        let mut schedule = schedule.into_iter();
        let mut last = None;
        let next = async |waiting: &[usize]| {
            let again = waiting.iter().position(|it| Some(*it) == last);
            if again.is_none() {
                self.assert_one_owner().await;
            }
            let chosen = match (schedule.next().unwrap_or(Step::Switch(0)), again) {
                (Step::Continue(_), Some(again)) => again,
                (Step::Continue(number) | Step::Switch(number), _) => number % waiting.len(),
                (Step::Kill(actor), _) => {
                    self.stops[actor].notify_one();
                    return None;
                }
                (Step::Timeout, _) => {
                    self.stops.iter().for_each(Notify::notify_one);
                    self.wait();
                    return None;
                }
            };
            last = Some(waiting[chosen]);
            Some(chosen)
        };
        self.gate.conduct(actors, next).await;
    }

    async fn act(&self, program: Vec<Op>, stop: &Notify) {
        for op in program {
            let work = async {
                self.gate.pass(async {}).await;
                self.perform(&op).await
            };
            let done = tokio::select! {
                biased;
                done = work => done.is_ok(),
                () = stop.notified() => false,
            };
            if !done {
                self.not_done.lock().unwrap().push(op);
            }
        }
    }

    /// Leases run out.
    fn wait(&self) {
        self.clock.fetch_add(LEASE as u64 + 1, Ordering::Relaxed);
    }

    fn number(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed)
    }

    fn now(&self) -> Timestamp {
        at(self.number() as i64)
    }

    /// Does it, or says why it must be repeated. That it was refused is an answer.
    async fn perform(&self, op: &Op) -> Result<(), StoreError> {
        match op {
            Op::Register(user) => self.register(&self.users[*user]).await,
            Op::Delete(user) => self.delete(&self.users[*user]).await,
            Op::Change(user, change) => self.change(&self.users[*user], *change).await,
            Op::Connect(certificate) => self.connect(&self.certificates[*certificate]).await,
            Op::Report(certificate) => self.report(&self.certificates[*certificate]).await,
            Op::Tidy => self.tidy().await,
        }
    }

    async fn register(&self, user: &UserId) -> Result<(), StoreError> {
        let id = RegistrationId(Uuid::from_u128(self.number().into()));
        self.tried.lock().unwrap().insert(id, user.clone());
        let wanted = Wanted {
            device: self.device.clone(),
            name: DeviceName::new("Hall").unwrap(),
            model: ModelNumber::new("T-100").unwrap(),
        };
        let (tables, things, now) = (&self.tables, &self.iot, self.now());
        match register(tables, things, tables, user, wanted, id, now).await {
            Ok(_) | Err(RegisterError::Taken(_)) => Ok(()),
            Err(RegisterError::Store(err)) => Err(err),
            Err(err) => panic!("{err}"),
        }
    }

    async fn delete(&self, user: &UserId) -> Result<(), StoreError> {
        let now = self.now();
        let lease = Lease {
            id: Uuid::from_u128(self.number().into()),
            until: now + SignedDuration::from_millis(LEASE),
        };
        match device::delete(
            &self.tables,
            &self.iot,
            self,
            user,
            &self.device,
            lease,
            now,
        )
        .await
        {
            Ok(()) | Err(DeleteError::Owned(OwnedError::NotOwner)) => Ok(()),
            Err(DeleteError::Owned(OwnedError::Store(err))) => Err(err),
            Err(err @ DeleteError::InProgress) => Err(StoreError {
                operation: "delete a device",
                cause: Cause::Busy,
                source: err.into(),
            }),
        }
    }

    async fn connect(&self, certificate: &CertificateId) -> Result<(), StoreError> {
        self.iot.connect(certificate);
        let (cas, now) = (TrustedCas::AnyRegistered, self.now());
        admit(&self.iot, &self.admissions, &cas, certificate, now).await?;
        Ok(())
    }

    async fn report(&self, certificate: &CertificateId) -> Result<(), StoreError> {
        if !self.iot.lets_in(certificate) {
            return Ok(());
        }
        let (number, received) = (self.number(), self.now());
        let payload = json!({"type": "warning", "messageId": number.to_string()});
        let delivery = Delivery {
            device: self.device.to_string(),
            payload: payload.to_string().into_bytes(),
            received,
        };
        let (alerts, rejected, claim) = (Noted::default(), Noted::default(), Uuid::nil());
        let (owners, events) = (&self.owners, &self.events);
        receive(
            owners, events, &alerts, &rejected, delivery, claim, received,
        )
        .await?;
        Ok(())
    }

    async fn change(&self, user: &UserId, change: Change) -> Result<(), StoreError> {
        let Some(events) = self.readable(user).await? else {
            return Ok(());
        };
        let Some(newest) = events.first() else {
            return Ok(());
        };
        let (owners, events, now) = (&self.owners, &self.events, self.now());
        match event::update(owners, events, user, &self.device, newest.id, change, now).await {
            Ok(_) | Err(EventError::Missing(_) | EventError::Owned(OwnedError::NotOwner)) => Ok(()),
            Err(EventError::Owned(OwnedError::Store(err))) => Err(err),
        }
    }

    /// Looks for what deleted registrations have left, once; see
    /// [`Self::tidy_again`].
    async fn tidy(&self) -> Result<(), StoreError> {
        let all = self.leftovers.lock().unwrap().clone();
        for leftovers in all {
            device::tidy(&self.events, &leftovers, self.now()).await?;
        }
        Ok(())
    }

    /// Whoever tidies up looks a second time, when nothing is on its way any more.
    async fn tidy_again(&self) {
        self.tidy().await.unwrap();
        self.leftovers.lock().unwrap().clear();
    }

    /// The device's events that `user` can read, `None` where it is not the
    /// user's. They are of one registration, and that is the user's.
    async fn readable(&self, user: &UserId) -> Result<Option<Vec<Event>>, StoreError> {
        let limit = Limit::parse(Some("100"), 20).unwrap();
        let (owners, events) = (&self.owners, &self.events);
        let page = event::of_device(owners, events, user, &self.device, None, limit, None).await;
        let items = match page {
            Ok(page) => page.items,
            Err(OwnedError::NotOwner) => return Ok(None),
            Err(OwnedError::Store(err)) => return Err(err),
        };
        let mut of: Vec<_> = items.iter().map(|it| self.registration_of(it)).collect();
        of.dedup();
        assert!(of.len() <= 1, "events of several registrations: {of:?}");
        let tried = self.tried.lock().unwrap();
        assert!(of.iter().all(|it| tried[it] == *user), "{user}: {of:?}");
        Ok(Some(items))
    }

    fn registration_of(&self, event: &Event) -> RegistrationId {
        let tried = self.tried.lock().unwrap();
        let of = |id: &&RegistrationId| EventId::of(**id, &event.message_id) == event.id;
        *tried.keys().find(of).unwrap()
    }

    /// Every operation that died or failed is repeated, and ends.
    pub(super) async fn repeat_what_was_not_done(&self) {
        self.wait();
        let not_done = std::mem::take(&mut *self.not_done.lock().unwrap());
        for op in not_done {
            self.perform(&op).await.unwrap_or_else(|err| {
                panic!("{op:?} cannot be repeated: {err}: {}", err.source);
            });
        }
        self.tidy_again().await;
    }

    /// At any time a device has one owner at most, and its product is claimed
    /// by nobody else.
    async fn assert_one_owner(&self) -> Option<Registration> {
        let mut rows = Vec::new();
        for user in &self.users {
            let row = Devices::get(&self.seen, user, &self.device).await.unwrap();
            rows.extend(row.filter(|it| it.status != Status::Deleted));
        }
        assert!(rows.len() <= 1, "{rows:?}");
        let product = self.seen.of_serial(&self.device).await.unwrap().remove(0);
        let owner = rows.pop();
        assert_eq!(
            product.claimed_by.as_ref(),
            owner.as_ref().map(|it| &it.user)
        );
        owner
    }

    /// What holds when nothing is under way.
    pub(super) async fn assert_rules(&self) {
        let owner = self.assert_one_owner().await;
        let awaited = self.admissions.awaited(&self.device).await.unwrap();
        assert_eq!(
            awaited.map(|it| it.user),
            owner.as_ref().map(|it| it.user.clone()),
            "a registration is closed and not deleted"
        );

        let iot = self.iot.state().clone();
        let attached: Vec<_> = iot.things.values().flatten().collect();
        let bound = owner.as_ref().and_then(|it| it.certificate.as_ref());
        assert!(owner.is_none() || iot.things.contains_key(&self.device));
        if let Some(owner) = owner.as_ref().filter(|it| it.status == Status::Complete) {
            let bound = bound.unwrap_or_else(|| panic!("{owner:?}"));
            assert!(self.iot.lets_in(bound), "{iot:?} {owner:?}");
        }
        // A thing may be left by a registration that came to nothing while the
        // device was deleted. It lets nobody in, and the next owner takes it.
        assert!(attached.iter().all(|it| Some(*it) == bound), "{iot:?}");
        for (certificate, status) in &iot.certificates {
            let active = *status == CertificateStatus::Active;
            assert!(!active || Some(certificate) == bound, "{iot:?}");
        }
        for user in &self.users {
            let own = owner.as_ref().filter(|it| it.user == *user);
            let readable = self.readable(user).await.unwrap();
            assert_eq!(readable.is_some(), own.is_some());
            let readable = readable.unwrap_or_default();
            assert!(
                readable
                    .iter()
                    .all(|it| Some(self.registration_of(it)) == own.map(|it| it.id)),
                "{readable:?}"
            );
            let mut unread: Vec<_> = readable.into_iter().filter(Event::is_unread).collect();
            unread.sort_by_key(Event::order);
            unread.reverse();
            assert_eq!(self.unread(user).await, unread, "of {user}");
        }
    }

    async fn unread(&self, user: &UserId) -> Vec<Event> {
        let query = Query::all(List::Unread(user, Class::Urgent));
        let read = self.events.read(&query, None, 100).await.unwrap();
        read.rows.into_iter().map(|it| it.event).collect()
    }

    /// Whatever has happened: the owner can let go of the device, anybody can
    /// register it, it is let in with any certificate, and its events reach its
    /// owner alone.
    pub(super) async fn assert_alive(&self) {
        for (new, certificate) in [(1, 0), (0, 0), (1, 1)] {
            let had_owner = self.assert_one_owner().await.is_some();
            for user in [0, 1] {
                self.perform(&Op::Delete(user)).await.unwrap();
            }
            self.tidy_again().await;
            let iot = self.iot.state().clone();
            assert!(!had_owner || iot.things.is_empty(), "{iot:?}");

            self.perform(&Op::Register(new)).await.unwrap();
            self.perform(&Op::Connect(certificate)).await.unwrap();
            self.perform(&Op::Report(certificate)).await.unwrap();
            let owner = self.assert_one_owner().await.unwrap();
            assert_eq!(
                (&owner.user, owner.status),
                (&self.users[new], Status::Complete)
            );
            self.assert_rules().await;
            assert_eq!(self.unread(&self.users[new]).await.len(), 1);
        }
    }
}

impl Cleanup for World {
    async fn request(&self, leftovers: &Leftovers) -> Result<(), StoreError> {
        let call = async {
            self.leftovers.lock().unwrap().push(leftovers.clone());
            Ok(())
        };
        self.gate.pass(call).await
    }
}
