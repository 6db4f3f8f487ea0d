//! Limits that a measurement passes when it stays beyond them for a while.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::id::CommandName;
use crate::model::EventType;

/// Most thresholds of a field: each is judged with every value.
pub const MOST_THRESHOLDS: usize = 4;

/// Seconds that a threshold may wait: up to a day, after which nobody remembers why.
pub const SECONDS: RangeInclusive<u32> = 0..=86_400;

/// A threshold of a field: two limits with a band between them, and what happens when
/// the values have passed one of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// When a side is reached.
    pub limits: Limits,
    /// What happens when the values are high; nothing where it is left out.
    pub high: Option<Notice>,
    /// The same when they are low.
    pub low: Option<Notice>,
}

/// When a side is reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// High is what is over this.
    pub above: f64,
    /// Low is what is under this; never over `above`. In between nothing changes.
    pub below: f64,
    /// For how long every value has to be there.
    pub seconds: u32,
}

/// A side of a threshold.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Over `above`.
    High,
    /// Under `below`.
    Low,
}

/// What happens when a side is reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What kind of event it is.
    pub event_type: EventType,
    /// Its text for people; one is made where the model has none.
    pub message: Option<String>,
    /// What the device is then told to do.
    pub order: Option<Order>,
}

/// A command of the same model, with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Which command.
    pub command: CommandName,
    /// What with.
    pub value: Value,
}

impl Threshold {
    /// What happens when `side` is reached.
    #[must_use]
    pub fn notice(&self, side: Side) -> Option<&Notice> {
        match side {
            Side::High => self.high.as_ref(),
            Side::Low => self.low.as_ref(),
        }
    }
}

impl Limits {
    /// The side that `value` is on; none in between.
    #[must_use]
    pub fn side(&self, value: f64) -> Option<Side> {
        match () {
            () if value > self.above => Some(Side::High),
            () if value < self.below => Some(Side::Low),
            () => None,
        }
    }

    /// The limit of `side`.
    #[must_use]
    pub fn limit(&self, side: Side) -> f64 {
        match side {
            Side::High => self.above,
            Side::Low => self.below,
        }
    }

    /// What is wrong with them; `None` where nothing is.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let Self {
            above,
            below,
            seconds,
        } = self;
        if !(above.is_finite() && below.is_finite() && below <= above) {
            return Some(format!(
                "must have a `below` that is not over its `above`, not {below} and {above}"
            ));
        }
        (!SECONDS.contains(seconds)).then(|| {
            let (least, most) = (SECONDS.start(), SECONDS.end());
            format!("must have `seconds` from {least} to {most}, not {seconds}")
        })
    }
}

impl Side {
    /// The word in models, events and commands.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Low => "low",
        }
    }
}

impl Notice {
    /// Whether it is told of a device that is there from the start: what is normal is
    /// no news then.
    #[must_use]
    pub fn is_alarming(&self) -> bool {
        matches!(self.event_type, EventType::Error | EventType::Warning)
    }
}
