//! What goes over the topics, as the device contract writes it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A message for the broker.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Publication {
    pub(crate) topic: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) kind: Kind,
}

/// What a publication is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// A measurement; the next one replaces it.
    Telemetry,
    /// Something that happened, told once.
    Event,
    /// The answer to a command.
    Response,
    /// The reported state, or a question for the desired one.
    Shadow,
    /// What breaks the device contract on purpose; sent once.
    Bad,
}

impl Kind {
    /// Whether the message is sent again on the next connection when the
    /// broker has not confirmed it: what the next message of its kind repeats
    /// is not.
    pub(crate) fn survives(self) -> bool {
        matches!(self, Self::Event | Self::Response)
    }
}

/// `smartproduct/telemetry/{deviceId}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Telemetry {
    /// Epoch milliseconds.
    pub(crate) timestamp: i64,
    /// Fields as the product's model names them.
    #[serde(flatten)]
    pub(crate) state: Map<String, Value>,
}

/// `smartproduct/event/{deviceId}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    /// The same message always has the same id, however often it is sent.
    pub(crate) message_id: Uuid,
    pub(crate) r#type: EventType,
    pub(crate) message: String,
    pub(crate) value: Value,
    pub(crate) details: Map<String, Value>,
    /// Epoch milliseconds.
    pub(crate) timestamp: i64,
    /// RFC 3339 with milliseconds.
    pub(crate) sent_at: String,
}

/// How serious an event is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EventType {
    Warning,
    Info,
    Diagnostic,
    Error,
}

impl EventType {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 4] = [Self::Warning, Self::Info, Self::Diagnostic, Self::Error];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Diagnostic => "diagnostic",
            Self::Error => "error",
        }
    }
}

/// `smartproduct/commands/{deviceId}`; the rest of the message is for people.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Command {
    pub(crate) command_id: String,
    #[serde(default)]
    pub(crate) command: String,
    #[serde(default)]
    pub(crate) value: Value,
}

/// `smartproduct/commands/{deviceId}/response`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    pub(crate) command_id: String,
    pub(crate) status: Outcome,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

/// What became of a command.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    Success,
    Failed,
}

/// What the shadow service sends: the answer to `get` (the whole state) and
/// `update/delta` (the state is the difference).
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Shadow {
    pub(crate) state: Map<String, Value>,
    /// Grows with every update of the shadow.
    #[serde(default)]
    pub(crate) version: i64,
}
