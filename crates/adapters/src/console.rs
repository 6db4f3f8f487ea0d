//! Open web consoles, reached through their owner's MQTT topic.

use aws_sdk_iotdataplane::Client;
use aws_sdk_iotdataplane::primitives::Blob;
use contract::topic;
use domain::alert::Broadcast;
use domain::event::Event;
use domain::store::StoreError;

use crate::aws::{failed, unreadable};

/// The topics `smartproduct/alerts/{userId}`.
#[derive(Clone, Debug)]
pub struct IotConsole {
    client: Client,
}

impl IotConsole {
    /// Publishes through `client`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Broadcast for IotConsole {
    async fn publish(&self, alert: &Event) -> Result<(), StoreError> {
        const OPERATION: &str = "publish an alert to the console";
        let payload = serde_json::to_vec(alert).map_err(|err| unreadable(OPERATION, err))?;
        self.client
            .publish()
            .topic(format!("{}/{}", topic::ALERTS, alert.user))
            .qos(1)
            .payload(Blob::new(payload))
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        Ok(())
    }
}
