//! The products that can be simulated, and their models.

mod lock;
mod thermostat;

use std::fmt;

use fastrand::Rng;
use jiff::Timestamp;
use serde_json::{Map, Value};

use self::lock::Lock;
use self::thermostat::Thermostat;
use crate::message::EventType;

/// What a device is: its sensors and its machine. No clock, no chance and no
/// I/O of its own, so that thousands fit into one process.
pub(crate) trait Product: fmt::Debug + Send {
    /// Lets the world go on until `now`. A clock that was set back stops it for
    /// one step.
    fn step(&mut self, now: Timestamp, rng: &mut Rng);

    /// What it measures and what it is set to: the fields of telemetry, and the
    /// shadow's `reported`.
    fn state(&self) -> Map<String, Value>;

    /// The state for whoever watches, in a few words.
    fn words(&self) -> String;

    /// Does what a command says.
    ///
    /// # Errors
    ///
    /// The reason for whoever sent the command, when this product does not know
    /// it or the value is none that it takes; then nothing has changed.
    fn obey(&mut self, command: &str, value: &Value) -> Result<(), String>;

    /// The command with its value that brings about `value` of a `key` of the
    /// shadow's desired state; `None` where the product has no such key.
    fn command_for(&self, key: &str, value: &Value) -> Option<(&'static str, Value)>;

    /// Whether the shadow should hold the present state, when it holds `last`.
    fn is_worth_reporting(&self, last: &Map<String, Value>) -> bool;

    /// Something of `kind` that may happen in the present state, `uptime`
    /// seconds after the start.
    fn happening(&self, kind: EventType, uptime: i64) -> Happening;

    /// What happened when the state changed from `before` to the present one,
    /// if it is worth an event.
    fn change(&self, before: &Map<String, Value>) -> Option<Happening>;
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Happening {
    /// The code of the product's model.
    pub(crate) code: &'static str,
    /// Its type in that model.
    pub(crate) kind: EventType,
    pub(crate) message: String,
    pub(crate) value: Value,
}

impl Happening {
    fn new(code: &'static str, kind: EventType, message: impl Into<String>, value: Value) -> Self {
        Self {
            code,
            kind,
            message: message.into(),
            value,
        }
    }
}

/// A product that can be simulated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sample {
    Thermostat,
    Lock,
}

impl Sample {
    pub(crate) const ALL: [Self; 2] = [Self::Thermostat, Self::Lock];

    /// The sample of a model number, if it is one of theirs.
    pub(crate) fn of_model(number: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.model_number() == number)
    }

    pub(crate) fn model_number(self) -> &'static str {
        match self {
            Self::Thermostat => "thermostat-1",
            Self::Lock => "lock-1",
        }
    }

    /// The product's `details` with its model, as JSON.
    pub(crate) fn details(self) -> &'static str {
        match self {
            Self::Thermostat => include_str!("../../../models/thermostat-1.json"),
            Self::Lock => include_str!("../../../models/lock-1.json"),
        }
    }

    /// One of them, switched on at `now`.
    pub(crate) fn product(self, now: Timestamp) -> Box<dyn Product> {
        match self {
            Self::Thermostat => Box::new(Thermostat::new(now)),
            Self::Lock => Box::new(Lock::new(now)),
        }
    }
}

#[cfg(test)]
mod tests;
