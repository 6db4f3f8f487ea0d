//! Rows as the old solution wrote them (aws-solutions/smart-product-solution,
//! version 1.0). What devices and operators wrote into them was not checked, so
//! what can be anything is.

use serde::Deserialize;
use serde_json::{Map, Value};

/// One row of any table.
pub(crate) type Row = Map<String, Value>;

/// Key `settingId`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Setting {
    pub(crate) setting_id: String,
    pub(crate) setting: Value,
}

/// Key `deviceId`, `modelNumber`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reference {
    pub(crate) device_id: String,
    pub(crate) model_number: String,
    #[serde(default)]
    pub(crate) details: Value,
}

/// Key `userId`, `deviceId`. A device that was deleted stays with its owner's row.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Registration {
    pub(crate) user_id: String,
    pub(crate) device_id: String,
    #[serde(default)]
    pub(crate) device_name: Value,
    pub(crate) model_number: String,
    #[serde(default)]
    pub(crate) details: Value,
    pub(crate) status: String,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

/// Key `deviceId`, `id`: the device's message, and what was put beside it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    pub(crate) device_id: String,
    pub(crate) id: String,
    pub(crate) user_id: String,
    #[serde(default)]
    pub(crate) message_id: Value,
    #[serde(default)]
    pub(crate) message: Value,
    #[serde(default)]
    pub(crate) details: Value,
    #[serde(default)]
    pub(crate) value: Value,
    #[serde(default)]
    pub(crate) timestamp: Value,
    #[serde(default)]
    pub(crate) sent_at: Value,
    #[serde(rename = "type")]
    pub(crate) event_type: String,
    #[serde(default)]
    pub(crate) ack: bool,
    #[serde(default)]
    pub(crate) suppress: bool,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

/// Key `deviceId`, `commandId`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Command {
    pub(crate) device_id: String,
    pub(crate) command_id: String,
    pub(crate) user_id: String,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) reason: Value,
    pub(crate) details: CommandDetails,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
}

/// What a command was.
#[derive(Debug, Deserialize)]
pub(crate) struct CommandDetails {
    pub(crate) command: String,
    #[serde(default)]
    pub(crate) value: Value,
}
