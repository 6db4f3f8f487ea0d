//! Devices: registrations that are not deleted, and whether the device is there.

use domain::registration::Registration;
use serde::Serialize;
use utoipa::ToSchema;

use crate::registration::RegistrationView;

/// A device, as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Device)]
pub struct DeviceView {
    /// Its registration.
    #[serde(flatten)]
    pub registration: RegistrationView,
    /// Whether the device is connected now; `null` where that could not be found out.
    #[schema(required)]
    pub connected: Option<bool>,
}

impl DeviceView {
    /// The device of `registration`.
    #[must_use]
    pub fn new(registration: Registration, connected: Option<bool>) -> Self {
        Self {
            registration: registration.into(),
            connected,
        }
    }
}
