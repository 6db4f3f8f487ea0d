//! Registrations as JSON: what a client sends, and what it sees.

use domain::id::{DeviceId, DeviceName, ModelNumber, UserId};
use domain::registration::{Registration, Status, Wanted};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Body of `POST /registration`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewRegistration {
    device_id: DeviceId,
    device_name: DeviceName,
    model_number: ModelNumber,
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

/// A registration as its owner sees it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RegistrationView {
    device_id: DeviceId,
    device_name: DeviceName,
    model_number: ModelNumber,
    status: Status,
    user_id: UserId,
    details: Map<String, Value>,
    #[serde(serialize_with = "domain::time::serialize")]
    created_at: Timestamp,
    #[serde(serialize_with = "domain::time::serialize")]
    updated_at: Timestamp,
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
