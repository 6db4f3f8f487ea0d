//! CloudWatch metrics that the functions report and the alarms watch.
//!
//! Each name is paid for once for each function that has counted it in an hour, so
//! there are few: an outcome is here if an operator would do something about it, or
//! would want to know how much the product is used. `docs/decisions.md` says more.

/// Namespace of all metrics; the dimension is `FunctionName`.
pub const NAMESPACE: &str = "SmartProduct";

/// Certificates that just-in-time registration refused, one for each refusal.
pub const REGISTRATION_REFUSED: &str = "RegistrationRefused";
/// Certificates that just-in-time registration let in.
pub const REGISTRATION_COMPLETED: &str = "RegistrationCompleted";

/// Messages that were not valid and went to the queue of rejected messages.
pub const MESSAGE_REJECTED: &str = "MessageRejected";
/// Events that were stored for the first time.
pub const EVENT_STORED: &str = "EventStored";
/// Alerts that were sent.
pub const ALERT_SENT: &str = "AlertSent";
/// Events that their owner has acknowledged.
pub const ALERT_ACKNOWLEDGED: &str = "AlertAcknowledged";
/// Unread events that were taken off an owner's list with their device.
pub const ALERT_SUPPRESSED: &str = "AlertSuppressed";

/// Commands that were sent to their device.
pub const COMMAND_SENT: &str = "CommandSent";
/// Answers of devices that ended a command.
pub const COMMAND_ANSWERED: &str = "CommandAnswered";
/// Commands that nobody answered in time.
pub const COMMAND_TIMED_OUT: &str = "CommandTimedOut";
/// Shadows whose desired state was not what the commands say, and was put right.
pub const SHADOW_REPAIRED: &str = "ShadowRepaired";

/// Telemetry messages that became a row of the dataset.
pub const TELEMETRY_STORED: &str = "TelemetryStored";
/// Measurements that were unlikely, and of which their owners were told.
pub const ANOMALY_FOUND: &str = "AnomalyFound";
/// Thresholds that measurements have passed, and of which their owners were told.
pub const THRESHOLD_PASSED: &str = "ThresholdPassed";
/// Telemetry messages that could not be handled and were left to Firehose's
/// folder of errors.
pub const TELEMETRY_FAILED: &str = "TelemetryFailed";

/// Devices that an owner has registered.
pub const DEVICE_REGISTERED: &str = "DeviceRegistered";
/// Devices that their owner has let go of.
pub const DEVICE_DELETED: &str = "DeviceDeleted";
/// Users who have confirmed their account.
pub const USER_CONFIRMED: &str = "UserConfirmed";
/// Addresses for live data that were given out.
pub const LIVE_OPENED: &str = "LiveOpened";

/// Requests of the API that were answered with what was asked for.
pub const REQUEST_ANSWERED: &str = "RequestAnswered";
/// Requests of the API that were refused, which is up to the client: 4xx.
pub const REQUEST_REFUSED: &str = "RequestRefused";
/// Requests of the API that may work in a moment: 503.
pub const REQUEST_UNAVAILABLE: &str = "RequestUnavailable";
/// Requests of the API that failed on our side: 500.
pub const REQUEST_FAILED: &str = "RequestFailed";

/// Custom resources that were made, changed or removed.
pub const RESOURCE_DONE: &str = "ResourceDone";
/// Custom resources with which the deployment failed.
pub const RESOURCE_FAILED: &str = "ResourceFailed";

/// What is not counted while all is well and nothing is deployed.
pub const EXCEPTIONAL: &[&str] = &[
    REQUEST_FAILED,
    REQUEST_UNAVAILABLE,
    RESOURCE_DONE,
    RESOURCE_FAILED,
    TELEMETRY_FAILED,
];

/// All names.
pub const ALL: &[&str] = &[
    ALERT_ACKNOWLEDGED,
    ALERT_SENT,
    ALERT_SUPPRESSED,
    ANOMALY_FOUND,
    COMMAND_ANSWERED,
    COMMAND_SENT,
    COMMAND_TIMED_OUT,
    DEVICE_DELETED,
    DEVICE_REGISTERED,
    EVENT_STORED,
    LIVE_OPENED,
    MESSAGE_REJECTED,
    REGISTRATION_COMPLETED,
    REGISTRATION_REFUSED,
    REQUEST_ANSWERED,
    REQUEST_FAILED,
    REQUEST_REFUSED,
    REQUEST_UNAVAILABLE,
    RESOURCE_DONE,
    RESOURCE_FAILED,
    SHADOW_REPAIRED,
    TELEMETRY_FAILED,
    TELEMETRY_STORED,
    THRESHOLD_PASSED,
    USER_CONFIRMED,
];
