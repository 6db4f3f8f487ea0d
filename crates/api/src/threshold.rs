//! Thresholds of devices.

use domain::id::{DeviceId, FieldName, ThresholdName};
use domain::model::Limits;
use domain::threshold::{Adjusted, Adjustment, Change};
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::ToSchema;

/// The thresholds of a device.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeviceThresholds)]
pub struct ThresholdsView {
    /// Whose they are.
    pub device_id: DeviceId,
    /// All of them, by field and name; those of the product's model.
    pub thresholds: Vec<ThresholdView>,
}

/// A threshold, as it holds now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Threshold)]
pub struct ThresholdView {
    /// What is measured.
    #[schema(value_type = FieldName)]
    pub field: String,
    /// What the model calls the threshold.
    #[schema(value_type = ThresholdName)]
    pub name: String,
    /// The unit of the limits; `null` where the model names none.
    #[schema(required)]
    pub unit: Option<String>,
    /// Values over it are high.
    pub above: f64,
    /// Values under it are low; in between nothing changes.
    pub below: f64,
    /// For how long every value has to be there.
    #[schema(maximum = 86_400)]
    pub seconds: u32,
    /// Whether it is judged.
    pub enabled: bool,
    /// What the model says.
    pub model: LimitsView,
    /// What the owner has said: `null` where the model holds.
    pub own: OwnLimitsView,
}

/// Limits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ThresholdLimits)]
pub struct LimitsView {
    /// Values over it are high.
    pub above: f64,
    /// Values under it are low.
    pub below: f64,
    /// For how long every value has to be there.
    #[schema(maximum = 86_400)]
    pub seconds: u32,
}

/// What an owner has said of a threshold.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnThresholdLimits)]
pub struct OwnLimitsView {
    /// In the place of the model's.
    #[schema(required)]
    pub above: Option<f64>,
    /// In the place of the model's.
    #[schema(required)]
    pub below: Option<f64>,
    /// In the place of the model's.
    #[schema(required, maximum = 86_400)]
    pub seconds: Option<u32>,
    /// Whether it is judged; it is where nothing is said.
    #[schema(required)]
    pub enabled: Option<bool>,
}

/// What to change of a threshold: at least one field. What is left out stays as it is, and
/// `null` puts the model's back.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct ThresholdUpdate {
    /// Values over it are high.
    #[serde(default, deserialize_with = "limit")]
    #[schema(value_type = Option<f64>, minimum = -1e15, maximum = 1e15, required = false)]
    pub above: Option<Option<f64>>,
    /// Values under it are low; not over `above`.
    #[serde(default, deserialize_with = "limit")]
    #[schema(value_type = Option<f64>, minimum = -1e15, maximum = 1e15, required = false)]
    pub below: Option<Option<f64>>,
    /// For how long every value has to be there.
    #[serde(default, deserialize_with = "seconds")]
    #[schema(value_type = Option<u32>, maximum = 86_400, required = false)]
    pub seconds: Option<Option<u32>>,
    /// Whether it is judged. One that is switched on again begins anew.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>, required = false)]
    pub enabled: Option<Option<bool>>,
}

/// Furthest from 0 that a limit may be: numbers of this size are exact to the digit that
/// people write.
const FURTHEST: f64 = 1e15;

/// Seconds of a day.
const LONGEST: f64 = 86_400.0;

/// A field that is there, `null` or not.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

fn limit<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<f64>>, D::Error> {
    let limit = Option::<f64>::deserialize(from)?;
    match limit {
        Some(it) if !(-FURTHEST..=FURTHEST).contains(&it) => {
            Err(de::Error::custom("it must be from -1e15 to 1e15"))
        }
        limit => Ok(Some(limit)),
    }
}

/// `60.0` is a whole number, as in JSON Schema.
fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<u32>>, D::Error> {
    let seconds = Option::<f64>::deserialize(from)?;
    match seconds {
        Some(it) if it.fract() != 0.0 || !(0.0..=LONGEST).contains(&it) => Err(de::Error::custom(
            "it must be a whole number from 0 to 86400",
        )),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it was checked"
        )]
        seconds => Ok(Some(seconds.map(|it| it as u32))),
    }
}

impl ThresholdUpdate {
    /// The change; none where nothing is said.
    #[must_use]
    pub fn change(self) -> Option<Change> {
        let change = Change {
            above: self.above,
            below: self.below,
            seconds: self.seconds,
            enabled: self.enabled,
        };
        (change != Change::default()).then_some(change)
    }
}

impl From<Adjusted> for ThresholdView {
    fn from(it: Adjusted) -> Self {
        let Limits {
            above,
            below,
            seconds,
        } = it.limits();
        Self {
            above,
            below,
            seconds,
            enabled: it.own.is_enabled(),
            field: it.field,
            name: it.name,
            unit: it.unit,
            model: it.model.into(),
            own: it.own.into(),
        }
    }
}

impl From<Limits> for LimitsView {
    fn from(it: Limits) -> Self {
        Self {
            above: it.above,
            below: it.below,
            seconds: it.seconds,
        }
    }
}

impl From<Adjustment> for OwnLimitsView {
    fn from(it: Adjustment) -> Self {
        Self {
            above: it.above,
            below: it.below,
            seconds: it.seconds,
            enabled: it.enabled,
        }
    }
}
