//! A row of the dataset.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::clock::Moment;
use super::message::InvalidMessage;
use super::plan::{Plan, Planned};
use crate::id::{DeviceId, RegistrationId};

/// Most characters of what is said about values that were left out.
const LONGEST: usize = 500;

/// A row: flat, one key for each column that has a value.
#[derive(Debug)]
pub struct Row<'a> {
    device: &'a DeviceId,
    registration: RegistrationId,
    plan: &'a Plan,
    /// When it was measured.
    pub moment: Moment,
    received: Timestamp,
    values: Vec<(&'a str, Value)>,
    watched: Vec<Watched>,
    extra: Map<String, Value>,
    problems: String,
}

/// A value whose model has unlikely ones told.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    /// The field.
    pub field: String,
    /// The least deviation that counts.
    pub resolution: f64,
    /// The value.
    pub value: f64,
}

/// Where a row is stored.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Partition {
    /// The day on which it was measured, UTC: `2026-11-24`.
    pub day: String,
    /// The model number, as a folder can be called.
    pub model: String,
}

impl<'a> Row<'a> {
    /// The row that the fields of a message make.
    ///
    /// # Errors
    ///
    /// - [`InvalidMessage::Timestamp`] when there is a time that is none.
    /// - [`InvalidMessage::Nothing`] when no value can be stored.
    pub fn new(
        device: &'a DeviceId,
        registration: RegistrationId,
        plan: &'a Plan,
        mut fields: Map<String, Value>,
        received: Timestamp,
    ) -> Result<Self, InvalidMessage> {
        let timestamp = match fields.remove("timestamp") {
            None | Some(Value::Null) => None,
            Some(value) => Some(value.as_i64().ok_or(InvalidMessage::Timestamp)?),
        };
        let mut row = Self {
            device,
            registration,
            plan,
            moment: Moment::of(timestamp, received),
            received,
            values: Vec::with_capacity(2 * fields.len()),
            watched: Vec::new(),
            extra: Map::new(),
            problems: String::new(),
        };
        for (name, value) in fields {
            row.take(name, value);
        }
        match row.values.is_empty() && row.extra.is_empty() {
            true => Err(InvalidMessage::Nothing(row.problems())),
            false => Ok(row),
        }
    }

    /// A value of a message: into its column, among the extra ones, or left out.
    fn take(&mut self, name: String, value: Value) {
        if value.is_null() {
            return;
        }
        let plan = self.plan;
        match plan.fields.get(&name) {
            Some(planned) => match planned.problem(&value) {
                None => self.store(planned, name, value),
                Some(problem) => self.leave_out(&name, &problem),
            },
            // A model that describes nothing forbids nothing.
            None if plan.fields.is_empty() && !value.is_object() && !value.is_array() => {
                self.extra.insert(name, value);
            }
            None if plan.fields.is_empty() => {
                self.leave_out(&name, "must be a number, a text or a boolean");
            }
            None => self.leave_out(&name, "is no field of the model"),
        }
    }

    fn store(&mut self, planned: &'a Planned, name: String, value: Value) {
        if let (Some(resolution), Some(value)) = (planned.field.anomalies, value.as_f64()) {
            self.watched.push(Watched {
                field: name.clone(),
                resolution,
                value,
            });
        }
        let si = match (planned.unit, value.as_f64()) {
            (Some(unit), Some(number)) => Some(Value::from(unit.convert(number))),
            _ => None,
        };
        let Some(column) = &planned.column else {
            self.extra.insert(name, value);
            return;
        };
        // 72.0 is an integer, but not as the column reads it.
        let value = match planned.field.kind.is_integer() {
            true => whole(value),
            false => value,
        };
        self.values.push((&column.name, value));
        if let (Some(si), Some(twin)) = (si, &column.twin) {
            self.values.push((twin, si));
        }
    }

    fn leave_out(&mut self, name: &str, problem: &str) {
        if self.problems.len() < LONGEST {
            if !self.problems.is_empty() {
                self.problems.push_str("; ");
            }
            let name: String = name.chars().take(64).collect();
            self.problems.push_str(&format!("`{name}` {problem}"));
        }
    }

    /// What was left out and why; `None` where nothing was.
    #[must_use]
    pub fn problems(&self) -> Option<String> {
        let text: String = self.problems.chars().take(LONGEST).collect();
        (!text.is_empty()).then_some(text)
    }

    /// The values that are to be judged.
    #[must_use]
    pub fn into_watched(self) -> Vec<Watched> {
        self.watched
    }

    /// Where it is stored.
    #[must_use]
    pub fn partition(&self) -> Partition {
        let folder = |c: char| match c {
            '-' | '_' | '.' => c,
            _ if c.is_ascii_alphanumeric() => c,
            _ => '_',
        };
        Partition {
            day: day(self.moment.time),
            model: self.plan.model.as_str().chars().map(folder).collect(),
        }
    }
}

/// The day of `time` in UTC.
fn day(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).date().to_string()
}

/// A whole number without a fraction part of zero.
fn whole(value: Value) -> Value {
    match value.as_f64() {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "whole numbers of this size are exact"
        )]
        Some(number) if value.is_f64() && number.abs() < 9e15 => Value::from(number as i64),
        _ => value,
    }
}

/// A time as columns of type timestamp read it: UTC, and without saying so.
fn sql(time: Timestamp) -> String {
    let mut text = crate::time::text(time);
    text.truncate(text.trim_end_matches('Z').len());
    if let Some(at) = text.find('T') {
        text.replace_range(at..=at, " ");
    }
    text
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let source = if self.moment.by_device {
            "device"
        } else {
            "received"
        };
        let mut row = to.serialize_map(None)?;
        // As texts: an id that is serialized itself is copied first.
        row.serialize_entry("device_id", self.device.as_str())?;
        row.serialize_entry("registration_id", &self.registration)?;
        row.serialize_entry("model", self.plan.model.as_str())?;
        row.serialize_entry("timestamp", &sql(self.moment.time))?;
        row.serialize_entry("timestamp_source", source)?;
        row.serialize_entry("received_at", &sql(self.received))?;
        for (name, value) in &self.values {
            row.serialize_entry(name, value)?;
        }
        if let Some(metadata) = &self.plan.metadata {
            row.serialize_entry("metadata", metadata)?;
        }
        if !self.extra.is_empty() {
            let extra = serde_json::to_string(&self.extra).map_err(serde::ser::Error::custom)?;
            row.serialize_entry("extra", &extra)?;
        }
        if let Some(problems) = self.problems() {
            row.serialize_entry("problems", &problems)?;
        }
        row.end()
    }
}
