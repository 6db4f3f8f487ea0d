//! From a batch of messages to rows.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;

use super::lookup::{Plans, Sources};
use super::message::{InvalidMessage, parse};
use super::plan::Plan;
use super::row::{Partition, Row};
use super::watch::Sample;
use crate::event::Delivery;
use crate::id::{DeviceId, InvalidId};
use crate::owner::Owner;
use crate::store::StoreError;

/// Lookups at the same time.
const TOGETHER: usize = 32;

/// Bytes that most rows fit into.
const USUAL: usize = 512;

/// A record of the batch: a message, or why it is none.
pub type Record = Result<Delivery, String>;

/// What becomes of a record.
#[derive(Debug)]
pub enum Outcome {
    /// It is a row, as JSON.
    Stored {
        /// The row.
        row: Vec<u8>,
        /// Where it goes.
        partition: Partition,
        /// What of it is to be judged.
        samples: Vec<Sample>,
    },
    /// It is no telemetry of anybody.
    Rejected(Reason, Delivery),
    /// Nobody can say at the moment; it may be handled later.
    Failed(String),
}

/// Why a message is no telemetry of anybody.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// The topic names no device.
    #[error("the topic names no device: {0}")]
    NoDevice(#[from] InvalidId),
    /// The payload breaks the contract.
    #[error(transparent)]
    Invalid(#[from] InvalidMessage),
    /// Nobody has the device.
    #[error("device `{0}` is not registered: its owner must register it first")]
    NotRegistered(DeviceId),
    /// The message waited while the device changed hands.
    #[error("device `{0}` sent this before its present owner registered it")]
    BeforeOwner(DeviceId),
}

/// The outcome of each record, in their order. None depends on another.
///
/// Each device is looked up once, after its messages have come.
pub async fn transform(
    sources: &impl Sources,
    plans: &Plans,
    records: Vec<Record>,
) -> Vec<Outcome> {
    let (devices, numbers) = devices(&records);
    let mut known: Vec<(usize, Known)> = stream::iter(devices.into_iter().enumerate())
        .map(async |(number, name)| (number, look_up(sources, plans, &name).await))
        .buffer_unordered(TOGETHER)
        .collect()
        .await;
    known.sort_unstable_by_key(|(number, _)| *number);
    let records = records.into_iter().zip(numbers);
    let outcome = |(record, number): (Record, usize)| match record {
        Ok(delivery) => one(&known[number].1, delivery),
        Err(reason) => Outcome::Failed(reason),
    };
    records.map(outcome).collect()
}

/// The names of devices, each once, and which of them each record has; 0 where it
/// has none.
fn devices(records: &[Record]) -> (Vec<String>, Vec<usize>) {
    let mut names = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let numbers = records.iter().map(|record| match record {
        Ok(delivery) => *known.entry(&delivery.device).or_insert_with(|| {
            names.push(delivery.device.clone());
            names.len() - 1
        }),
        Err(_) => 0,
    });
    let numbers = numbers.collect();
    (names, numbers)
}

/// What is known of a device. The details of its product are in the plan, and too
/// large to be kept for a batch.
enum Known {
    NoDevice(InvalidId),
    Nobodys(DeviceId),
    Owned(DeviceId, Owner, Arc<Plan>),
    /// Why nobody can say; it is told once for each record.
    Failed(String),
}

async fn look_up(sources: &impl Sources, plans: &Plans, name: &str) -> Known {
    let device = match DeviceId::new(name) {
        Ok(device) => device,
        Err(err) => return Known::NoDevice(err),
    };
    let source = match sources.of_device(&device).await {
        Ok(Some(source)) => source,
        Ok(None) => return Known::Nobodys(device),
        Err(err) => return Known::Failed(failed(&err)),
    };
    match plans.of(&source) {
        Ok(plan) => Known::Owned(device, source.owner, plan),
        Err(err) => Known::Failed(err.to_string()),
    }
}

fn one(known: &Known, delivery: Delivery) -> Outcome {
    let (device, owner, plan) = match known {
        Known::Owned(device, owner, plan) => (device, owner, plan),
        Known::Failed(reason) => return Outcome::Failed(reason.clone()),
        Known::NoDevice(err) => return Outcome::Rejected((*err).into(), delivery),
        Known::Nobodys(device) => {
            return Outcome::Rejected(Reason::NotRegistered(device.clone()), delivery);
        }
    };
    if delivery.received < owner.since {
        return Outcome::Rejected(Reason::BeforeOwner(device.clone()), delivery);
    }
    match row(device, owner, plan, &delivery.payload, delivery.received) {
        Ok(stored) => stored,
        Err(err) => Outcome::Rejected(err.into(), delivery),
    }
}

fn row(
    device: &DeviceId,
    owner: &Owner,
    plan: &Plan,
    payload: &[u8],
    received: Timestamp,
) -> Result<Outcome, InvalidMessage> {
    let row = Row::new(device, owner.registration, plan, parse(payload)?, received)?;
    let mut bytes = Vec::with_capacity(USUAL);
    serde_json::to_writer(&mut bytes, &row)?;
    let (partition, at) = (row.partition(), row.moment.time);
    let samples = row.into_watched().into_iter().map(|it| Sample {
        device: device.clone(),
        owner: owner.clone(),
        field: it.field,
        resolution: it.resolution,
        at,
        value: it.value,
    });
    Ok(Outcome::Stored {
        row: bytes,
        partition,
        samples: samples.collect(),
    })
}

/// The error with its causes: it is told once for all records.
fn failed(err: &StoreError) -> String {
    format!("{err}: {}", err.source)
}
