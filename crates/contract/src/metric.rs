//! CloudWatch metrics that the functions report and the alarms watch.

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
/// Telemetry messages that could not be handled and were left to Firehose's
/// folder of errors.
pub const TELEMETRY_FAILED: &str = "TelemetryFailed";
