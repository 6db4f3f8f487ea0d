//! One operation: the status of a device.

use api::status::StatusView;
use contract::route;
use domain::connectivity::Connectivity;
use domain::id::DeviceId;
use domain::owner::Owners;
use domain::status::{self, Shadows};
use runtime::http::{Answer, Problem, Request};

/// Answers one request.
pub(crate) async fn handle(
    owners: &impl Owners,
    shadows: &impl Shadows,
    connectivity: &impl Connectivity,
    request: Request,
) -> Result<Answer, Problem> {
    if request.route != route::STATUS_GET {
        return Err(Problem::unknown_route(&request.route));
    }
    request.accept_query(&[])?;
    let device = DeviceId::new(request.parameter("deviceId"))?;
    let user = &request.user;
    let status = status::of_device(owners, shadows, connectivity, user, &device).await?;
    Answer::json(&StatusView::new(device, status))
}

#[cfg(test)]
mod tests;
