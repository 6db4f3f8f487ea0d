//! How many requests a route takes, over all callers: a bound on what an attack
//! can cost, and on how far it can push what a request needs behind it.

use contract::route::{self, Route};
use serde_json::{Map, Value, json};

/// Requests a second, and at once after a pause.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub(super) rate: f64,
    pub(super) burst: i32,
}

/// For routes that read a table or two: enough for a large fleet's owners.
pub(super) const READS: Limit = Limit {
    rate: 500.0,
    burst: 1000,
};

/// Each asks the fleet index, which takes few queries a second on AWS. Above
/// that `connected` becomes `null`, so the limit is not the index's own; it keeps
/// one API from taking all of an account's queries for long.
const FLEET_INDEX: Limit = Limit {
    rate: 100.0,
    burst: 200,
};

/// Each writes a row or two, and may publish a message. People click, programs
/// repeat: a fleet's owners stay far below.
const WRITES: Limit = Limit {
    rate: 100.0,
    burst: 200,
};

/// IoT Core takes about ten changes of certificates a second in an account, and
/// just-in-time registration needs them as well.
const DELETIONS: Limit = Limit {
    rate: 5.0,
    burst: 10,
};

/// Each assumes a role, of which an account may assume 600 a second in a region,
/// for all its purposes. A page asks again when its connection breaks.
const SESSIONS: Limit = Limit {
    rate: 100.0,
    burst: 200,
};

/// Each starts a query of Athena, which starts 20 a second in an account, and runs
/// some dozens at the same time; one takes a second or two.
const QUESTIONS: Limit = Limit {
    rate: 10.0,
    burst: 20,
};

/// `RouteSettings` of the stage: those of `routes` that do not take [`READS`].
pub(super) fn route_settings(routes: impl Iterator<Item = &'static Route>) -> Value {
    let settings: Map<String, Value> = limited(routes)
        .map(|(route, limit)| {
            let value = json!({
                "ThrottlingRateLimit": limit.rate,
                "ThrottlingBurstLimit": limit.burst,
            });
            (route.key.to_owned(), value)
        })
        .collect();
    settings.into()
}

/// Those of `routes` that have a limit of their own.
pub(super) fn limited(
    routes: impl Iterator<Item = &'static Route>,
) -> impl Iterator<Item = (&'static Route, Limit)> {
    routes.filter_map(|route| Some((route, limit(route.key)?)))
}

fn limit(key: &str) -> Option<Limit> {
    match key {
        route::DEVICE_LIST | route::DEVICE_GET | route::STATUS_GET => Some(FLEET_INDEX),
        route::DEVICE_DELETE => Some(DELETIONS),
        route::HISTORY_GET => Some(QUESTIONS),
        route::LIVE => Some(SESSIONS),
        _ if key.starts_with("GET ") => None,
        _ => Some(WRITES),
    }
}
