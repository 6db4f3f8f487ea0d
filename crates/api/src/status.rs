//! What a device says about itself.

use domain::id::DeviceId;
use domain::status::DeviceStatus;
use domain::time;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Shadow and connection of a device.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeviceStatus)]
pub struct StatusView {
    /// Serial number.
    pub device_id: DeviceId,
    /// The shadow's `state`, with `desired` and `reported` where they are set;
    /// `{}` for a device without a shadow.
    pub state: Map<String, Value>,
    /// When each field of `state` was set, in epoch seconds; `{}` for a device
    /// without a shadow.
    pub metadata: Map<String, Value>,
    /// Whether the device is connected now; `null` where that could not be found out.
    #[schema(required)]
    pub connected: Option<bool>,
    /// When `connected` became what it is; `null` for a device that has never
    /// been connected, and where that is not known.
    #[serde(serialize_with = "time::serialize_option")]
    #[schema(value_type = Option<String>, format = "date-time", required)]
    pub since: Option<Timestamp>,
    /// Why the last connection ended, in the words of AWS IoT, such as
    /// `CONNECTION_LOST`; `null` where none has ended, and where that is not
    /// known. It may still be told after the device has come back.
    #[schema(required)]
    pub disconnect_reason: Option<String>,
}

impl StatusView {
    /// The status of `device`.
    #[must_use]
    pub fn new(device: DeviceId, status: DeviceStatus) -> Self {
        let connected = status.connection.as_ref().map(|it| it.connected);
        let connection = status.connection.unwrap_or_default();
        Self {
            device_id: device,
            state: status.shadow.state,
            metadata: status.shadow.metadata,
            connected,
            since: connection.since,
            disconnect_reason: connection.disconnect_reason,
        }
    }
}
