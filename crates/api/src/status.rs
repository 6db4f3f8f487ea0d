//! What a device says about itself.

use domain::id::DeviceId;
use domain::status::DeviceStatus;
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
}

impl StatusView {
    /// The status of `device`.
    #[must_use]
    pub fn new(device: DeviceId, status: DeviceStatus) -> Self {
        Self {
            device_id: device,
            state: status.shadow.state,
            metadata: status.shadow.metadata,
            connected: status.connected,
        }
    }
}
