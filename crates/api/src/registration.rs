//! Registrations.

use domain::id::{DeviceId, DeviceName, ModelNumber, UserId};
use domain::registration::{Registration, Status, Wanted};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A device to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewRegistration {
    /// Serial number, as on the device's label.
    pub device_id: DeviceId,
    /// What the owner calls the device.
    pub device_name: DeviceName,
    /// Model number, as on the device's label.
    pub model_number: ModelNumber,
}

impl From<NewRegistration> for Wanted {
    fn from(body: NewRegistration) -> Self {
        Self {
            device: body.device_id,
            name: body.device_name,
            model: body.model_number,
        }
    }
}

/// A registration, as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Registration)]
pub struct RegistrationView {
    /// Serial number.
    pub device_id: DeviceId,
    /// What the owner calls the device.
    pub device_name: DeviceName,
    /// Model number.
    pub model_number: ModelNumber,
    /// How far the registration has come.
    pub status: Status,
    /// The owner.
    pub user_id: UserId,
    /// What the manufacturer says about the product.
    pub details: Map<String, Value>,
    /// When the device was registered.
    #[serde(serialize_with = "domain::time::serialize")]
    #[schema(value_type = String, format = "date-time")]
    pub created_at: Timestamp,
    /// When the registration last changed.
    #[serde(serialize_with = "domain::time::serialize")]
    #[schema(value_type = String, format = "date-time")]
    pub updated_at: Timestamp,
}

impl From<Registration> for RegistrationView {
    fn from(it: Registration) -> Self {
        Self {
            device_id: it.device,
            device_name: it.name,
            model_number: it.model,
            status: it.status,
            user_id: it.user,
            details: it.details,
            created_at: it.created_at,
            updated_at: it.updated_at,
        }
    }
}
