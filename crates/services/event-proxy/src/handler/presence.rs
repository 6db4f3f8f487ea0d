//! What the broker tells of a client: its connection begins or ends.

use domain::event::{self, Events, PresenceReception, receive_presence};
use domain::owner::Owners;
use jiff::Timestamp;
use lambda_runtime::Diagnostic;
use runtime::Chain;
use serde::Deserialize;
use tracing::{debug, info};

use super::{diagnostic, received_at};

/// A lifecycle message as the rule hands it over.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Presence {
    /// The client id, which may be no device's.
    device_id: String,
    event_type: String,
    /// Epoch milliseconds by the broker's clock.
    timestamp: i64,
    #[serde(default)]
    session_identifier: String,
    /// Absent where no connection came about.
    #[serde(default)]
    version_number: i64,
    /// Absent where the connection begins.
    disconnect_reason: Option<String>,
    /// Epoch milliseconds by the rule's clock.
    received_at: i64,
}

/// It is counted by no metric: `EventStored` is what devices report, and when
/// all of them connect again, that would be drowned.
pub(super) async fn take_in(
    owners: &impl Owners,
    events: &impl Events,
    presence: Presence,
) -> Result<(), Diagnostic> {
    let client = presence.device_id.clone();
    let presence = event::Presence {
        client: presence.device_id,
        event_type: presence.event_type,
        reason: presence.disconnect_reason.filter(|it| !it.is_empty()),
        session: presence.session_identifier,
        version: presence.version_number,
        timestamp: presence.timestamp,
        received: received_at(presence.received_at)?,
    };
    match receive_presence(owners, events, presence, Timestamp::now()).await {
        Ok(PresenceReception::Stored(event)) => {
            info!(device.id = client, event.id = %event.id, "the device is {}", event.message);
        }
        Ok(PresenceReception::Repeated(event)) => {
            info!(device.id = client, event.id = %event.id, "the event was stored before");
        }
        // Whatever connects to this account's broker comes here.
        Ok(PresenceReception::Ignored(reason)) => {
            debug!(client.id = client, "ignored a lifecycle message: {reason}");
        }
        Err(err) => {
            return Err(diagnostic(
                "PresenceReceptionFailure",
                &Chain(&err).to_string(),
            ));
        }
    }
    Ok(())
}
