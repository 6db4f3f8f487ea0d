//! Commands.

use domain::command::{Command, CommandId, CommandStatus};
use domain::id::{CommandName, DeviceId, DeviceName, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::json::{Json, JsonObject};
use crate::page::PageKey;

/// A command to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCommand {
    /// What to do: a word of the product, such as `set-temp`.
    pub command: CommandName,
    /// What to do it with: what the product's model says, at most 32,768 bytes of JSON together with `details`.
    #[schema(value_type = Json)]
    pub value: Value,
    /// Anything else that the device should know.
    #[schema(value_type = Option<JsonObject>)]
    pub details: Option<Map<String, Value>>,
}

/// A command, as the owner of its device sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Command)]
pub struct CommandView {
    /// Names the command; sorts by time.
    pub command_id: CommandId,
    /// Whom it is for.
    pub device_id: DeviceId,
    /// What the owner called the device when the command was sent.
    pub device_name: DeviceName,
    /// Who sent it.
    pub user_id: UserId,
    /// What became of it.
    pub status: CommandStatus,
    /// Why it failed, or what else the device said; `null` where there is nothing to say. `timeout`: the device has not
    /// answered in time. `not sent`: it could not be published.
    #[schema(required)]
    pub reason: Option<String>,
    /// As sent.
    #[schema(required)]
    pub details: Option<Map<String, Value>>,
    /// As sent.
    pub command: CommandName,
    /// As sent.
    #[schema(required)]
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

impl From<Command> for CommandView {
    fn from(it: Command) -> Self {
        Self {
            command_id: it.id,
            device_id: it.device,
            device_name: it.device_name,
            user_id: it.user,
            status: it.status,
            reason: it.reason,
            details: it.details,
            command: it.name,
            value: it.value,
            created_at: it.created_at,
            updated_at: it.updated_at,
        }
    }
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
    #[schema(value_type = PageKey, required = false)]
    pub last_evaluated_key: Option<String>,
    /// The filter that was applied.
    #[serde(rename = "commandStatus", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = CommandStatus, required = false)]
    pub command_status: Option<CommandStatus>,
}
