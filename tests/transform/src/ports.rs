//! What the function needs around it, without a network: the time of calls to AWS
//! is no time of the function.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::alert::Request;
use domain::event::{Rejected, Rejection};
use domain::id::DeviceId;
use domain::memory::{MemoryEvents, Noted};
use domain::store::StoreError;
use domain::telemetry::{Plans, Series, Source, Sources, Watch, Watches, Written};
use jiff::Timestamp;

use crate::Failed;
use crate::fleet;
use crate::handler::{Ports, Watcher};

pub(crate) type Fleet = Ports<Registered, Nowhere, Watcher<Nowhere, MemoryEvents, Noted<Request>>>;

/// The function of a deployment without events, for `devices`.
pub(crate) fn ports(devices: usize) -> Result<Fleet, Failed> {
    let all = (0..devices)
        .map(fleet::source)
        .collect::<Result<_, Failed>>()?;
    Ok(Ports {
        watcher: None,
        sources: Registered {
            all,
            ready: Mutex::default(),
        },
        plans: Plans::new(fleet::columns()?, 10_000),
        rejected: Nowhere,
    })
}

/// Registrations, each of which can be had once after [`Registered::prepare`]: what
/// it takes to make one is no time of the function either.
#[derive(Debug)]
pub(crate) struct Registered {
    all: Vec<Source>,
    ready: Mutex<HashMap<usize, Source>>,
}

impl Registered {
    /// Makes the answers for the next batch.
    pub(crate) fn prepare(&self) {
        let ready = self.all.iter().cloned().enumerate().collect();
        *self.ready.lock().unwrap_or_else(PoisonError::into_inner) = ready;
    }
}

impl Sources for Registered {
    async fn of_device(&self, device: &DeviceId) -> Result<Option<Source>, StoreError> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(fleet::number(device).and_then(|it| ready.remove(&it)))
    }
}

/// Nothing is rejected, and nothing is watched.
#[derive(Debug)]
pub(crate) struct Nowhere;

impl Rejected for Nowhere {
    async fn keep(&self, _: &Rejection) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Watches for Nowhere {
    async fn get(&self, _: &Series) -> Result<Option<Watch>, StoreError> {
        Ok(None)
    }

    async fn put(&self, _: &Series, _: &Watch, _: Timestamp) -> Result<Written, StoreError> {
        Ok(Written::Done)
    }
}
