//! Where a client hears what happens while it happens.

use domain::live::{Address, Session};
use domain::time;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// An address for live data.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Live)]
pub struct LiveView {
    /// Presigned address for MQTT over WebSocket. Whoever has it can use it, so
    /// it belongs into no log.
    #[schema(value_type = String, format = "uri")]
    pub url: Address,
    /// From when on the address lets nobody in, and a client should leave: 15
    /// minutes from now.
    #[serde(serialize_with = "time::serialize")]
    #[schema(value_type = String, format = "date-time")]
    pub expires_at: Timestamp,
    /// The only client id that is let in.
    pub client_id: String,
    /// The topics that can be subscribed to, literally: no other one, no wildcard.
    #[schema(min_items = 1, max_items = 16)]
    pub topics: Vec<String>,
}

impl From<Session> for LiveView {
    fn from(session: Session) -> Self {
        Self {
            url: session.url,
            expires_at: session.expires,
            client_id: session.client,
            topics: session.topics,
        }
    }
}
