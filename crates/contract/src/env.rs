//! Environment variables of the functions, and which function reads which.
//!
//! A test in `infra` proves that the template sets exactly these on each
//! function; a function that does not find one fails its cold start by name.

/// Name of the function that takes the alerts of deleted devices off their
/// former owners' lists.
pub const ALERT_CLEANUP_FUNCTION: &str = "ALERT_CLEANUP_FUNCTION";
/// Name of the function that is invoked for each new event; for `telemetry` empty
/// where events are not deployed, and then nothing is told.
pub const ALERT_FUNCTION: &str = "ALERT_FUNCTION";
/// ARN of the SNS topic that receives every alert.
pub const ALERT_TOPIC_ARN: &str = "ALERT_TOPIC_ARN";
/// Ids of the CA certificates whose devices are let in, separated by commas;
/// empty where any CA registered in the account will do.
pub const CA_CERTIFICATE_IDS: &str = "CA_CERTIFICATE_IDS";
/// Name of the Commands table; for `telemetry` empty where the API is not deployed, and
/// then no commands are sent.
pub const COMMANDS_TABLE: &str = "COMMANDS_TABLE";
/// Name of the IoT policy that each device's certificate gets.
pub const DEVICE_POLICY: &str = "DEVICE_POLICY";
/// Name of the Events table.
pub const EVENTS_TABLE: &str = "EVENTS_TABLE";
/// Name of the Reference table.
pub const REFERENCE_TABLE: &str = "REFERENCE_TABLE";
/// Name of the Registrations table.
pub const REGISTRATIONS_TABLE: &str = "REGISTRATIONS_TABLE";
/// Address of the account's broker for clients that speak MQTT over WebSocket:
/// scheme and host, `wss://….amazonaws.com`.
pub const LIVE_ENDPOINT: &str = "LIVE_ENDPOINT";
/// ARN of the role whose sessions read live data.
pub const LIVE_ROLE_ARN: &str = "LIVE_ROLE_ARN";
/// Name of the pipeline's repository.
pub const REPOSITORY: &str = "REPOSITORY";
/// URL of the queue that keeps the messages which were not valid.
pub const REJECTED_QUEUE_URL: &str = "REJECTED_QUEUE_URL";
/// Name of the Settings table.
pub const SETTINGS_TABLE: &str = "SETTINGS_TABLE";
/// Name of the stack that the pipeline deploys.
pub const SOLUTION_STACK: &str = "SOLUTION_STACK";
/// The fields that have a column in the dataset, with their kinds:
/// `actualTemperature=number,powerStatus=string`.
pub const TELEMETRY_COLUMNS: &str = "TELEMETRY_COLUMNS";
/// Name of the database with the dataset.
pub const TELEMETRY_DATABASE: &str = "TELEMETRY_DATABASE";
/// Topic prefix of telemetry, as in the manifest.
pub const TELEMETRY_TOPIC: &str = "TELEMETRY_TOPIC";
/// Name of the work group that answers questions to the dataset.
pub const TELEMETRY_WORK_GROUP: &str = "TELEMETRY_WORK_GROUP";
/// Name of the thing type that each registered device gets.
pub const THING_TYPE: &str = "THING_TYPE";
/// Id of the Cognito user pool.
pub const USER_POOL_ID: &str = "USER_POOL_ID";

/// What `admin` reads.
pub const ADMIN: &[&str] = &[SETTINGS_TABLE];
/// What `alert` reads.
pub const ALERT: &[&str] = &[ALERT_TOPIC_ARN, EVENTS_TABLE, SETTINGS_TABLE, USER_POOL_ID];
/// What `alert-cleanup` reads.
pub const ALERT_CLEANUP: &[&str] = &[EVENTS_TABLE];
/// What `command` reads.
pub const COMMAND: &[&str] = &[COMMANDS_TABLE, REGISTRATIONS_TABLE];
/// What `command-outcome` reads.
pub const COMMAND_OUTCOME: &[&str] = &[COMMANDS_TABLE, REGISTRATIONS_TABLE, REJECTED_QUEUE_URL];
/// What `custom-resource` reads.
pub const CUSTOM_RESOURCE: &[&str] = &[SETTINGS_TABLE];
/// What `custom-resource` reads in the pipeline's stack.
pub const CUSTOM_RESOURCE_OF_PIPELINE: &[&str] = &[REPOSITORY, SOLUTION_STACK];
/// What `device` reads.
pub const DEVICE: &[&str] = &[ALERT_CLEANUP_FUNCTION, REFERENCE_TABLE, REGISTRATIONS_TABLE];
/// What `event` reads.
pub const EVENT: &[&str] = &[EVENTS_TABLE, REGISTRATIONS_TABLE, SETTINGS_TABLE];
/// What `event-proxy` reads.
pub const EVENT_PROXY: &[&str] = &[
    ALERT_FUNCTION,
    EVENTS_TABLE,
    REGISTRATIONS_TABLE,
    REJECTED_QUEUE_URL,
];
/// What `history` reads.
pub const HISTORY: &[&str] = &[
    REGISTRATIONS_TABLE,
    TELEMETRY_COLUMNS,
    TELEMETRY_DATABASE,
    TELEMETRY_WORK_GROUP,
];
/// What `jitr` reads.
pub const JITR: &[&str] = &[CA_CERTIFICATE_IDS, DEVICE_POLICY, REGISTRATIONS_TABLE];
/// What `live` reads.
pub const LIVE: &[&str] = &[
    LIVE_ENDPOINT,
    LIVE_ROLE_ARN,
    REGISTRATIONS_TABLE,
    TELEMETRY_TOPIC,
];
/// What `registration` reads.
pub const REGISTRATION: &[&str] = &[REFERENCE_TABLE, REGISTRATIONS_TABLE, THING_TYPE];
/// What `status` reads.
pub const STATUS: &[&str] = &[REGISTRATIONS_TABLE];
/// What `telemetry` reads.
pub const TELEMETRY: &[&str] = &[
    ALERT_FUNCTION,
    COMMANDS_TABLE,
    EVENTS_TABLE,
    REGISTRATIONS_TABLE,
    REJECTED_QUEUE_URL,
    SETTINGS_TABLE,
    TELEMETRY_COLUMNS,
];
