//! Reads a model from a product's `details`.

mod threshold;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Map, Value};

use crate::id::CommandName;
use crate::model::effect::{VALUE, storable};
use crate::model::{
    Command, EventCode, EventType, Field, FieldKind, InvalidModel, MOST, Model, TIME_LIMITS,
    USUAL_LIMIT, join,
};

/// Telemetry says the time itself.
const TIMESTAMP: &str = "timestamp";

type Read<T> = Result<T, InvalidModel>;

pub(super) fn model(details: &Map<String, Value>) -> Read<Model> {
    let part = |name: &str| {
        details.get(name).map(|value| At {
            place: name.to_owned(),
            value,
        })
    };
    Ok(Model {
        telemetry: named(part("telemetry"), field)?,
        commands: named(part("commands"), command)?
            .into_iter()
            .filter_map(|(name, it)| Some((CommandName::new(name).ok()?, it)))
            .collect(),
        events: named(part("events"), event)?,
    })
}

/// A value of the model, and where it stands.
#[derive(Clone, Debug)]
struct At<'a> {
    place: String,
    value: &'a Value,
}

impl<'a> At<'a> {
    fn wrong(&self, rule: impl Into<String>) -> InvalidModel {
        InvalidModel::new(self.place.clone(), rule)
    }

    /// What stands at `name` of this object.
    fn get(&self, name: &str) -> Option<At<'a>> {
        Some(At {
            place: format!("{}.{name}", self.place),
            value: self.value.get(name)?,
        })
    }

    /// Checks that this is an object of no other fields than `known`.
    fn only(&self, known: &[&str]) -> Read<()> {
        let Value::Object(fields) = self.value else {
            return Err(self.wrong(format!("must be an object of {}", quoted(known))));
        };
        match fields.keys().find(|it| !known.contains(&it.as_str())) {
            Some(name) => Err(self.wrong(format!(
                "must have no field `{name}`: there are {}",
                quoted(known)
            ))),
            None => Ok(()),
        }
    }

    fn text(&self) -> Read<String> {
        match self.value {
            Value::String(text) if !text.trim().is_empty() => Ok(text.clone()),
            _ => Err(self.wrong("must be text that is not empty")),
        }
    }

    fn number(&self) -> Read<f64> {
        let number = self.value.as_f64();
        number.ok_or_else(|| self.wrong("must be a number"))
    }
}

/// The entries of an object whose keys are names that the model gives.
fn named<T>(
    part: Option<At<'_>>,
    read: impl Fn(&str, &At<'_>) -> Read<T>,
) -> Read<BTreeMap<String, T>> {
    let Some(part) = part else {
        return Ok(BTreeMap::new());
    };
    let Value::Object(entries) = part.value else {
        return Err(part.wrong("must be an object, from names to what they stand for"));
    };
    if entries.len() > MOST {
        let rule = format!("must have at most {MOST} entries, not {}", entries.len());
        return Err(part.wrong(rule));
    }
    let entry = |(name, value): (&String, _)| {
        if let Err(error) = CommandName::new(name.as_str()) {
            return Err(part.wrong(format!("has a name that is not {}", error.rule)));
        }
        let place = format!("{}.{name}", part.place);
        Ok((name.clone(), read(name, &At { place, value })?))
    };
    entries.iter().map(entry).collect()
}

fn field(name: &str, at: &At<'_>) -> Read<Field> {
    if name == TIMESTAMP {
        return Err(at.wrong("must have another name: each message has a `timestamp` of its own"));
    }
    at.only(&[
        "type",
        "unit",
        "minimum",
        "maximum",
        "anomalies",
        "thresholds",
        "enum",
        "description",
    ])?;
    let kind = field_kind(at)?;
    let limit = |name| match at.get(name) {
        Some(limit) if !kind.is_numeric() => {
            Err(limit.wrong("must be left out: only a number or an integer has a range"))
        }
        limit => limit.map(|it| it.number()).transpose(),
    };
    let (minimum, maximum) = (limit("minimum")?, limit("maximum")?);
    if let (Some(minimum), Some(maximum)) = (minimum, maximum)
        && minimum > maximum
    {
        return Err(at.wrong(format!(
            "must have a `minimum` that is not over its `maximum`, not {minimum} and {maximum}"
        )));
    }
    Ok(Field {
        kind,
        unit: at.get("unit").map(|it| it.text()).transpose()?,
        minimum,
        maximum,
        anomalies: anomalies(at, kind)?,
        thresholds: threshold::thresholds(at, kind)?,
        options: options(at, kind)?,
        description: description(at)?,
    })
}

/// `{}`, or `{"resolution": 0.5}`.
fn anomalies(at: &At<'_>, kind: FieldKind) -> Read<Option<f64>> {
    let Some(at) = at.get("anomalies") else {
        return Ok(None);
    };
    if !kind.is_numeric() {
        return Err(at.wrong("must be left out: only a number or an integer has unlikely values"));
    }
    at.only(&["resolution"])?;
    let Some(resolution) = at.get("resolution") else {
        return Ok(Some(0.0));
    };
    match resolution.number()? {
        number if number >= 0.0 => Ok(Some(number)),
        _ => Err(resolution.wrong("must be a number that is not below 0")),
    }
}

fn field_kind(at: &At<'_>) -> Read<FieldKind> {
    let word = at.value.get("type").and_then(Value::as_str);
    word.and_then(|word| FieldKind::ALL.into_iter().find(|it| it.as_str() == word))
        .ok_or_else(|| {
            let words = FieldKind::ALL.map(FieldKind::as_str);
            at.wrong(format!("must have a `type`: one of {}", quoted(&words)))
        })
}

fn options(at: &At<'_>, kind: FieldKind) -> Read<Vec<String>> {
    let Some(at) = at.get("enum") else {
        return Ok(vec![]);
    };
    if kind != FieldKind::String {
        return Err(at.wrong("must be left out: only a string has options"));
    }
    let wrong = || at.wrong("must be a list of different texts");
    let options: Vec<String> = at
        .value
        .as_array()
        .and_then(|them| {
            them.iter()
                .map(|it| it.as_str().map(str::to_owned))
                .collect()
        })
        .ok_or_else(wrong)?;
    let repeated = (1..options.len()).any(|end| options[..end].contains(&options[end]));
    match options.is_empty() || repeated {
        true => Err(wrong()),
        false => Ok(options),
    }
}

fn command(_: &str, at: &At<'_>) -> Read<Command> {
    at.only(&["description", "value", "desired", "timeLimitSeconds"])?;
    let value = at.get("value");
    if let Some(schema) = &value
        && !matches!(schema.value, Value::Object(_) | Value::Bool(_))
    {
        return Err(schema.wrong(
            "must be a JSON Schema, an object or a boolean; left out, the command takes no value",
        ));
    }
    Ok(Command {
        description: description(at)?,
        desired: match at.get("desired") {
            Some(it) => desired(&it, value.is_some())?,
            None => Map::new(),
        },
        value: value.map(|it| it.value.clone()),
        limit: limit(at)?,
    })
}

fn desired(at: &At<'_>, has_value: bool) -> Read<Map<String, Value>> {
    let keys = match at.value {
        Value::Object(keys) if !keys.is_empty() => keys,
        _ => {
            return Err(at.wrong(
                "must be an object of keys of the shadow; left out, the command sets none",
            ));
        }
    };
    if keys.keys().any(|it| it.trim().is_empty()) {
        return Err(at.wrong("must have no empty key"));
    }
    for key in keys.keys() {
        if let Some(it) = at.get(key) {
            templates(&it, has_value)?;
        }
    }
    storable(keys).map_err(|why| at.wrong(format!("cannot be set in a shadow: {why}")))?;
    Ok(keys.clone())
}

/// Checks the texts of a desired state that speak of the value.
fn templates(at: &At<'_>, has_value: bool) -> Read<()> {
    match at.value {
        Value::String(text) if text == VALUE && !has_value => Err(at.wrong(format!(
            "must not be `{VALUE}`: the command has no schema `value`, so it takes none"
        ))),
        Value::String(text) if text != VALUE && text.contains(VALUE) => {
            Err(at.wrong(format!("must be `{VALUE}` alone, or a text without it")))
        }
        Value::Array(items) => items.iter().enumerate().try_for_each(|(index, value)| {
            let place = format!("{}.{index}", at.place);
            templates(&At { place, value }, has_value)
        }),
        Value::Object(fields) => fields.iter().try_for_each(|(key, value)| {
            let place = format!("{}.{key}", at.place);
            templates(&At { place, value }, has_value)
        }),
        _ => Ok(()),
    }
}

fn limit(at: &At<'_>) -> Read<SignedDuration> {
    let Some(at) = at.get("timeLimitSeconds") else {
        return Ok(USUAL_LIMIT);
    };
    whole(at.value)
        .filter(|seconds| TIME_LIMITS.contains(seconds))
        .and_then(|seconds| i64::try_from(seconds).ok())
        .map(SignedDuration::from_secs)
        .ok_or_else(|| {
            let (least, most) = (TIME_LIMITS.start(), TIME_LIMITS.end());
            at.wrong(format!("must be a whole number from {least} to {most}"))
        })
}

/// A whole number, written with or without a fraction of zero: a table keeps
/// decimal numbers, and hands them out in either form.
fn whole(value: &Value) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a fraction of zero, and a cast saturates"
    )]
    let of_float = |it: f64| (it.fract() == 0.0 && it >= 0.0).then_some(it as u64);
    value.as_u64().or_else(|| of_float(value.as_f64()?))
}

fn event(_: &str, at: &At<'_>) -> Read<EventCode> {
    at.only(&["type", "description"])?;
    Ok(EventCode {
        event_type: event_type(at)?,
        description: description(at)?,
    })
}

fn event_type(at: &At<'_>) -> Read<EventType> {
    let word = at.value.get("type").and_then(Value::as_str);
    word.and_then(EventType::parse).ok_or_else(|| {
        let words = EventType::ALL.map(EventType::as_str);
        at.wrong(format!("must have a `type`: one of {}", quoted(&words)))
    })
}

fn description(at: &At<'_>) -> Read<Option<String>> {
    at.get("description").map(|it| it.text()).transpose()
}

fn quoted(words: &[&str]) -> String {
    let mut words = words.iter().map(|it| format!("`{it}`")).collect();
    join(&mut words).unwrap_or_default()
}
