//! The REST API's routes: the gateway gets one for each, and a function matches
//! on the key that the gateway names in its event.

/// One operation of the API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Route {
    /// API Gateway's route key, `METHOD /path/{parameter}`.
    pub key: &'static str,
    /// Folder, package and binary of the function that answers.
    pub service: &'static str,
}

/// A setting: the caller's own, or one of the solution.
pub const SETTING_GET: &str = "GET /settings/config/{settingId}";
/// Stores a setting.
pub const SETTING_PUT: &str = "PUT /settings/config/{settingId}";
/// The registrations of the caller.
pub const REGISTRATION_LIST: &str = "GET /registration";
/// Registers a device.
pub const REGISTRATION_CREATE: &str = "POST /registration";
/// Events of all devices of the caller.
pub const EVENTS_OF_USER: &str = "GET /devices/events";
/// Unread alerts of all devices of the caller.
pub const ALERTS: &str = "GET /devices/alerts";
/// Number of unread alerts.
pub const ALERTS_COUNT: &str = "GET /devices/alerts/count";
/// Events of one device.
pub const EVENTS_OF_DEVICE: &str = "GET /devices/{deviceId}/events";

/// Every route, in the order of the template.
pub const ALL: &[Route] = &[
    Route {
        key: SETTING_GET,
        service: "admin",
    },
    Route {
        key: SETTING_PUT,
        service: "admin",
    },
    Route {
        key: REGISTRATION_LIST,
        service: "registration",
    },
    Route {
        key: REGISTRATION_CREATE,
        service: "registration",
    },
    Route {
        key: EVENTS_OF_USER,
        service: "event",
    },
    Route {
        key: ALERTS,
        service: "event",
    },
    Route {
        key: ALERTS_COUNT,
        service: "event",
    },
    Route {
        key: EVENTS_OF_DEVICE,
        service: "event",
    },
];
