//! A deletion that fails, or is killed, at each of its steps.

use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use serde_json::Map;
use uuid::Uuid;

use super::*;
use crate::id::{DeviceName, ModelNumber};
use crate::memory::{at, device, user};
use crate::registration::Status;
use crate::store::Cause;

#[tokio::test]
async fn nothing_is_left_and_the_product_is_free() {
    let world = World::new();
    world.delete("anna", 0).await.unwrap();
    world.assert_gone();
    let again = world.delete("anna", 1).await.unwrap_err();
    assert!(
        matches!(again, DeleteError::Owned(OwnedError::NotOwner)),
        "{again}"
    );
}

#[tokio::test]
async fn only_the_owner_deletes() {
    let world = World::new();
    let error = world.delete("bob", 0).await.unwrap_err();
    assert!(
        matches!(error, DeleteError::Owned(OwnedError::NotOwner)),
        "{error}"
    );
    assert_eq!(*world.state.lock().unwrap(), State::default());
}

#[tokio::test]
async fn lesson_15_whichever_step_fails_the_next_call_ends_it() {
    for (step, fault) in steps().flat_map(|step| [(step, Fault::Refused), (step, Fault::Unheard)]) {
        let world = World::new();
        world.fail(step, fault);
        let error = world.delete("anna", 0).await.unwrap_err();
        assert!(
            matches!(error, DeleteError::Owned(OwnedError::Store(_))),
            "{step:?} {fault:?} {error}"
        );

        match world.delete("anna", 0).await {
            Ok(()) => assert_ne!((step, fault), (LAST, Fault::Unheard)),
            // It had done all, and only its answer was lost.
            Err(DeleteError::Owned(OwnedError::NotOwner)) => {
                assert_eq!((step, fault), (LAST, Fault::Unheard));
            }
            Err(other) => panic!("{step:?} {fault:?}: {other}"),
        }
        world.assert_gone();
    }
}

#[tokio::test]
async fn lesson_15_wherever_it_is_killed_a_call_after_the_lease_ends_it() {
    for step in steps() {
        let world = World::new();
        world.fail(step, Fault::Killed);
        {
            let deletion = pin!(world.delete("anna", 0));
            let polled = deletion.poll(&mut Context::from_waker(Waker::noop()));
            assert!(matches!(polled, Poll::Pending), "{step:?} was not reached");
        }
        assert!(
            world.state.lock().unwrap().status != Status::Deleted,
            "{step:?}"
        );
        if step != Step::Close {
            let early = world.delete("anna", LEASE - 1).await.unwrap_err();
            assert!(
                matches!(early, DeleteError::InProgress),
                "{step:?}: {early}"
            );
        }
        world.delete("anna", LEASE + 1).await.unwrap();
        world.assert_gone();
    }
}

#[tokio::test]
async fn a_certificate_that_is_bound_and_not_attached_goes_as_well() {
    let world = World::new();
    world.state.lock().unwrap().attached = false;
    world.delete("anna", 0).await.unwrap();
    world.assert_gone();
}

#[tokio::test]
async fn whose_lease_has_run_out_frees_nothing() {
    let world = World::new();
    let (anna, device) = (user("anna"), device("SN-1"));
    let (late, next) = (lease(1, 1), lease(2, 9));
    for (lease, now) in [(late, 0), (next, 2)] {
        let closed = world.close(&anna, &device, lease, at(now)).await.unwrap();
        assert!(matches!(closed, Closed::Closed(_)), "{closed:?}");
    }
    let registration = world.registration();
    assert!(world.finish(&registration, late, at(3)).await.is_err());
    assert!(world.state.lock().unwrap().claimed);
}

/// Milliseconds that a lease lasts here.
const LEASE: i64 = 30_000;

/// Every call to a port that a deletion makes, in its order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    Close,
    Attached,
    Deactivate,
    Detach,
    DeleteCertificate,
    DeleteShadow,
    DeleteThing,
    Cleanup,
    Finish,
}

const LAST: Step = Step::Finish;

fn steps() -> impl Iterator<Item = Step> {
    [
        Step::Close,
        Step::Attached,
        Step::Deactivate,
        Step::Detach,
        Step::DeleteCertificate,
        Step::DeleteShadow,
        Step::DeleteThing,
        Step::Cleanup,
        Step::Finish,
    ]
    .into_iter()
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    /// The call fails and has done nothing.
    Refused,
    /// The call does its work, and the answer is lost.
    Unheard,
    /// The function ends before the call.
    Killed,
}

/// Anna's device, with all that it has outside.
struct World {
    state: Mutex<State>,
    /// Happens once.
    fault: Mutex<Option<(Step, Fault)>>,
    calls: AtomicU64,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct State {
    status: Status,
    closed: bool,
    lease: Option<Lease>,
    claimed: bool,
    active: bool,
    attached: bool,
    certificate: bool,
    shadow: bool,
    thing: bool,
    cleanups: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            status: Status::Complete,
            closed: false,
            lease: None,
            claimed: true,
            active: true,
            attached: true,
            certificate: true,
            shadow: true,
            thing: true,
            cleanups: 0,
        }
    }
}

impl World {
    fn new() -> Self {
        Self {
            state: Mutex::default(),
            fault: Mutex::default(),
            calls: AtomicU64::new(1),
        }
    }

    fn fail(&self, step: Step, fault: Fault) {
        *self.fault.lock().unwrap() = Some((step, fault));
    }

    async fn delete(&self, name: &str, millisecond: i64) -> Result<(), DeleteError> {
        let (user, device) = (user(name), device("SN-1"));
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let (lease, now) = (lease(call, millisecond + LEASE), at(millisecond));
        delete(self, self, self, &user, &device, lease, now).await
    }

    /// Nothing is there, the product is free, and tidying up was asked for.
    fn assert_gone(&self) {
        let state = self.state.lock().unwrap();
        assert!(state.cleanups > 0);
        let expected = State {
            status: Status::Deleted,
            closed: true,
            lease: None,
            claimed: false,
            active: false,
            attached: false,
            certificate: false,
            shadow: false,
            thing: false,
            cleanups: state.cleanups,
        };
        assert_eq!(*state, expected);
    }

    async fn step<T>(
        &self,
        step: Step,
        work: impl FnOnce(&mut State) -> T,
    ) -> Result<T, StoreError> {
        let fault = self.fault.lock().unwrap().take_if(|(at, _)| *at == step);
        let lost = || StoreError {
            operation: "take a step",
            cause: Cause::Busy,
            source: "as the test wants it".into(),
        };
        match fault.map(|(_, fault)| fault) {
            None => Ok(work(&mut self.state.lock().unwrap())),
            Some(Fault::Refused) => Err(lost()),
            Some(Fault::Unheard) => {
                work(&mut self.state.lock().unwrap());
                Err(lost())
            }
            Some(Fault::Killed) => std::future::pending().await,
        }
    }

    fn registration(&self) -> Registration {
        Registration {
            id: RegistrationId(Uuid::from_u128(1)),
            user: user("anna"),
            device: device("SN-1"),
            name: DeviceName::new("Hall").unwrap(),
            model: ModelNumber::new("T-100").unwrap(),
            details: Map::new(),
            status: self.state.lock().unwrap().status,
            certificate: Some(certificate()),
            created_at: at(0),
            updated_at: at(0),
        }
    }
}

fn lease(id: u64, until: i64) -> Lease {
    Lease {
        id: Uuid::from_u128(id.into()),
        until: at(until),
    }
}

fn certificate() -> CertificateId {
    CertificateId::new("a".repeat(64)).unwrap()
}

impl Closings for World {
    async fn close(
        &self,
        owner: &UserId,
        _: &DeviceId,
        lease: Lease,
        now: Timestamp,
    ) -> Result<Closed, StoreError> {
        if *owner != user("anna") {
            return Ok(Closed::NotOwner);
        }
        let registration = self.registration();
        self.step(Step::Close, |state| {
            if state.status == Status::Deleted {
                return Closed::NotOwner;
            }
            if state.lease.is_some_and(|it| it != lease && it.until >= now) {
                return Closed::InProgress;
            }
            (state.closed, state.lease) = (true, Some(lease));
            Closed::Closed(Box::new(registration))
        })
        .await
    }

    async fn release(&self, _: &UserId, _: &DeviceId, lease: Lease) -> Result<(), StoreError> {
        let mut state = self.state.lock().unwrap();
        state.lease.take_if(|it| *it == lease);
        Ok(())
    }

    async fn finish(&self, _: &Registration, lease: Lease, _: Timestamp) -> Result<(), StoreError> {
        let ours = self.state.lock().unwrap().lease == Some(lease);
        if !ours {
            return Err(StoreError {
                operation: "finish a deletion",
                cause: Cause::Busy,
                source: "the lease is gone".into(),
            });
        }
        self.step(Step::Finish, |state| {
            (state.status, state.lease, state.claimed) = (Status::Deleted, None, false);
        })
        .await
    }
}

impl Registry for World {
    async fn attached(&self, _: &DeviceId) -> Result<Vec<Attached>, StoreError> {
        let attached = Attached {
            certificate: certificate(),
            arn: "arn".to_owned(),
        };
        self.step(Step::Attached, |state| {
            let found = (state.thing && state.attached).then_some(attached);
            found.into_iter().collect()
        })
        .await
    }

    async fn deactivate(&self, _: &CertificateId) -> Result<(), StoreError> {
        self.step(Step::Deactivate, |state| state.active = false)
            .await
    }

    async fn detach(&self, _: &Attached, _: &DeviceId) -> Result<(), StoreError> {
        self.step(Step::Detach, |state| state.attached = false)
            .await
    }

    async fn delete_certificate(&self, _: &CertificateId) -> Result<(), StoreError> {
        self.step(Step::DeleteCertificate, |state| {
            assert!(!state.active && !state.attached, "IoT Core would refuse");
            state.certificate = false;
        })
        .await
    }

    async fn delete_shadow(&self, _: &DeviceId) -> Result<(), StoreError> {
        self.step(Step::DeleteShadow, |state| state.shadow = false)
            .await
    }

    async fn delete_thing(&self, _: &DeviceId) -> Result<(), StoreError> {
        self.step(Step::DeleteThing, |state| {
            assert!(!state.attached, "IoT Core would refuse");
            state.thing = false;
        })
        .await
    }
}

impl Cleanup for World {
    async fn request(&self, leftovers: &Leftovers) -> Result<(), StoreError> {
        assert_eq!(*leftovers, Leftovers::of(&self.registration()));
        self.step(Step::Cleanup, |state| state.cleanups += 1).await
    }
}
