//! What a device has measured.

use std::collections::BTreeMap;

use domain::id::DeviceId;
use domain::telemetry::history::{History, Measured, Point};
use domain::time;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// What a device has measured in some time, in steps of equal length.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = History)]
pub struct HistoryView {
    /// Serial number.
    pub device_id: DeviceId,
    /// When the first step begins: what was asked for, rounded to whole steps.
    #[serde(serialize_with = "time::serialize")]
    #[schema(value_type = String, format = "date-time")]
    pub from: Timestamp,
    /// When the last step has ended.
    #[serde(serialize_with = "time::serialize")]
    #[schema(value_type = String, format = "date-time")]
    pub to: Timestamp,
    /// Seconds of a step.
    #[schema(minimum = 1, maximum = 86_400)]
    pub resolution: i64,
    /// Steps with messages, in order; the others are left out.
    pub points: Vec<PointView>,
}

/// What was measured in one step.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = HistoryPoint)]
pub struct PointView {
    /// When the step begins.
    #[serde(serialize_with = "time::serialize")]
    #[schema(value_type = String, format = "date-time")]
    pub timestamp: Timestamp,
    /// Messages in it, also those without any of the fields.
    #[schema(minimum = 1)]
    pub messages: u64,
    /// By field; one that was not measured in this step is left out.
    pub values: BTreeMap<String, MeasuredView>,
}

/// What is left of the values of a field in one step: a number's mean, least and
/// greatest value; of what is true or false, and of a text, the last one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Measured)]
pub enum MeasuredView {
    /// Of a number or an integer, in the unit that the model names.
    Number {
        /// Mean of all values.
        mean: f64,
        /// The least value.
        minimum: f64,
        /// The greatest value.
        maximum: f64,
    },
    /// The last value of a boolean.
    Boolean(bool),
    /// The last value of a text.
    Text(String),
}

impl HistoryView {
    /// What `device` has measured.
    #[must_use]
    pub fn new(device: DeviceId, history: History) -> Self {
        let History { span, points } = history;
        Self {
            device_id: device,
            from: span.from,
            to: span.to,
            resolution: span.resolution,
            points: points.into_iter().map(PointView::from).collect(),
        }
    }
}

impl From<Point> for PointView {
    fn from(point: Point) -> Self {
        let values = point.values.into_iter();
        Self {
            timestamp: point.at,
            messages: point.messages,
            values: values.map(|(field, it)| (field, it.into())).collect(),
        }
    }
}

impl From<Measured> for MeasuredView {
    fn from(measured: Measured) -> Self {
        match measured {
            Measured::Number {
                mean,
                minimum,
                maximum,
            } => Self::Number {
                mean,
                minimum,
                maximum,
            },
            Measured::Boolean(last) => Self::Boolean(last),
            Measured::Text(last) => Self::Text(last),
        }
    }
}
