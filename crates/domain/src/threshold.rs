//! Thresholds of a device as its owner has them: those of the model, and what the owner
//! has changed of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::{DeviceId, FieldName, RegistrationId, ThresholdName, UserId};
use crate::model::{InvalidModel, Limits, Model};
use crate::owner::OwnedError;
use crate::store::{Cause, StoreError};

/// How often a change is tried when another one is faster.
const ATTEMPTS: usize = 5;

/// What an owner has changed of one threshold; the model's is what is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Adjustment {
    /// In the place of the model's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
    /// In the place of the model's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
    /// In the place of the model's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// Whether it is judged at all; it is where this is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// What an owner has changed, by field and name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Adjustments(pub BTreeMap<String, BTreeMap<String, Adjustment>>);

/// A change of an adjustment; what is not said stays as it is, and what is said to be
/// nothing is the model's again.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Change {
    /// See [`Adjustment::above`].
    pub above: Option<Option<f64>>,
    /// See [`Adjustment::below`].
    pub below: Option<Option<f64>>,
    /// See [`Adjustment::seconds`].
    pub seconds: Option<Option<u32>>,
    /// See [`Adjustment::enabled`].
    pub enabled: Option<Option<bool>>,
}

/// A threshold of a device.
#[derive(Clone, Debug, PartialEq)]
pub struct Adjusted {
    /// What is measured.
    pub field: String,
    /// What the threshold is called.
    pub name: String,
    /// In which unit.
    pub unit: Option<String>,
    /// By the model.
    pub model: Limits,
    /// By the owner.
    pub own: Adjustment,
}

/// What is stored of a device's thresholds.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The registration that holds it.
    pub registration: RegistrationId,
    /// The product's details: its model is in it.
    pub details: Map<String, Value>,
    /// What the owner has changed.
    pub adjustments: Adjustments,
    /// How often that was written.
    pub version: u64,
}

/// Thresholds of the devices that users have.
///
/// Implementations pass the suite in `adapters/tests/it/thresholds.rs`.
pub trait Thresholds: Sync {
    /// What is stored, if the device is the user's now, as of now.
    fn kept(
        &self,
        user: &UserId,
        device: &DeviceId,
    ) -> impl Future<Output = Result<Option<Kept>, StoreError>> + Send;

    /// Writes the adjustments and the version after that of `kept`, if nobody has since it was
    /// read, and the registration is still the same; says whether it did.
    fn keep(
        &self,
        user: &UserId,
        device: &DeviceId,
        kept: &Kept,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// The thresholds of `device`, by field and name.
///
/// # Errors
///
/// [`OwnedError`] when the device is not the user's, or cannot be read.
pub async fn list(
    thresholds: &impl Thresholds,
    user: &UserId,
    device: &DeviceId,
) -> Result<Vec<Adjusted>, OwnedError> {
    let kept = thresholds.kept(user, device).await?;
    let kept = kept.ok_or(OwnedError::NotOwner)?;
    Ok(all(&kept)?)
}

/// Changes what `user` has set for the threshold `name` of `field`, and returns it as it is
/// stored now. It holds for what comes from then on.
///
/// # Errors
///
/// - [`AdjustError::Owned`] when the device is not the user's, or a port fails.
/// - [`AdjustError::Missing`] when its model has no such threshold.
/// - [`AdjustError::Limits`] when the limits would break a rule together.
pub async fn adjust(
    thresholds: &impl Thresholds,
    user: &UserId,
    device: &DeviceId,
    (field, name): (&FieldName, &ThresholdName),
    change: Change,
    now: Timestamp,
) -> Result<Adjusted, AdjustError> {
    for _ in 0..ATTEMPTS {
        let kept = thresholds.kept(user, device).await?;
        let mut kept = kept.ok_or(OwnedError::NotOwner)?;
        let found = all(&kept)?;
        let mut found = found
            .into_iter()
            .find(|it| it.field == field.as_str() && it.name == name.as_str())
            .ok_or_else(|| AdjustError::Missing(field.clone(), name.clone()))?;
        found.own = found.own.changed(change);
        if let Some(problem) = found.limits().problem() {
            return Err(AdjustError::Limits(problem));
        }
        kept.adjustments.set(&found);
        if thresholds.keep(user, device, &kept, now).await? {
            return Ok(found);
        }
    }
    Err(StoreError {
        operation: "change a threshold",
        cause: Cause::Busy,
        source: "others keep changing thresholds of this device".into(),
    }
    .into())
}

fn all(kept: &Kept) -> Result<Vec<Adjusted>, StoreError> {
    let model = Model::of(&kept.details).map_err(unreadable)?;
    let fields = model.telemetry.into_iter();
    let adjusted = fields.flat_map(|(field, it)| {
        let unit = it.unit;
        let thresholds = it.thresholds.into_iter();
        thresholds.map(move |(name, it)| Adjusted {
            own: kept.adjustments.of(&field, &name),
            field: field.clone(),
            name,
            unit: unit.clone(),
            model: it.limits,
        })
    });
    Ok(adjusted.collect())
}

/// Only the operator can mend a model that was registered as it is.
fn unreadable(err: InvalidModel) -> StoreError {
    StoreError {
        operation: "read the model of the product",
        cause: Cause::Broken,
        source: err.into(),
    }
}

impl Adjustment {
    /// The limits that hold; none where the owner has switched the threshold off.
    #[must_use]
    pub fn apply(&self, model: &Limits) -> Option<Limits> {
        let limits = self.limits(model);
        self.is_enabled().then_some(limits)
    }

    /// Whether the threshold is judged.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.enabled.unwrap_or(true)
    }

    fn limits(&self, model: &Limits) -> Limits {
        Limits {
            above: self.above.unwrap_or(model.above),
            below: self.below.unwrap_or(model.below),
            seconds: self.seconds.unwrap_or(model.seconds),
        }
    }

    fn changed(self, change: Change) -> Self {
        Self {
            above: change.above.unwrap_or(self.above),
            below: change.below.unwrap_or(self.below),
            seconds: change.seconds.unwrap_or(self.seconds),
            enabled: change.enabled.unwrap_or(self.enabled),
        }
    }
}

impl Adjustments {
    /// What was changed of a threshold.
    #[must_use]
    pub fn of(&self, field: &str, name: &str) -> Adjustment {
        let found = self.0.get(field).and_then(|it| it.get(name));
        found.copied().unwrap_or_default()
    }

    /// Nothing is kept of what is the model's altogether.
    fn set(&mut self, to: &Adjusted) {
        let of_field = self.0.entry(to.field.clone()).or_default();
        match to.own == Adjustment::default() {
            true => of_field.remove(&to.name),
            false => of_field.insert(to.name.clone(), to.own),
        };
        self.0.retain(|_, it| !it.is_empty());
    }
}

impl Adjusted {
    /// The limits that hold while it is enabled.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.own.limits(&self.model)
    }
}

/// Why a threshold was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AdjustError {
    /// See [`OwnedError`].
    #[error(transparent)]
    Owned(#[from] OwnedError),
    /// The model has no such threshold.
    #[error(
        "`{0}` has no threshold `{1}`: `GET /devices/{{deviceId}}/thresholds` lists those that there are"
    )]
    Missing(FieldName, ThresholdName),
    /// The limits would break a rule.
    #[error("the threshold {0}")]
    Limits(String),
}

impl From<StoreError> for AdjustError {
    fn from(err: StoreError) -> Self {
        Self::Owned(err.into())
    }
}

#[cfg(test)]
mod tests;
