//! What a device has measured, for its owner: values for each step of some time.

mod question;

use std::collections::BTreeMap;

use jiff::Timestamp;

pub use self::question::{
    Asked, InvalidWish, LONGEST, MOST_FIELDS, MOST_POINTS, Question, Span, Wish,
};

use super::lookup::Sources;
use super::plan::Columns;
use crate::id::{DeviceId, UserId};
use crate::model::Model;
use crate::owner::OwnedError;
use crate::store::{Cause, StoreError};

/// What a device has measured in some time.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The time, and its steps.
    pub span: Span,
    /// Steps in which the device has measured something, in order.
    pub points: Vec<Point>,
}

/// What was measured in one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// When the step begins.
    pub at: Timestamp,
    /// Messages in it, also those without any of the fields.
    pub messages: u64,
    /// By field; none where it was not measured.
    pub values: BTreeMap<String, Measured>,
}

/// What is left of the values of a field in one step.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// Of a number or an integer.
    Number {
        /// Of all values.
        mean: f64,
        /// The least one.
        minimum: f64,
        /// The greatest one.
        maximum: f64,
    },
    /// The last one of a boolean.
    Boolean(bool),
    /// The last one of a text.
    Text(String),
}

/// Where measurements are looked up.
pub trait Histories: Sync {
    /// The answer to `question`.
    fn ask(&self, question: &Question) -> impl Future<Output = Result<Found, StoreError>> + Send;
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The points, in order.
    Points(Vec<Point>),
    /// So many rows would have to be read that it was not done.
    TooMuch,
}

/// What `device` has measured, if it is the user's now; nothing of what it did
/// for others before.
///
/// # Errors
///
/// See [`HistoryError`].
pub async fn of_device(
    sources: &impl Sources,
    histories: &impl Histories,
    columns: &Columns,
    user: &UserId,
    device: &DeviceId,
    wish: &Wish<'_>,
    now: Timestamp,
) -> Result<History, HistoryError> {
    let span = wish.span(now)?;
    let source = sources.of_user(user, device).await?;
    let source = source.ok_or(HistoryError::Owned(OwnedError::NotOwner))?;
    let model = Model::of(&source.details).map_err(|err| StoreError {
        operation: "read the model of a device",
        cause: Cause::Broken,
        source: Box::new(err),
    })?;
    let fields = wish.fields(&model, columns)?;
    let mut points = Vec::new();
    // What was measured before is somebody else's, so it is not even read.
    if let Some(owned) = span.since(source.owner.since) {
        let question = Question {
            registration: source.owner.registration,
            model: source.model,
            span: owned,
            fields,
        };
        points = match histories.ask(&question).await? {
            Found::Points(points) => points,
            Found::TooMuch => return Err(HistoryError::TooMuch),
        };
    }
    Ok(History { span, points })
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The caller has no such device, or a port failed.
    #[error(transparent)]
    Owned(#[from] OwnedError),
    /// What was asked for makes no sense.
    #[error(transparent)]
    Wish(#[from] InvalidWish),
    /// It would cost too much.
    #[error(
        "so much was measured in this time that one request cannot read it: \
         ask for a shorter time between `from` and `to`, or for fewer `fields`"
    )]
    TooMuch,
}

impl From<StoreError> for HistoryError {
    fn from(err: StoreError) -> Self {
        Self::Owned(err.into())
    }
}

#[cfg(test)]
mod tests;
