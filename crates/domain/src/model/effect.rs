//! What a command changes.

use jiff::SignedDuration;
use serde_json::{Map, Value};

use crate::id::CommandName;
use crate::json::depth;
use crate::model::{Command, Refused};

/// Most bytes of a shadow's `desired` section, by IoT Core's quota.
pub(super) const LARGEST: usize = 8 * 1024;
/// Deepest nesting of the `desired` section, by IoT Core's quota.
pub(super) const DEEPEST: usize = 8;
/// Stands for the command's value.
pub(super) const VALUE: &str = "$value";

/// What a command does beside being published.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// What it sets in the shadow's `desired` state; empty where it changes none.
    pub desired: Map<String, Value>,
    /// How long the device has for its answer.
    pub limit: SignedDuration,
}

impl Effect {
    /// What `command` called `name` does with `value`, which its schema takes.
    ///
    /// # Errors
    ///
    /// [`Refused::Value`] when the shadow could not hold the outcome.
    pub(super) fn of(
        command: &Command,
        name: &CommandName,
        value: &Value,
    ) -> Result<Self, Refused> {
        let desired = command
            .desired
            .iter()
            .map(|(key, template)| (key.clone(), filled(template, value)))
            .collect();
        match storable(&desired) {
            Ok(()) => Ok(Self {
                desired,
                limit: command.limit,
            }),
            Err(why) => Err(Refused::Value(format!(
                "`value` of `{name}` cannot be set in the shadow: {why}"
            ))),
        }
    }
}

/// `template` with `value` in the place of each [`VALUE`].
fn filled(template: &Value, value: &Value) -> Value {
    match template {
        Value::String(text) if text == VALUE => value.clone(),
        Value::Array(items) => items.iter().map(|it| filled(it, value)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, it)| (key.clone(), filled(it, value)))
            .collect(),
        plain => plain.clone(),
    }
}

/// Whether a shadow can hold `desired` as it is; why not.
pub(super) fn storable(desired: &Map<String, Value>) -> Result<(), String> {
    if desired.values().any(holds_null) {
        return Err("it must hold no null, which would remove the key".to_owned());
    }
    if desired.values().any(|it| depth(it) >= DEEPEST) {
        return Err(format!("it must be nested at most {DEEPEST} levels deep"));
    }
    let bytes = serde_json::to_vec(desired).map_or(usize::MAX, |it| it.len());
    if bytes > LARGEST {
        return Err(format!(
            "it must be at most {LARGEST} bytes of JSON, not {bytes}"
        ));
    }
    Ok(())
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().any(holds_null),
        Value::Object(fields) => fields.values().any(holds_null),
        _ => false,
    }
}
