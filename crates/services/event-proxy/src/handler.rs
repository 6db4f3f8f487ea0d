//! One message of a topic rule in: one event, one rejection, or nothing out.

mod message;
mod presence;

use domain::alert::AlertRequests;
use domain::event::{Events, Rejected};
use domain::owner::Owners;
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Deserialize;
use serde_json::Value;

use self::message::Message;
use self::presence::Presence;

/// What the two topic rules select: see `select_event` and `select_presence`
/// in `infra`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) enum FromRule {
    /// What a device reports; it has no `kind`.
    Message(Message),
    /// What the broker tells of a client.
    Presence(Presence),
}

impl TryFrom<Value> for FromRule {
    type Error = serde_json::Error;

    fn try_from(event: Value) -> Result<Self, Self::Error> {
        #[derive(Deserialize)]
        #[serde(tag = "kind", rename_all = "camelCase")]
        enum OfKind {
            Presence(Presence),
        }

        if event["kind"].is_null() {
            return serde_json::from_value(event).map(Self::Message);
        }
        serde_json::from_value(event).map(|OfKind::Presence(it)| Self::Presence(it))
    }
}

/// What taking in needs.
#[derive(Debug)]
pub(crate) struct Ports<O, E, A, R> {
    pub(crate) owners: O,
    pub(crate) events: E,
    pub(crate) alerts: A,
    pub(crate) rejected: R,
}

/// Translates one message into one domain call, and its outcome into a log
/// line and a metric.
pub(crate) async fn handle(
    ports: &Ports<impl Owners, impl Events, impl AlertRequests, impl Rejected>,
    event: LambdaEvent<FromRule>,
) -> Result<(), Diagnostic> {
    match event.payload {
        FromRule::Message(it) => message::take_in(ports, it).await,
        FromRule::Presence(it) => presence::take_in(&ports.owners, &ports.events, it).await,
    }
}

fn received_at(milliseconds: i64) -> Result<Timestamp, Diagnostic> {
    Timestamp::from_millisecond(milliseconds)
        .map_err(|_| diagnostic("InvalidEvent", "`receivedAt` must be epoch milliseconds"))
}

/// Alarms match on `error_type`, so it does not follow Rust's types.
fn diagnostic(error_type: &str, message: &str) -> Diagnostic {
    Diagnostic {
        error_type: error_type.to_owned(),
        error_message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests;
