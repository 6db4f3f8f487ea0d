//! Devices, their end, and their thresholds.

mod thresholds;

use api::device::DeviceView;
use contract::{metric, route, timeout};
use domain::connectivity::Connectivity;
use domain::device::{self, Cleanup, Closings, DeleteError, Device, Devices, Lease, Registry};
use domain::id::DeviceId;
use domain::threshold::Thresholds;
use jiff::{SignedDuration, Timestamp};
use runtime::http::{Answer, Listing, Problem, Request};
use tracing::info;
use uuid::Uuid;

/// What the operations work with.
#[derive(Debug)]
pub(crate) struct Ports<T, C, R, L> {
    pub(crate) tables: T,
    pub(crate) connectivity: C,
    pub(crate) registry: R,
    pub(crate) cleanup: L,
}

/// How long a deletion's lease lasts: ten seconds longer than the invocation
/// can, for clocks that differ and for calls that are under way at its end.
const LEASE: SignedDuration = SignedDuration::from_secs(timeout::DEVICE_SECONDS as i64 + 10);

/// Answers one request.
pub(crate) async fn handle<T, C, R, L>(
    ports: &Ports<T, C, R, L>,
    request: Request,
) -> Result<Answer, Problem>
where
    T: Devices + Closings + Thresholds,
    C: Connectivity,
    R: Registry,
    L: Cleanup,
{
    match request.route.as_str() {
        route::DEVICE_LIST => list(&ports.tables, &ports.connectivity, &request).await,
        route::DEVICE_GET => one(&ports.tables, &ports.connectivity, &request).await,
        route::DEVICE_DELETE => delete(ports, &request).await,
        route::THRESHOLD_LIST => thresholds::list(&ports.tables, &request).await,
        route::THRESHOLD_PUT => thresholds::put(&ports.tables, &request).await,
        other => Err(Problem::unknown_route(other)),
    }
}

async fn list(
    devices: &impl Devices,
    connectivity: &impl Connectivity,
    request: &Request,
) -> Result<Answer, Problem> {
    let listing = Listing::parse(request)?;
    let after = listing.after.clone().map(DeviceId::new).transpose()?;
    let user = &request.user;
    let page = device::list(devices, connectivity, user, after, listing.limit).await?;
    let items: Vec<_> = page.items.into_iter().map(view).collect();
    listing.answer(&items, page.next)
}

async fn one(
    devices: &impl Devices,
    connectivity: &impl Connectivity,
    request: &Request,
) -> Result<Answer, Problem> {
    request.accept_query(&[])?;
    let id = DeviceId::new(request.parameter("deviceId"))?;
    let device = device::one(devices, connectivity, &request.user, &id).await?;
    Answer::json(&view(device))
}

async fn delete<T: Closings, C, R: Registry, L: Cleanup>(
    ports: &Ports<T, C, R, L>,
    request: &Request,
) -> Result<Answer, Problem> {
    request.accept_query(&[])?;
    let (user, id) = (&request.user, DeviceId::new(request.parameter("deviceId"))?);
    let now = Timestamp::now();
    let lease = Lease {
        id: Uuid::new_v4(),
        until: now + LEASE,
    };
    let Ports {
        tables,
        registry,
        cleanup,
        ..
    } = ports;
    match device::delete(tables, registry, cleanup, user, &id, lease, now).await {
        Ok(()) => {
            info!(device.id = %id, user.id = %user, "deleted device `{id}`");
            let answer = Answer::json(&"Delete successful")?;
            Ok(answer.counting(metric::DEVICE_DELETED))
        }
        Err(DeleteError::Owned(err)) => Err(err.into()),
        Err(err @ DeleteError::InProgress) => Err(Problem::busy(err.to_string())),
    }
}

fn view(device: Device) -> DeviceView {
    DeviceView::new(device.registration, device.connected)
}

#[cfg(test)]
mod tests;
