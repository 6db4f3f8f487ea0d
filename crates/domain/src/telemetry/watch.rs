//! Measurements that are told to the owner when they come: unlikely ones, and those that
//! have passed a threshold, which may also send a command.

mod tell;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

pub use self::tell::Reach;
use self::tell::Teller;
use super::pewma::{Moments, Pewma};
use super::threshold::{Crossing, FRESH, State};
use crate::alert::AlertRequests;
use crate::command::{CommandId, Orders};
use crate::event::Events;
use crate::id::{DeviceId, RegistrationId};
use crate::model::{Refused, Side, Threshold};
use crate::owner::Owner;
use crate::store::{Cause, StoreError};

/// Series that are judged at the same time.
const TOGETHER: usize = 16;

/// How often a series is judged when another one is faster.
const ATTEMPTS: usize = 5;

/// Most events of a kind of one series and batch: who sends nothing but surprises tells
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
    /// By what it is judged.
    pub rules: Arc<Rules>,
    /// When it was measured.
    pub at: Timestamp,
    /// What was measured.
    pub value: f64,
}

/// By what the values of a field are judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// Whether unlikely values are told: see [`Pewma::resolution`].
    pub anomalies: Option<f64>,
    /// Thresholds, with the limits that hold now; none that the owner has switched off.
    pub thresholds: BTreeMap<String, Threshold>,
}

impl Rules {
    fn is_idle(&self) -> bool {
        self.anomalies.is_none() && self.thresholds.is_empty()
    }
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
    /// What is known of its thresholds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub thresholds: BTreeMap<String, State>,
    /// The thresholds that were passed, told like what was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crossed: Vec<Crossing>,
    /// The commands that have still to be sent. They are taken out as soon as they are: a
    /// device would get them once more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owed: Vec<Owed>,
}

impl Watch {
    fn is_idle(&self) -> bool {
        let told = self.found.is_empty() && self.crossed.is_empty() && self.owed.is_empty();
        told && self.thresholds.is_empty()
    }

    /// The same when all of it is told but for these commands.
    fn told(self, unsent: Vec<Owed>) -> Self {
        Self {
            version: self.version + 1,
            found: Vec::new(),
            crossed: Vec::new(),
            owed: unsent,
            ..self
        }
    }
}

/// A command that is to be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Owed {
    /// Its id, from the beginning: however often it is sent, it is one command.
    pub id: CommandId,
    /// Whose command it is.
    pub threshold: String,
    /// The side that was reached.
    pub to: Side,
}

/// What owners were told, or why a command was not sent that never will be.
#[derive(Debug, Default)]
pub struct Told {
    /// New events of unlikely values.
    pub anomalies: usize,
    /// New events of thresholds that were passed.
    pub crossings: usize,
    /// Commands that were sent.
    pub commands: usize,
    /// Commands that the product does not take.
    pub refused: Vec<Refused>,
    /// Why commands could not be sent, which will be tried again.
    pub failed: Vec<StoreError>,
}

impl AddAssign for Told {
    fn add_assign(&mut self, other: Self) {
        self.anomalies += other.anomalies;
        self.crossings += other.crossings;
        self.commands += other.commands;
        self.refused.extend(other.refused);
        self.failed.extend(other.failed);
    }
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

/// Judges `samples` and tells the owners what is to be told, once however often
/// the same samples come, also at the same time. What was told, or why
/// a series was not judged, for each series.
pub async fn watch<E: Events, A: AlertRequests, C: Orders>(
    watches: &impl Watches,
    reach: Reach<'_, E, A, C>,
    samples: Vec<Sample>,
    random: impl Fn() -> Uuid + Sync,
    now: Timestamp,
) -> Vec<Result<Told, StoreError>> {
    let mut series: BTreeMap<Series, Vec<Sample>> = BTreeMap::new();
    for sample in samples {
        let of = Series::of(sample.owner.registration, &sample.field);
        series.entry(of).or_default().push(sample);
    }
    let teller = &Teller {
        reach,
        random: &random,
        now,
    };
    stream::iter(series)
        .map(async |(series, samples)| judge(watches, teller, &series, samples).await)
        .buffer_unordered(TOGETHER)
        .collect()
        .await
}

async fn judge<E: Events, A: AlertRequests, C: Orders>(
    watches: &impl Watches,
    teller: &Teller<'_, E, A, C>,
    series: &Series,
    mut samples: Vec<Sample>,
) -> Result<Told, StoreError> {
    // Of two values of one moment the same one counts, in whichever order they come.
    samples.sort_by(|one, other| {
        one.at
            .cmp(&other.at)
            .then(one.value.total_cmp(&other.value))
    });
    samples.dedup_by_key(|it| it.at);
    let mut told = Told::default();
    let Some(last) = samples.last() else {
        return Ok(told);
    };
    for _ in 0..ATTEMPTS {
        let known = watches.get(series).await?.unwrap_or_default();
        let unsent = teller.tell(last, &known, &mut told).await?;
        let is_news = last.at.as_millisecond() > known.last;
        let learned = match is_news {
            true if last.rules.is_idle() && known.is_idle() => return Ok(told),
            true => learn(known.told(unsent), &samples, teller.random, teller.now),
            false if known.owed == unsent => return Ok(told),
            false => known.told(unsent),
        };
        if watches.put(series, &learned, teller.now).await? == Written::Overtaken {
            continue;
        }
        let unsent = teller.tell(last, &learned, &mut told).await?;
        if learned.owed != unsent {
            // Who is faster here has told it as well.
            let rest = learned.told(unsent);
            watches.put(series, &rest, teller.now).await?;
        }
        return Ok(told);
    }
    Err(StoreError {
        operation: "judge a measurement",
        cause: Cause::Busy,
        source: "others keep writing this series".into(),
    })
}

/// What is known after `samples`, in the order of time; what was `known` is told.
fn learn(
    mut learned: Watch,
    samples: &[Sample],
    random: &(dyn Fn() -> Uuid + Sync),
    now: Timestamp,
) -> Watch {
    for sample in samples {
        let (at, last) = (sample.at.as_millisecond(), learned.last);
        if at <= last {
            continue;
        }
        learned.last = at;
        let rules = &sample.rules;
        if let Some(finding) = learned.find(rules, at, sample.value) {
            learned.found.push(finding);
        }
        // What the owner has switched off begins anew when it is on again.
        let states = &mut learned.thresholds;
        states.retain(|name, _| rules.thresholds.contains_key(name));
        for (name, threshold) in &rules.thresholds {
            let state = states.entry(name.clone()).or_default();
            let crossing = state.next(name, threshold, last, at, sample.value);
            learned.crossed.extend(crossing);
        }
    }
    // The newest say how things are.
    let old = learned.crossed.len().saturating_sub(MOST);
    learned.crossed.drain(..old);
    learned.order(random, now);
    learned
}

impl Watch {
    fn find(&mut self, rules: &Rules, at: i64, value: f64) -> Option<Finding> {
        let pewma = Pewma {
            resolution: rules.anomalies?,
            ..Pewma::default()
        };
        let anomaly = pewma.next(&mut self.moments, value);
        let anomaly = anomaly.filter(|_| self.found.len() < MOST)?;
        Some(Finding {
            at,
            value: anomaly.value,
            lower: anomaly.lower,
            upper: anomaly.upper,
        })
    }

    /// Has the commands sent of the sides that are reached at the end, and no others: one that
    /// was not sent before is past. What a device has kept while it was offline sends none: it
    /// waits for a value of now.
    fn order(&mut self, random: &(dyn Fn() -> Uuid + Sync), now: Timestamp) {
        let states = &self.thresholds;
        let holds = |it: &Owed| states.get(&it.threshold).and_then(|it| it.side) == Some(it.to);
        self.owed.retain(holds);
        let (millisecond, fresh) = (now.as_millisecond(), FRESH.as_secs() * 1_000);
        if millisecond.saturating_sub(self.last) > fresh {
            return;
        }
        for (name, state) in &mut self.thresholds {
            let Some(to) = state.side.filter(|_| std::mem::take(&mut state.owes)) else {
                continue;
            };
            self.owed.push(Owed {
                id: command_id(millisecond, random()),
                threshold: name.clone(),
                to,
            });
        }
    }
}

/// Ids of commands begin with the time.
fn command_id(millisecond: i64, random: Uuid) -> CommandId {
    let millisecond = u64::try_from(millisecond).unwrap_or_default();
    let mut bytes = [0; 10];
    // The last bytes of a random UUID are random as a whole.
    bytes[2..].copy_from_slice(&random.as_bytes()[8..]);
    bytes[..2].copy_from_slice(&random.as_bytes()[..2]);
    CommandId(Builder::from_unix_timestamp_millis(millisecond, &bytes).into_uuid())
}

#[cfg(test)]
mod tests;
