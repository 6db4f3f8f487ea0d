//! What a device reports.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::metric;
use domain::alert::AlertRequests;
use domain::event::{Delivery, Events, Reception, Rejected, receive};
use domain::owner::Owners;
use jiff::Timestamp;
use lambda_runtime::Diagnostic;
use runtime::Chain;
use serde::Deserialize;
use tracing::{info, warn};
use uuid::Uuid;

use super::{Ports, diagnostic, received_at};

/// A message as the rule hands it over.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    /// The payload as it came, in base64; absent where it was empty.
    #[serde(default)]
    payload: String,
    /// The topic's segment that names the device.
    device_id: String,
    /// Epoch milliseconds by the rule's clock.
    received_at: i64,
}

/// A rejection is an outcome: repeating it would help nobody.
pub(super) async fn take_in(
    ports: &Ports<impl Owners, impl Events, impl AlertRequests, impl Rejected>,
    message: Message,
) -> Result<(), Diagnostic> {
    let device = message.device_id.clone();
    let received = receive(
        &ports.owners,
        &ports.events,
        &ports.alerts,
        &ports.rejected,
        delivery(message)?,
        Uuid::new_v4(),
        Timestamp::now(),
    );
    match received.await {
        Ok(Reception::Stored(event)) => {
            runtime::count(metric::NAMESPACE, metric::EVENT_STORED);
            info!(device.id = device, event.id = %event.id, "stored an event");
        }
        Ok(Reception::Repeated(event)) => {
            info!(device.id = device, event.id = %event.id, "the event was stored before");
        }
        Ok(Reception::Rejected(reason)) => {
            runtime::count(metric::NAMESPACE, metric::MESSAGE_REJECTED);
            warn!(device.id = device, "rejected a message: {reason}");
        }
        Err(err) => {
            return Err(diagnostic(
                "EventReceptionFailure",
                &Chain(&err).to_string(),
            ));
        }
    }
    Ok(())
}

fn delivery(message: Message) -> Result<Delivery, Diagnostic> {
    Ok(Delivery {
        payload: STANDARD
            .decode(message.payload)
            .map_err(|_| diagnostic("InvalidEvent", "`payload` must be base64"))?,
        received: received_at(message.received_at)?,
        device: message.device_id,
    })
}
