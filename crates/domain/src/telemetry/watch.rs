//! Unlikely measurements, told to the owner as events of type `warning`.

use std::collections::BTreeMap;
use std::fmt;

use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::pewma::{Moments, Pewma};
use crate::alert::{AlertRequests, Request};
use crate::event::{Event, EventId, EventType, Events, Insertion, Message, Record};
use crate::id::{DeviceId, MessageId, RegistrationId};
use crate::owner::Owner;
use crate::store::{Cause, StoreError};

/// Series that are judged at the same time.
const TOGETHER: usize = 16;

/// How often a series is judged when another one is faster.
const ATTEMPTS: usize = 5;

/// Most events of one series and batch: who sends nothing but surprises tells
/// one thing only.
const MOST: usize = 10;

/// A measurement that is to be judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Who measured.
    pub device: DeviceId,
    /// Whose it was.
    pub owner: Owner,
    /// What was measured.
    pub field: String,
    /// See [`Pewma::resolution`].
    pub resolution: f64,
    /// When it was measured.
    pub at: Timestamp,
    /// What was measured.
    pub value: f64,
}

/// The measurements of one field, of one owner's time with a device.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Series(String);

impl Series {
    /// The series of `field` under `registration`.
    #[must_use]
    pub fn of(registration: RegistrationId, field: &str) -> Self {
        Self(format!("{registration}#{field}"))
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of a series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// How often it was written.
    pub version: u64,
    /// The last measurement that was learned from, epoch milliseconds. What comes
    /// again, or late, is none that could be judged.
    pub last: i64,
    /// What was learned.
    pub moments: Moments,
    /// What was found when it was written. It is told after that, and once more
    /// before the next writing, in case the first attempt died.
    pub found: Vec<Finding>,
}

/// An unlikely value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// When it was measured, epoch milliseconds.
    pub at: i64,
    /// The value.
    pub value: f64,
    /// The least that was likely.
    pub lower: f64,
    /// The most that was likely.
    pub upper: f64,
}

/// Where what is known of series is kept.
pub trait Watches: Sync {
    /// What is known of `series`, as of now.
    fn get(
        &self,
        series: &Series,
    ) -> impl Future<Output = Result<Option<Watch>, StoreError>> + Send;

    /// Writes `watch`, if the one before it is the last one written.
    fn put(
        &self,
        series: &Series,
        watch: &Watch,
        now: Timestamp,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;
}

/// What became of a writing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Written {
    /// It is done.
    Done,
    /// Another one was faster.
    Overtaken,
}

/// Judges `samples` and tells the owners what is unlikely, once however often
/// the same samples come, also at the same time. The number of new events, or why
/// a series was not judged, for each series.
pub async fn watch(
    watches: &impl Watches,
    events: &impl Events,
    alerts: &impl AlertRequests,
    samples: Vec<Sample>,
    random: impl Fn() -> Uuid + Sync,
    now: Timestamp,
) -> Vec<Result<usize, StoreError>> {
    let mut series: BTreeMap<Series, Vec<Sample>> = BTreeMap::new();
    for sample in samples {
        let of = Series::of(sample.owner.registration, &sample.field);
        series.entry(of).or_default().push(sample);
    }
    let teller = &Teller {
        events,
        alerts,
        random: &random,
        now,
    };
    stream::iter(series)
        .map(async |(series, samples)| judge(watches, teller, &series, samples, now).await)
        .buffer_unordered(TOGETHER)
        .collect()
        .await
}

async fn judge<E: Events, A: AlertRequests>(
    watches: &impl Watches,
    teller: &Teller<'_, E, A>,
    series: &Series,
    mut samples: Vec<Sample>,
    now: Timestamp,
) -> Result<usize, StoreError> {
    samples.sort_by_key(|it| it.at);
    samples.dedup_by_key(|it| it.at);
    for _ in 0..ATTEMPTS {
        let known = watches.get(series).await?.unwrap_or_default();
        let Some(last) = samples
            .last()
            .filter(|it| it.at.as_millisecond() > known.last)
        else {
            return match samples.first() {
                Some(sample) => teller.tell(sample, &known.found).await,
                None => Ok(0),
            };
        };
        let again = teller.tell(last, &known.found).await?;
        let learned = learn(&known, &samples);
        if watches.put(series, &learned, now).await? == Written::Done {
            return Ok(again + teller.tell(last, &learned.found).await?);
        }
    }
    Err(StoreError {
        operation: "judge a measurement",
        cause: Cause::Busy,
        source: "others keep writing this series".into(),
    })
}

/// What is known after `samples`, in the order of time.
fn learn(known: &Watch, samples: &[Sample]) -> Watch {
    let mut learned = Watch {
        version: known.version + 1,
        last: known.last,
        moments: known.moments,
        found: Vec::new(),
    };
    for sample in samples {
        let at = sample.at.as_millisecond();
        if at <= learned.last {
            continue;
        }
        learned.last = at;
        let pewma = Pewma {
            resolution: sample.resolution,
            ..Pewma::default()
        };
        let anomaly = pewma.next(&mut learned.moments, sample.value);
        if let Some(it) = anomaly.filter(|_| learned.found.len() < MOST) {
            learned.found.push(Finding {
                at,
                value: it.value,
                lower: it.lower,
                upper: it.upper,
            });
        }
    }
    learned
}

/// Makes events of findings.
struct Teller<'a, E, A> {
    events: &'a E,
    alerts: &'a A,
    random: &'a (dyn Fn() -> Uuid + Sync),
    now: Timestamp,
}

impl<E: Events, A: AlertRequests> Teller<'_, E, A> {
    /// Stores the event of each finding, unless it is there, and asks for its
    /// alert; how many were new.
    async fn tell(&self, of: &Sample, found: &[Finding]) -> Result<usize, StoreError> {
        let mut new = 0;
        for finding in found {
            let Some(record) = record(of, finding, self.now) else {
                continue;
            };
            let event: Event = match self.events.insert(&record).await? {
                Insertion::New => {
                    new += 1;
                    record.event
                }
                Insertion::Known(event) => *event,
            };
            let request = Request::of(&event, (self.random)());
            self.alerts.request(&request).await?;
        }
        Ok(new)
    }
}

/// The event of a finding; its id is one that no device can make up.
fn record(of: &Sample, finding: &Finding, now: Timestamp) -> Option<Record> {
    let Sample { field, owner, .. } = of;
    let registration = owner.registration;
    // Of the longest field the end, so that the id stays within its length.
    let tail = field.len().saturating_sub(80);
    let id = MessageId::new(format!("anomaly-{}-{}", field.get(tail..)?, finding.at)).ok()?;
    let details = json!({
        "code": "anomaly",
        "field": field,
        "value": finding.value,
        "lower": finding.lower,
        "upper": finding.upper,
    });
    let message = Message {
        event_type: EventType::Warning,
        text: format!("`{field}` is unusual"),
        value: Some(Value::from(finding.value)),
        details: Some(details.as_object().cloned().unwrap_or_else(Map::new)),
        timestamp: Some(finding.at),
        sent_at: None,
        id: id.clone(),
    };
    let mut record = Record::new(owner.clone(), of.device.clone(), message, now);
    record.event.id = EventId::of_presence(registration, &id);
    Some(record)
}

#[cfg(test)]
mod tests;
