//! From a batch of messages to rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;

use super::lookup::{Plans, Source, Sources};
use super::message::{InvalidMessage, parse};
use super::plan::Plan;
use super::row::{Partition, Row};
use super::watch::{Rules, Sample};
use crate::event::Delivery;
use crate::id::{DeviceId, InvalidId};
use crate::store::StoreError;

/// Lookups at the same time.
const TOGETHER: usize = 32;

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
    let devices: BTreeSet<DeviceId> = records
        .iter()
        .filter_map(|it| DeviceId::new(it.as_ref().ok()?.device.as_str()).ok())
        .collect();
    let known: BTreeMap<DeviceId, Known> = stream::iter(devices)
        .map(async |device| {
            let known = look_up(sources, plans, &device).await;
            (device, known)
        })
        .buffer_unordered(TOGETHER)
        .collect()
        .await;
    records.into_iter().map(|it| one(&known, it)).collect()
}

/// What is known of a device; an error is told once for each of its records.
type Known = Result<Option<Device>, String>;

struct Device {
    source: Source,
    plan: Arc<Plan>,
    /// By what its fields are judged.
    rules: BTreeMap<String, Arc<Rules>>,
}

async fn look_up(sources: &impl Sources, plans: &Plans, device: &DeviceId) -> Known {
    let source = sources.of_device(device).await.map_err(|it| failed(&it))?;
    let Some(source) = source else {
        return Ok(None);
    };
    let plan = plans.of(&source).map_err(|it| it.to_string())?;
    let rules = plan.rules(&source.adjustments);
    Ok(Some(Device {
        source,
        plan,
        rules,
    }))
}

fn one(known: &BTreeMap<DeviceId, Known>, record: Record) -> Outcome {
    let delivery = match record {
        Ok(delivery) => delivery,
        Err(reason) => return Outcome::Failed(reason),
    };
    let device = match DeviceId::new(delivery.device.as_str()) {
        Ok(device) => device,
        Err(err) => return Outcome::Rejected(err.into(), delivery),
    };
    let found = match known.get(&device) {
        Some(Ok(Some(found))) => found,
        Some(Err(reason)) => return Outcome::Failed(reason.clone()),
        _ => return Outcome::Rejected(Reason::NotRegistered(device), delivery),
    };
    if delivery.received < found.source.owner.since {
        return Outcome::Rejected(Reason::BeforeOwner(device), delivery);
    }
    match row(&device, found, &delivery.payload, delivery.received) {
        Ok(stored) => stored,
        Err(err) => Outcome::Rejected(err.into(), delivery),
    }
}

fn row(
    device: &DeviceId,
    known: &Device,
    payload: &[u8],
    received: Timestamp,
) -> Result<Outcome, InvalidMessage> {
    let owner = &known.source.owner;
    let fields = parse(payload)?;
    let row = Row::new(device, owner.registration, &known.plan, fields, received)?;
    let (bytes, partition, at) = (serde_json::to_vec(&row)?, row.partition(), row.moment.time);
    let samples = row.into_watched().into_iter().filter_map(|it| {
        Some(Sample {
            device: device.clone(),
            owner: owner.clone(),
            rules: Arc::clone(known.rules.get(&it.field)?),
            field: it.field,
            at,
            value: it.value,
        })
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
