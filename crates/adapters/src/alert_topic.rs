//! The SNS topic of all alerts.

use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use domain::alert::Broadcast;
use domain::event::Event;
use domain::store::StoreError;

use crate::aws::{failed, unreadable};

/// A topic whose subscribers filter by the message attributes `userId`,
/// `deviceId` and `type`.
#[derive(Clone, Debug)]
pub struct SnsAlertTopic {
    client: Client,
    arn: String,
}

impl SnsAlertTopic {
    /// The topic `arn`.
    #[must_use]
    pub fn new(client: Client, arn: String) -> Self {
        Self { client, arn }
    }
}

impl Broadcast for SnsAlertTopic {
    async fn publish(&self, alert: &Event) -> Result<(), StoreError> {
        const OPERATION: &str = "publish an alert to the topic";
        let message = serde_json::to_string(alert).map_err(|err| unreadable(OPERATION, err))?;
        let mut publish = self.client.publish().topic_arn(&self.arn).message(message);
        for (name, value) in [
            ("userId", alert.user.as_str()),
            ("deviceId", alert.device.as_str()),
            ("type", alert.event_type.as_str()),
        ] {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()
                .map_err(|err| unreadable(OPERATION, err))?;
            publish = publish.message_attributes(name, value);
        }
        publish.send().await.map_err(|err| failed(OPERATION, err))?;
        Ok(())
    }
}
