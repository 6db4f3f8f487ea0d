//! From what a request says to what is looked up: bounded, and rounded so that
//! the same page opened twice asks the same.

use jiff::{SignedDuration, Timestamp};

use crate::id::{ModelNumber, RegistrationId};
use crate::model::{FieldKind, Model, is_field};
use crate::telemetry::plan::Columns;

/// Longest time of a request. Each day of it is a folder that is read.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(93 * 24);

/// Most fields of a request.
pub const MOST_FIELDS: usize = 10;

/// Most steps of a request: more than a chart has pixels for.
pub const MOST_POINTS: i64 = 1_000;

/// Most steps where the request leaves their length open.
const USUAL_POINTS: i64 = 300;

/// What is looked at where the request does not say since when.
const USUAL: SignedDuration = SignedDuration::from_hours(24);

/// The lengths of steps to choose from, in seconds: what a clock divides into.
const STEPS: [i64; 13] = [
    1, 5, 10, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, DAY,
];

/// The longest step.
const DAY: i64 = 86_400;

/// A question about what one owner's device has measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The owner's time with the device.
    pub registration: RegistrationId,
    /// The device's model, of which each file holds one.
    pub model: ModelNumber,
    /// When, and in which steps.
    pub span: Span,
    /// What.
    pub fields: Vec<Asked>,
}

/// A field that is looked up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Asked {
    /// Its name in messages: letters, digits, `_`, `:` and `-` only.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Its column; `None` where it is kept among the extra ones.
    pub column: Option<String>,
}

/// A time in steps of equal length.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Span {
    /// When the first step begins: a multiple of the length since 1970.
    pub from: Timestamp,
    /// When the last one has ended.
    pub to: Timestamp,
    /// Seconds of each.
    pub resolution: i64,
}

impl Span {
    /// What is left of it from `start` on, in whole steps.
    pub(super) fn since(self, start: Timestamp) -> Option<Self> {
        let start = start.as_second();
        let step = floor(start, self.resolution)?;
        let from = self.from.max(step);
        (from < self.to).then_some(Self { from, ..self })
    }
}

/// What a request asks for, as it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// RFC 3339.
    pub from: Option<&'a str>,
    /// RFC 3339.
    pub to: Option<&'a str>,
    /// Names of fields with commas between them.
    pub fields: Option<&'a str>,
    /// Seconds.
    pub resolution: Option<&'a str>,
}

/// A request that makes no sense; says what would.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidWish(String);

impl Wish<'_> {
    /// When, rounded to whole steps around it.
    ///
    /// # Errors
    ///
    /// [`InvalidWish`] for what is no time, none that passes, too long, or has
    /// too many steps.
    pub fn span(&self, now: Timestamp) -> Result<Span, InvalidWish> {
        let to = time("to", self.to)?.unwrap_or(now);
        let from = match time("from", self.from)? {
            Some(from) => from,
            None => to.checked_sub(USUAL).map_err(|_| outside("to"))?,
        };
        if from >= to {
            return Err(wrong("`from` must be before `to`"));
        }
        let length = to.duration_since(from);
        if length > LONGEST {
            let days = LONGEST.as_hours() / 24;
            return Err(InvalidWish(format!(
                "there must be at most {days} days between `from` and `to`: ask for one part after the other"
            )));
        }
        let seconds = length.as_secs() + 1;
        let resolution = match self.resolution {
            None => usual(seconds),
            Some(text) => resolution(text, seconds)?,
        };
        let end = to.as_second() + i64::from(to.subsec_nanosecond() > 0) + resolution - 1;
        Ok(Span {
            from: floor(from.as_second(), resolution).ok_or_else(|| outside("from"))?,
            to: floor(end, resolution).ok_or_else(|| outside("to"))?,
            resolution,
        })
    }

    /// What: the fields of `model` that the request names, or as many as one
    /// request may have.
    ///
    /// A product without described telemetry has numbers of any name.
    ///
    /// # Errors
    ///
    /// [`InvalidWish`] for fields that there are not, or too many.
    pub fn fields(&self, model: &Model, columns: &Columns) -> Result<Vec<Asked>, InvalidWish> {
        let described = &model.telemetry;
        let mut names: Vec<&str> = match self.fields {
            Some(fields) => fields.split(',').collect(),
            None => described
                .keys()
                .map(String::as_str)
                .take(MOST_FIELDS)
                .collect(),
        };
        let known = names.len();
        names.sort_unstable();
        names.dedup();
        if names.len() < known {
            return Err(wrong("`fields` must name each field once"));
        }
        if names.is_empty() {
            return Err(wrong(
                "`fields` must be given: the model of this device does not say what it measures",
            ));
        }
        if names.len() > MOST_FIELDS {
            return Err(InvalidWish(format!(
                "`fields` must name at most {MOST_FIELDS} fields, not {}: ask for some after the others",
                names.len()
            )));
        }
        let asked = |name: &str| {
            let kind = match described.get(name) {
                Some(field) => field.kind,
                None if described.is_empty() && is_field(name) => FieldKind::Number,
                None => return Err(unknown(described.keys())),
            };
            let column = columns.0.get(name).filter(|it| it.kind == kind);
            // What is not described has no column either.
            let column = column.filter(|_| !described.is_empty());
            Ok(Asked {
                name: name.to_owned(),
                kind,
                column: column.map(|it| it.name.clone()),
            })
        };
        names.into_iter().map(asked).collect()
    }
}

fn unknown<'a>(known: impl Iterator<Item = &'a String>) -> InvalidWish {
    let names: Vec<&str> = known.map(String::as_str).collect();
    InvalidWish(match names.is_empty() {
        true => "`fields` must hold names of fields with commas between them".to_owned(),
        false => format!(
            "`fields` must hold fields of this device with commas between them: it has `{}`",
            names.join("`, `")
        ),
    })
}

fn wrong(rule: &str) -> InvalidWish {
    InvalidWish(rule.to_owned())
}

fn outside(name: &str) -> InvalidWish {
    InvalidWish(format!("`{name}` must be a time between 1970 and 9999"))
}

fn time(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, InvalidWish> {
    let Some(text) = text else { return Ok(None) };
    let time: Timestamp = text.parse().map_err(|_| {
        InvalidWish(format!(
            "`{name}` must be a time of RFC 3339 such as `2026-11-21T04:17:00Z`"
        ))
    })?;
    match time.as_second() {
        // Rounded to the ends of a day, it is still a time.
        second if second >= 0 && second < Timestamp::MAX.as_second() - 2 * DAY => Ok(Some(time)),
        _ => Err(outside(name)),
    }
}

/// The shortest step of which not too many fill `seconds`.
fn usual(seconds: i64) -> i64 {
    let fits = |step: &&i64| seconds <= **step * USUAL_POINTS;
    STEPS.iter().find(fits).copied().unwrap_or(DAY)
}

fn resolution(text: &str, seconds: i64) -> Result<i64, InvalidWish> {
    let least = seconds.div_euclid(MOST_POINTS) + 1;
    // Rust also reads `+5` and `007`.
    let plain = text.starts_with(|c: char| ('1'..='9').contains(&c));
    match text.parse() {
        Ok(step) if plain && (least..=DAY).contains(&step) => Ok(step),
        Ok(1..=DAY) if plain => Err(InvalidWish(format!(
            "`resolution` must be at least {least} seconds for this time, so that there are at most {MOST_POINTS} steps"
        ))),
        _ => Err(InvalidWish(format!(
            "`resolution` must be a whole number of seconds from 1 to {DAY}"
        ))),
    }
}

/// The last multiple of `step` that is not after `second`.
fn floor(second: i64, step: i64) -> Option<Timestamp> {
    Timestamp::from_second(second - second.rem_euclid(step)).ok()
}

#[cfg(test)]
mod tests;
