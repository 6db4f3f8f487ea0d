//! Product models: what the devices of a model measure, obey and report.
//!
//! A model is data: the fields `telemetry`, `commands` and `events` of a
//! product's `details` in the Reference table. `docs/models.md` describes them.

mod effect;
mod read;
mod schema;
mod threshold;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::SignedDuration;
use serde_json::{Map, Value};

pub use self::effect::Effect;
pub use self::threshold::{Limits, MOST_THRESHOLDS, Notice, Order, SECONDS, Side, Threshold};
pub use crate::settings::EventType;

use crate::id::CommandName;
use crate::json::is_flat_object;

/// Most bytes of a product's `details` as JSON. They are copied to each
/// registration: a list of 100 fits into the 6 MB that a function may answer,
/// also with each quotation mark escaped, and is read in four pages.
pub const LARGEST: usize = 32 * 1024;

/// Most telemetry fields, commands or event codes of a model.
pub const MOST: usize = 64;

/// Time limits of commands, in seconds. The least leaves time for the way there
/// and back over a slow link; after a day nobody waits for the answer.
pub const TIME_LIMITS: RangeInclusive<u64> = 5..=86_400;

/// The limit of a command that names none.
const USUAL_LIMIT: SignedDuration = SignedDuration::from_secs(60);

/// A product model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// What the devices measure, by the field of a telemetry message.
    pub telemetry: BTreeMap<String, Field>,
    /// What they obey.
    pub commands: BTreeMap<CommandName, Command>,
    /// What they report, by the code of the event.
    pub events: BTreeMap<String, EventCode>,
}

/// A field of telemetry.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// What it holds.
    pub kind: FieldKind,
    /// Unit of measurement, such as `°F`; none where it has none.
    pub unit: Option<String>,
    /// Least value, of numbers.
    pub minimum: Option<f64>,
    /// Greatest value, of numbers.
    pub maximum: Option<f64>,
    /// Where unlikely values are told to the owner: the least deviation that
    /// counts, 0 where the series says it itself.
    pub anomalies: Option<f64>,
    /// Limits of numbers whose passing is told, and may be answered by a command.
    pub thresholds: BTreeMap<String, Threshold>,
    /// The only values, of strings; empty where any will do.
    pub options: Vec<String>,
    /// For people.
    pub description: Option<String>,
}

/// What a field of telemetry holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FieldKind {
    /// Any number.
    Number,
    /// A number without a fraction.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// Text.
    String,
}

impl FieldKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Number, Self::Integer, Self::Boolean, Self::String];

    /// The word that models use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::String => "string",
        }
    }

    /// Whether it is without a fraction.
    pub(crate) fn is_integer(self) -> bool {
        self == Self::Integer
    }

    fn is_numeric(self) -> bool {
        matches!(self, Self::Number | Self::Integer)
    }
}

/// A command that the devices take.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// For people.
    pub description: Option<String>,
    /// JSON Schema of its value; `None` where it takes no value but `null`.
    pub value: Option<Value>,
    /// What it sets in the shadow's `desired` state, where the text `$value`
    /// stands for its value; empty where it sets nothing.
    pub desired: Map<String, Value>,
    /// How long a device has for its answer.
    pub limit: SignedDuration,
}

/// An event that the devices report.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EventCode {
    /// How serious it is.
    pub event_type: EventType,
    /// For people.
    pub description: Option<String>,
}

impl Model {
    /// The model in a product's `details`; other fields there are not its own.
    /// Details without any field of a model are a product that takes no
    /// commands.
    ///
    /// Schemas are not compiled, so that each request can afford it:
    /// [`Model::check`] does before a model is loaded.
    ///
    /// # Errors
    ///
    /// [`InvalidModel`] names the place that is wrong and what would be right.
    pub fn of(details: &Map<String, Value>) -> Result<Self, InvalidModel> {
        read::model(details)
    }

    /// Checks the model in `details` in every respect, as it must be before
    /// a product is loaded with it, and reads it.
    ///
    /// # Errors
    ///
    /// As of [`Model::of`]; further for a schema that is none, and for details
    /// that are too large or nested too deep for the tables.
    pub fn check(details: &Map<String, Value>) -> Result<Self, InvalidModel> {
        let bytes = serde_json::to_vec(details).map_or(usize::MAX, |it| it.len());
        if bytes > LARGEST {
            let rule = format!("must be at most {LARGEST} bytes of JSON, not {bytes}");
            return Err(InvalidModel::new("details", rule));
        }
        // The row of a table is a level, too.
        if !is_flat_object(details) {
            return Err(InvalidModel::new(
                "details",
                "must be nested at most 32 levels deep",
            ));
        }
        let model = Self::of(details)?;
        for (name, command) in &model.commands {
            if let Some(schema) = &command.value {
                schema::check(schema, &format!("commands.{name}.value"))?;
            }
        }
        model.check_orders()?;
        Ok(model)
    }

    /// Checks that the commands of thresholds are those that the product takes.
    fn check_orders(&self) -> Result<(), InvalidModel> {
        let thresholds = self.telemetry.iter().flat_map(|(field, it)| {
            let named = move |(name, it)| (format!("telemetry.{field}.thresholds.{name}"), it);
            it.thresholds.iter().map(named)
        });
        for (place, threshold) in thresholds {
            for side in [Side::High, Side::Low] {
                let notice = threshold.notice(side);
                let Some(order) = notice.and_then(|it| it.order.as_ref()) else {
                    continue;
                };
                if let Err(refused) = self.accept(&order.command, &order.value) {
                    let place = format!("{place}.{}.command", side.as_str());
                    return Err(InvalidModel::new(
                        place,
                        format!("must be taken: {refused}"),
                    ));
                }
            }
        }
        Ok(())
    }

    /// Checks that the product takes the command `name` with `value`.
    ///
    /// # Errors
    ///
    /// [`Refused`] says what it takes.
    pub fn accept(&self, name: &CommandName, value: &Value) -> Result<Effect, Refused> {
        let Some(command) = self.commands.get(name) else {
            return Err(Refused::Command(short(&format!(
                "this product takes {}, not `{name}`",
                self.takes()
            ))));
        };
        match &command.value {
            None if value.is_null() => {}
            None => {
                let told = format!("`{name}` takes no value: `value` must be null");
                return Err(Refused::Value(told));
            }
            Some(schema) => schema::accept(schema, name, value)?,
        }
        Effect::of(command, name, value)
    }

    /// The commands in words.
    fn takes(&self) -> String {
        let mut names = self.commands.keys().map(|it| format!("`{it}`")).collect();
        match join(&mut names) {
            Some(names) => names,
            None => "no commands".to_owned(),
        }
    }
}

/// `a`, `a and b`, `a, b and c`; none where there is nothing.
fn join(words: &mut Vec<String>) -> Option<String> {
    let last = words.pop()?;
    Some(match words.is_empty() {
        true => last,
        false => format!("{} and {last}", words.join(", ")),
    })
}

/// Whether a field can be called `name`: all names in a model have one rule.
pub(crate) fn is_field(name: &str) -> bool {
    CommandName::new(name).is_ok()
}

/// Most characters of an answer that quotes a model.
const LONGEST: usize = 1_000;

/// `text`, cut where it is too long for an answer.
fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A model that breaks a rule.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the model is not valid: `{place}` {rule}")]
pub struct InvalidModel {
    /// Where, such as `commands.set-temp.value`.
    pub place: String,
    /// What is wrong with it, and what would be right.
    pub rule: String,
}

impl InvalidModel {
    fn new(place: impl Into<String>, rule: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            rule: rule.into(),
        }
    }
}

/// A command that the product does not take; says what it does.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refused {
    /// The product has no such command.
    #[error("{0}")]
    Command(String),
    /// The value is not what the command takes.
    #[error("{0}")]
    Value(String),
    /// Nobody can say: the command's schema is none. No fault of the sender.
    #[error(transparent)]
    Model(#[from] InvalidModel),
}

#[cfg(test)]
mod tests;
