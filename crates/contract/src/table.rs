//! Tables: their logical ids and the names of their key attributes.
//!
//! A table is called `{stack name}-{logical id}`, for example
//! `SmartProductSolutionStack-Events`.

/// Logical id of the table of users' and solution's settings.
pub const SETTINGS: &str = "Settings";
/// Logical id of the table of registrations.
pub const REGISTRATIONS: &str = "Registrations";
/// Logical id of the table of events.
pub const EVENTS: &str = "Events";
/// Logical id of the table of commands.
pub const COMMANDS: &str = "Commands";
/// Logical id of the table of manufactured products.
pub const REFERENCE: &str = "Reference";

/// Partition key of Settings.
pub const SETTING_ID: &str = "settingId";
/// First part of the keys of rows in Settings that hold what a stack found in
/// its account, or has drawn for itself; no user's id begins like this.
pub const FOUND: &str = "found#";
/// First part of the keys of rows in Settings that hold what is known of a series
/// of measurements.
pub const WATCH: &str = "watch#";
/// Partition key of Registrations, and of the index `byUser` of Events.
pub const USER_ID: &str = "userId";
/// Sort key of Registrations, partition key of Reference.
pub const DEVICE_ID: &str = "deviceId";
/// Sort key of Reference.
pub const MODEL_NUMBER: &str = "modelNumber";
/// Partition key of the index `byDevice` of Registrations.
pub const ACTIVE_DEVICE: &str = "activeDevice";
/// Attribute of Registrations: what the owner has changed of the device's thresholds.
pub const THRESHOLDS: &str = "thresholds";
/// Attribute of Registrations: how often that was written.
pub const THRESHOLDS_VERSION: &str = "thresholdsVersion";
/// Partition key of Events and Commands, `{userId}#{deviceId}`: ownership is
/// in the key.
pub const USER_DEVICE: &str = "userDevice";
/// Sort key of Events.
pub const ID: &str = "id";
/// Sort key of the indexes of Events: time of receipt, then id.
pub const ORDER: &str = "order";
/// Partition key of the index `unread` of Events, `{userId}#{class}`.
pub const UNREAD: &str = "unread";
/// Sort key of Commands.
pub const COMMAND_ID: &str = "commandId";
/// Partition key of the index `open` of Commands: one of [`OPEN_SHARDS`] while
/// there is something left to do about the command, else absent.
pub const OPEN: &str = "open";
/// Sort key of the index `open` of Commands: when something is to be done about
/// it, at first the end of the time that the device has for its answer.
pub const DUE: &str = "due";
/// Values of [`OPEN`]: several, so that a fleet that is commanded at once does
/// not meet the write limit of one partition.
pub const OPEN_SHARDS: [&str; 4] = ["0", "1", "2", "3"];
/// Time to live of a row, epoch seconds, in every table whose rows age.
pub const EXPIRES_AT: &str = "expiresAt";
