//! Messages that are no events, in a queue that an operator reads.

use aws_sdk_sqs::Client;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::event::{Rejected, Rejection};
use domain::store::StoreError;
use serde::Serialize;

use crate::aws::{failed, unreadable};

/// Most bytes of a payload that are kept: in base64, with the rest, they stay
/// under the 256 KB of a message. IoT Core takes no more than 128 KB, so this
/// cuts nothing that came through a broker.
const LARGEST: usize = 180 * 1024;

/// The queue of rejected messages.
#[derive(Clone, Debug)]
pub struct SqsRejected {
    client: Client,
    url: String,
}

impl SqsRejected {
    /// The queue at `url`.
    #[must_use]
    pub fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }
}

/// A message of the queue.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    reason: &'a str,
    device_id: &'a str,
    received_at: String,
    /// Base64 of the first [`LARGEST`] bytes.
    payload: String,
    /// Bytes that were received.
    payload_bytes: usize,
}

impl Rejected for SqsRejected {
    async fn keep(&self, rejection: &Rejection) -> Result<(), StoreError> {
        const OPERATION: &str = "keep a rejected message";
        let delivery = &rejection.delivery;
        let kept = &delivery.payload[..delivery.payload.len().min(LARGEST)];
        let body = Body {
            reason: &rejection.reason,
            device_id: &delivery.device,
            received_at: domain::time::text(delivery.received),
            payload: STANDARD.encode(kept),
            payload_bytes: delivery.payload.len(),
        };
        let body = serde_json::to_string(&body).map_err(|err| unreadable(OPERATION, err))?;
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        Ok(())
    }
}
