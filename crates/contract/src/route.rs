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
/// The devices of the caller.
pub const DEVICE_LIST: &str = "GET /devices";
/// One device.
pub const DEVICE_GET: &str = "GET /devices/{deviceId}";
/// Lets go of a device.
pub const DEVICE_DELETE: &str = "DELETE /devices/{deviceId}";
/// Thresholds of one device.
pub const THRESHOLD_LIST: &str = "GET /devices/{deviceId}/thresholds";
/// Changes what the owner has set for a threshold.
pub const THRESHOLD_PUT: &str = "PUT /devices/{deviceId}/thresholds/{field}/{name}";
/// Commands to one device.
pub const COMMAND_LIST: &str = "GET /devices/{deviceId}/commands";
/// Sends a command to a device.
pub const COMMAND_CREATE: &str = "POST /devices/{deviceId}/commands";
/// One command.
pub const COMMAND_GET: &str = "GET /devices/{deviceId}/commands/{commandId}";
/// Events of all devices of the caller.
pub const EVENTS_OF_USER: &str = "GET /devices/events";
/// Unread alerts of all devices of the caller.
pub const ALERTS: &str = "GET /devices/alerts";
/// Number of unread alerts.
pub const ALERTS_COUNT: &str = "GET /devices/alerts/count";
/// Events of one device.
pub const EVENTS_OF_DEVICE: &str = "GET /devices/{deviceId}/events";
/// One event.
pub const EVENT_GET: &str = "GET /devices/{deviceId}/events/{eventId}";
/// Acknowledges or suppresses an event, or takes that back.
pub const EVENT_UPDATE: &str = "PUT /devices/{deviceId}/events/{eventId}";
/// Shadow and connection of a device.
pub const STATUS_GET: &str = "GET /devices/{deviceId}/status";
/// What one device has measured. There is no such route where telemetry is not
/// deployed.
pub const HISTORY_GET: &str = "GET /devices/{deviceId}/telemetry";
/// Address for live data of the caller and some of the caller's devices.
pub const LIVE: &str = "GET /live";

/// Every route, in the order of the template.
pub const ALL: &[Route] = &[
    Route::new(SETTING_GET, "admin"),
    Route::new(SETTING_PUT, "admin"),
    Route::new(REGISTRATION_LIST, "registration"),
    Route::new(REGISTRATION_CREATE, "registration"),
    Route::new(DEVICE_LIST, "device"),
    Route::new(DEVICE_GET, "device"),
    Route::new(DEVICE_DELETE, "device"),
    Route::new(THRESHOLD_LIST, "device"),
    Route::new(THRESHOLD_PUT, "device"),
    Route::new(COMMAND_LIST, "command"),
    Route::new(COMMAND_CREATE, "command"),
    Route::new(COMMAND_GET, "command"),
    Route::new(EVENTS_OF_USER, "event"),
    Route::new(ALERTS, "event"),
    Route::new(ALERTS_COUNT, "event"),
    Route::new(EVENTS_OF_DEVICE, "event"),
    Route::new(EVENT_GET, "event"),
    Route::new(EVENT_UPDATE, "event"),
    Route::new(STATUS_GET, "status"),
    Route::new(HISTORY_GET, "history"),
    Route::new(LIVE, "live"),
];

impl Route {
    const fn new(key: &'static str, service: &'static str) -> Self {
        Self { key, service }
    }
}
