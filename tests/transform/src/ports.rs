//! What the function needs around it, without a network: the time of calls to AWS
//! is no time of the function.

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
    let plans = Plans::new(fleet::columns()?, 10_000);
    let registered = (0..devices).map(|device| {
        let mut source = fleet::source(device)?;
        plans.of(&source)?;
        // What is known is not read again; to fetch it is no time of the function.
        source.details.clear();
        Ok(source)
    });
    Ok(Ports {
        watcher: None,
        sources: Registered(registered.collect::<Result<_, Failed>>()?),
        plans,
        rejected: Nowhere,
    })
}

/// Registrations, by the number of the device.
#[derive(Debug)]
pub(crate) struct Registered(Vec<Source>);

impl Sources for Registered {
    async fn of_device(&self, device: &DeviceId) -> Result<Option<Source>, StoreError> {
        Ok(fleet::number(device).and_then(|it| self.0.get(it)).cloned())
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
