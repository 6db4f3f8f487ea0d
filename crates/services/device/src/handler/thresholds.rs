//! Thresholds of a device: what holds, and what its owner changes.

use api::threshold::{ThresholdUpdate, ThresholdView, ThresholdsView};
use domain::id::{DeviceId, FieldName, ThresholdName};
use domain::threshold::{self, AdjustError, Thresholds};
use jiff::Timestamp;
use runtime::http::{Answer, Problem, Request};
use tracing::info;

pub(super) async fn list(
    thresholds: &impl Thresholds,
    request: &Request,
) -> Result<Answer, Problem> {
    request.accept_query(&[])?;
    let device_id = DeviceId::new(request.parameter("deviceId"))?;
    let all = threshold::list(thresholds, &request.user, &device_id).await?;
    Answer::json(&ThresholdsView {
        device_id,
        thresholds: all.into_iter().map(ThresholdView::from).collect(),
    })
}

pub(super) async fn put(
    thresholds: &impl Thresholds,
    request: &Request,
) -> Result<Answer, Problem> {
    request.accept_query(&[])?;
    let (user, device) = (&request.user, DeviceId::new(request.parameter("deviceId"))?);
    let field = FieldName::new(request.parameter("field"))?;
    let name = ThresholdName::new(request.parameter("name"))?;
    let update: ThresholdUpdate = request.body()?;
    let change = update.change().ok_or_else(|| {
        Problem::invalid("the body changes nothing: give `above`, `below`, `seconds` or `enabled`")
    })?;
    let of = (&field, &name);
    let changed = threshold::adjust(thresholds, user, &device, of, change, Timestamp::now()).await;
    match changed {
        Ok(changed) => {
            info!(device.id = %device, user.id = %user, "changed threshold `{name}` of `{field}`");
            Answer::json(&ThresholdView::from(changed))
        }
        Err(AdjustError::Owned(err)) => Err(err.into()),
        Err(err @ AdjustError::Missing(..)) => {
            Err(Problem::named("MissingThreshold", err.to_string()))
        }
        Err(err @ AdjustError::Limits(_)) => {
            Err(Problem::named("InvalidParameter", err.to_string()))
        }
    }
}

#[cfg(test)]
mod tests;
