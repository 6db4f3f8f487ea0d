//! MQTT topics of devices and console.

/// Where telemetry goes if the manifest names no other prefix.
pub const TELEMETRY: &str = "smartproduct/telemetry";
/// Where events go if the manifest names no other prefix.
pub const EVENT: &str = "smartproduct/event";
/// Prefix of commands to a device; its answers go to `{prefix}/{deviceId}/response`.
pub const COMMANDS: &str = "smartproduct/commands";
/// Last segment of the topic on which a device answers commands.
pub const RESPONSE: &str = "response";
/// Prefix of the alerts of a user, read by the web console.
pub const ALERTS: &str = "smartproduct/alerts";
/// Where IoT Core announces certificates that it stored on a first connect;
/// the last segment is the id of the CA.
pub const CERTIFICATE_REGISTERED: &str = "$aws/events/certificates/registered";
/// Where IoT Core tells which clients have come and gone:
/// `{prefix}/connected/{clientId}`, `{prefix}/disconnected/{clientId}`.
pub const PRESENCE: &str = "$aws/events/presence";
/// Prefix of a thing's topics; `{prefix}/{deviceId}/shadow/…` are its shadow's.
pub const THINGS: &str = "$aws/things";
