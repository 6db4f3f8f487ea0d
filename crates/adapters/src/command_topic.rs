//! Devices, reached through their own MQTT topic for commands.

use aws_sdk_iotdataplane::Client;
use aws_sdk_iotdataplane::primitives::Blob;
use contract::topic;
use domain::command::{Command, CommandId, CommandTopic};
use domain::id::{CommandName, DeviceId};
use domain::store::StoreError;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::aws::{failed, unreadable};

/// The topics `smartproduct/commands/{deviceId}`.
#[derive(Clone, Debug)]
pub struct IotCommandTopic {
    client: Client,
}

impl IotCommandTopic {
    /// Publishes through `client`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

impl CommandTopic for IotCommandTopic {
    async fn publish(&self, command: &Command, now: Timestamp) -> Result<(), StoreError> {
        const OPERATION: &str = "publish a command";
        let message = Message {
            command_id: command.id,
            device_id: &command.device,
            command: &command.name,
            value: &command.value,
            details: command.details.as_ref(),
            created_at: command.created_at,
        };
        let payload = serde_json::to_vec(&message).map_err(|err| unreadable(OPERATION, err))?;
        self.client
            .publish()
            .topic(format!("{}/{}", topic::COMMANDS, command.device))
            .qos(1)
            .message_expiry(seconds_left(command, now))
            .payload(Blob::new(payload))
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        Ok(())
    }
}

/// How long the broker may keep the message for a device that is offline: a
/// command is worth nothing once its time is over.
fn seconds_left(command: &Command, now: Timestamp) -> i64 {
    command.due.duration_since(now).as_secs().max(1)
}

/// What a device reads: part of its contract.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    command_id: CommandId,
    device_id: &'a DeviceId,
    command: &'a CommandName,
    value: &'a Value,
    details: Option<&'a Map<String, Value>>,
    #[serde(serialize_with = "domain::time::serialize")]
    created_at: Timestamp,
}
