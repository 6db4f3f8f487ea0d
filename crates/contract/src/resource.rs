//! Custom resources that the stack's own helper makes: their types, properties
//! and attributes.

/// The account's audits by Device Defender are on. Properties [`AUDIT_ROLE`],
/// [`TOPIC`], [`TOPIC_ROLE`] and [`CHECKS`], attribute [`AUDIT_TOPIC`].
pub const AUDIT_CONFIGURATION: &str = "Custom::AuditConfiguration";
/// The files of the web console, and its configuration.
pub const CONSOLE_CONTENT: &str = "Custom::ConsoleContent";
/// The account's index of things holds their registry entries and connections.
pub const FLEET_INDEXING: &str = "Custom::FleetIndexing";
/// A policy is attached to a thing group. Properties [`POLICY`] and [`GROUP`].
pub const GROUP_POLICY: &str = "Custom::GroupPolicy";
/// The account's broker; its attribute [`ADDRESS`] is its host name.
pub const IOT_ENDPOINT: &str = "Custom::IotEndpoint";
/// What the region has to offer. Properties [`PARTITION`], [`REGION`] and
/// [`SERVICES`].
pub const REQUIREMENTS: &str = "Custom::Requirements";
/// Anonymous usage data is sent. Properties [`COMPONENTS`], [`TABLE`], [`URL`]
/// and [`UUID`].
pub const USAGE_REPORT: &str = "Custom::UsageReport";
/// A random UUID, its attribute [`UUID`], the same for the life of the stack.
pub const STACK_UUID: &str = "Custom::Uuid";

/// Attribute of [`IOT_ENDPOINT`].
pub const ADDRESS: &str = "Address";
/// ARN of the role with which audits read the account.
pub const AUDIT_ROLE: &str = "AuditRole";
/// Attribute of [`AUDIT_CONFIGURATION`]: ARN of the topic that tells of audits,
/// ours, or the one that was there.
pub const AUDIT_TOPIC: &str = "AuditTopic";
/// Names of audit checks.
pub const CHECKS: &str = "Checks";
/// How many components are switched on.
pub const COMPONENTS: &str = "Components";
/// ARN of the thing group.
pub const GROUP: &str = "Group";
/// Partition of the stack.
pub const PARTITION: &str = "Partition";
/// Name of the IoT policy.
pub const POLICY: &str = "Policy";
/// Region of the stack.
pub const REGION: &str = "Region";
/// What is required: a list of objects with [`SERVICE_ID`], [`SERVICE_NAME`] and
/// [`SERVICE_FLAG`].
pub const SERVICES: &str = "Services";
/// The flag of the manifest without which the service is not needed; absent if
/// everything needs it.
pub const SERVICE_FLAG: &str = "Flag";
/// The service, as AWS's list of its regions calls it.
pub const SERVICE_ID: &str = "Id";
/// The service, as people call it.
pub const SERVICE_NAME: &str = "Name";
/// Name of the table whose rows are counted.
pub const TABLE: &str = "Table";
/// ARN of the topic that audits are told of by, unless there is another.
pub const TOPIC: &str = "Topic";
/// ARN of the role that publishes on [`TOPIC`].
pub const TOPIC_ROLE: &str = "TopicRole";
/// Where usage data goes.
pub const URL: &str = "Url";
/// See [`STACK_UUID`].
pub const UUID: &str = "Uuid";
