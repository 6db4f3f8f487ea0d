//! Whether a series has passed a threshold, told from its values one after another.
//!
//! A side is reached when every value of at least `seconds` is on it. The way there ends
//! with the first value that is not, so a side that is reached is left after `seconds` at the
//! earliest: of two changes the second begins after the first, whatever is measured.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::model::{Limits, Side, Threshold};

/// How long a value says how things are. After a longer silence, unless the threshold
/// itself waits longer, a way begins anew; and no command goes by what is older.
pub const FRESH: SignedDuration = SignedDuration::from_hours(2);

/// What is known of a threshold of a series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The side that was reached last; none at first.
    pub side: Option<Side>,
    /// The way to the other one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way: Option<Way>,
    /// Whether the command of the side has still to be sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub owes: bool,
}

/// Values that are on the same side, without a break.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Way {
    /// The side.
    pub to: Side,
    /// Its limit, as text: this has to be the same when it comes back from a table. Another
    /// limit is another way.
    pub limit: String,
    /// When the first of them was measured, epoch milliseconds.
    pub since: i64,
}

/// A side that was reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crossing {
    /// Which threshold.
    pub name: String,
    /// Which side.
    pub to: Side,
    /// When that was, epoch milliseconds.
    pub at: i64,
    /// The value then.
    pub value: f64,
    /// When the first value was there, epoch milliseconds.
    pub since: i64,
    /// The limits that held.
    pub above: f64,
    /// See `above`.
    pub below: f64,
    /// See `above`.
    pub seconds: u32,
}

impl State {
    /// Goes on by a value measured `at`, in epoch milliseconds, the one before at `last`.
    /// The side that is reached now, if it is to be told: at the start only what is alarming is.
    pub fn next(
        &mut self,
        name: &str,
        threshold: &Threshold,
        last: i64,
        at: i64,
        value: f64,
    ) -> Option<Crossing> {
        let limits = &threshold.limits;
        let Some(to) = limits.side(value).filter(|it| Some(*it) != self.side) else {
            self.way = None;
            return None;
        };
        let limit = limits.limit(to).to_string();
        let way = self.way.take();
        let way =
            way.filter(|it| it.to == to && it.limit == limit && !is_silence(limits, last, at));
        let since = way.map_or(at, |it| it.since);
        if at.saturating_sub(since) < milliseconds(limits) {
            self.way = Some(Way { to, limit, since });
            return None;
        }
        let is_first = self.side.is_none();
        let notice = threshold
            .notice(to)
            .filter(|it| !is_first || it.is_alarming());
        *self = Self {
            side: Some(to),
            way: None,
            owes: notice.is_some_and(|it| it.order.is_some()),
        };
        notice.map(|_| Crossing {
            name: name.to_owned(),
            to,
            at,
            value,
            since,
            above: limits.above,
            below: limits.below,
            seconds: limits.seconds,
        })
    }
}

fn is_silence(limits: &Limits, last: i64, at: i64) -> bool {
    at.saturating_sub(last) > milliseconds(limits).max(FRESH.as_secs() * 1_000)
}

fn milliseconds(limits: &Limits) -> i64 {
    i64::from(limits.seconds) * 1_000
}

#[cfg(test)]
mod tests;
