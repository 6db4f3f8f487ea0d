//! Commands.

use domain::id::{DeviceId, DeviceName, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// A command to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCommand {
    /// What to do: a word of the product, such as `set-temp`.
    pub command: String,
    /// What to do it with: any JSON.
    pub value: Value,
    /// Anything else that the device should know.
    pub details: Option<Map<String, Value>>,
}

/// A command, as the owner of its device sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommandView {
    /// Names the command; sorts by time.
    #[schema(value_type = String, format = "uuid")]
    pub command_id: Uuid,
    /// Whom it is for.
    pub device_id: DeviceId,
    /// What the owner called the device when the command was sent.
    pub device_name: DeviceName,
    /// Who sent it.
    pub user_id: UserId,
    /// What became of it.
    pub status: CommandStatus,
    /// Why it failed, or what else the device said; `null` while there is nothing to say.
    pub reason: Option<String>,
    /// As sent.
    pub details: Option<Map<String, Value>>,
    /// As sent.
    pub command: String,
    /// As sent.
    pub value: Value,
    /// When it was sent.
    #[serde(serialize_with = "domain::time::serialize")]
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    /// When it last changed.
    #[serde(serialize_with = "domain::time::serialize")]
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Timestamp,
}

/// What became of a command.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CommandStatus {
    /// The device has not answered yet.
    Pending,
    /// The device has done it.
    Success,
    /// It was not done; `reason` says why.
    Failed,
}

/// A page of commands, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommandPage {
    /// How many there are on this page.
    pub count: usize,
    /// How many rows were read for them.
    #[serde(rename = "ScannedCount")]
    pub scanned_count: usize,
    /// The commands.
    pub items: Vec<CommandView>,
    /// The `lastevalkey` of the next page; absent on the last one.
    #[serde(rename = "LastEvaluatedKey", skip_serializing_if = "Option::is_none")]
    pub last_evaluated_key: Option<String>,
    /// The filter that was applied.
    #[serde(rename = "commandStatus", skip_serializing_if = "Option::is_none")]
    pub command_status: Option<CommandStatus>,
}
