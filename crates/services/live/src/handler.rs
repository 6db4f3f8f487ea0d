//! One operation: an address for live data.

use api::live::LiveView;
use contract::{metric, route};
use domain::id::DeviceId;
use domain::live::{self, LiveError, LiveSessions};
use domain::owner::Owners;
use jiff::Timestamp;
use runtime::http::{Answer, Problem, Request};
use tracing::info;
use uuid::Uuid;

/// Answers one request. The address is a secret: it is in the answer and nowhere
/// else, the log has the client id.
pub(crate) async fn handle(
    owners: &impl Owners,
    sessions: &impl LiveSessions,
    request: Request,
    random: Uuid,
    now: Timestamp,
) -> Result<Answer, Problem> {
    if request.route != route::LIVE {
        return Err(Problem::unknown_route(&request.route));
    }
    let named = request.query_list("deviceId")?.into_iter();
    let devices = named.map(DeviceId::new).collect::<Result<Vec<_>, _>>()?;
    let (user, count) = (&request.user, devices.len());
    match live::open(owners, sessions, user, devices, random, now).await {
        Ok(session) => {
            info!(user.id = %user, client.id = session.client, devices = count,
                "opened an address for live data");
            let answer = Answer::json(&LiveView::from(session))?;
            Ok(answer.counting(metric::LIVE_OPENED))
        }
        Err(LiveError::Owned(err)) => Err(err.into()),
        Err(err @ (LiveError::TooMany(_) | LiveError::NoRoom)) => {
            Err(Problem::named("InvalidParameter", err.to_string()))
        }
    }
}

#[cfg(test)]
mod tests;
