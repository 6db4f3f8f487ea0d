//! One operation: what a device has measured.

use api::history::HistoryView;
use contract::route;
use domain::id::DeviceId;
use domain::telemetry::history::{self, Histories, HistoryError, Wish};
use domain::telemetry::{Columns, Sources};
use jiff::Timestamp;
use runtime::http::{Answer, Problem, Request};

/// Answers one request.
pub(crate) async fn handle(
    sources: &impl Sources,
    histories: &impl Histories,
    columns: &Columns,
    request: Request,
    now: Timestamp,
) -> Result<Answer, Problem> {
    if request.route != route::HISTORY_GET {
        return Err(Problem::unknown_route(&request.route));
    }
    request.accept_query(&["from", "to", "fields", "resolution"])?;
    let device = DeviceId::new(request.parameter("deviceId"))?;
    let wish = Wish {
        from: request.query("from"),
        to: request.query("to"),
        fields: request.query("fields"),
        resolution: request.query("resolution"),
    };
    let user = &request.user;
    let history = history::of_device(sources, histories, columns, user, &device, &wish, now)
        .await
        .map_err(problem)?;
    Answer::json(&HistoryView::new(device, history))
}

fn problem(err: HistoryError) -> Problem {
    match err {
        HistoryError::Owned(err) => err.into(),
        HistoryError::Wish(_) | HistoryError::TooMuch => {
            Problem::named("InvalidParameter", err.to_string())
        }
    }
}

#[cfg(test)]
mod tests;
