//! What becomes of the fields of one registration's messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::unit::{Unit, twin_of};
use super::watch::Rules;
use crate::id::ModelNumber;
use crate::model::{Field, FieldKind, InvalidModel, Model, Threshold};
use crate::threshold::Adjustments;

/// Most bytes of a product's metadata in each row; more is left out.
const LARGEST_METADATA: usize = 1_024;

/// The fields that have a column of their own in the dataset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns(pub BTreeMap<String, Column>);

/// A column of a field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Name of the column of the same value in SI; numbers have one.
    pub twin: Option<String>,
    /// What it holds. A model that calls something else by the same name has
    /// its values kept among the extra ones.
    pub kind: FieldKind,
}

/// What becomes of the fields of one registration's messages.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The model number.
    pub model: ModelNumber,
    /// What the details say beside the model: a JSON object, or nothing.
    pub metadata: Option<String>,
    /// By field; empty where the model describes none, and then all is taken.
    pub(super) fields: BTreeMap<String, Planned>,
}

/// What becomes of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Planned {
    pub(super) field: Field,
    /// Where it goes; among the extra ones without a column.
    pub(super) column: Option<Column>,
    pub(super) unit: Option<Unit>,
}

impl Plan {
    /// The plan for a product with these `details`.
    ///
    /// # Errors
    ///
    /// When the details hold a model that is not valid.
    pub fn new(
        model: ModelNumber,
        details: &Map<String, Value>,
        columns: &Columns,
    ) -> Result<Self, InvalidModel> {
        let planned = |(name, field): (String, Field)| {
            let column = columns.0.get(&name).filter(|it| it.kind == field.kind);
            let planned = Planned {
                column: column.cloned(),
                unit: field.unit.as_deref().and_then(twin_of),
                field,
            };
            (name, planned)
        };
        let fields = Model::of(details)?.telemetry.into_iter();
        Ok(Self {
            model,
            metadata: metadata(details),
            fields: fields.map(planned).collect(),
        })
    }
}

impl Plan {
    /// By what the fields are judged that are, with what the owner has changed.
    pub(super) fn rules(&self, adjustments: &Adjustments) -> BTreeMap<String, Arc<Rules>> {
        let judged = self.fields.iter().filter(|(_, it)| it.is_judged());
        let rules = |(name, planned): (&String, &Planned)| {
            let thresholds = planned.field.thresholds.iter();
            let adjusted = thresholds.filter_map(|(threshold, it)| {
                let limits = adjustments.of(name, threshold).apply(&it.limits)?;
                Some((
                    threshold.clone(),
                    Threshold {
                        limits,
                        ..it.clone()
                    },
                ))
            });
            let rules = Rules {
                anomalies: planned.field.anomalies,
                thresholds: adjusted.collect(),
            };
            (name.clone(), Arc::new(rules))
        };
        judged.map(rules).collect()
    }
}

/// The plain values of `details`, as JSON; nested ones are the model.
fn metadata(details: &Map<String, Value>) -> Option<String> {
    let plain = |value: &Value| !matches!(value, Value::Object(_) | Value::Array(_) | Value::Null);
    let plain: Map<String, Value> = details
        .iter()
        .filter(|(_, value)| plain(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let text = Value::Object(plain).to_string();
    (text.len() > "{}".len() && text.len() <= LARGEST_METADATA).then_some(text)
}

impl Planned {
    /// Whether its values may be told to the owner.
    pub(super) fn is_judged(&self) -> bool {
        self.field.anomalies.is_some() || !self.field.thresholds.is_empty()
    }

    /// What is wrong with `value`; `None` where it can be stored.
    pub(super) fn problem(&self, value: &Value) -> Option<String> {
        let field = &self.field;
        let fits = match field.kind {
            FieldKind::Number => value.is_number(),
            FieldKind::Integer => value.as_f64().is_some_and(|it| it.fract() == 0.0),
            FieldKind::Boolean => value.is_boolean(),
            FieldKind::String => value.is_string(),
        };
        if !fits {
            return Some(format!("must be of type {}", field.kind.as_str()));
        }
        if let Some(number) = value.as_f64() {
            if let Some(minimum) = field.minimum.filter(|it| number < *it) {
                return Some(format!("must be at least {minimum}, not {number}"));
            }
            if let Some(maximum) = field.maximum.filter(|it| number > *it) {
                return Some(format!("must be at most {maximum}, not {number}"));
            }
        }
        let options = &field.options;
        match value.as_str() {
            Some(text) if !options.is_empty() && !options.iter().any(|it| it == text) => {
                Some(format!("must be one of {}", options.join(", ")))
            }
            _ => None,
        }
    }
}
