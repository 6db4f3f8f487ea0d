//! Outputs of the stack, read by scripts, simulator and end-to-end tests.

/// Address of the API, with its stage: `https://…/api`.
pub const API_URL: &str = "ApiUrl";
/// Address of the web console.
pub const CONSOLE_URL: &str = "ConsoleUrl";
/// Id of the Cognito user pool.
pub const USER_POOL_ID: &str = "UserPoolId";
/// Id of the user pool's client for the web console and other applications.
pub const USER_POOL_CLIENT_ID: &str = "UserPoolClientId";
/// ARN of the SNS topic that receives every alert.
pub const ALERT_TOPIC_ARN: &str = "AlertTopicArn";
/// URL of the queue that keeps what a function or a rule failed to handle.
pub const FAILED_QUEUE_URL: &str = "FailedQueueUrl";
/// URL of the queue that keeps the messages which were not valid.
pub const REJECTED_QUEUE_URL: &str = "RejectedQueueUrl";
/// Name of the Reference table, where manufactured products are added.
pub const REFERENCE_TABLE: &str = "ReferenceTable";
/// Host name of the broker that devices connect to.
pub const DEVICE_ENDPOINT: &str = "DeviceEndpoint";
/// ARN of the SNS topic that tells the operator of alarms.
pub const OPERATOR_TOPIC_ARN: &str = "OperatorTopicArn";
/// ARN of the SNS topic that tells of findings and violations of Device Defender.
pub const FINDINGS_TOPIC_ARN: &str = "FindingsTopicArn";
/// ARN of the SNS topic that audits are told of by: the one of findings, or the
/// one that the account had before.
pub const AUDIT_TOPIC_ARN: &str = "AuditTopicArn";
/// Name of the thing group whose devices are cut off.
pub const QUARANTINE_GROUP: &str = "QuarantineGroup";
/// Name of the bucket that keeps telemetry.
pub const TELEMETRY_BUCKET: &str = "TelemetryBucketName";
/// Name of the Firehose stream that telemetry goes through.
pub const TELEMETRY_STREAM: &str = "TelemetryStreamName";
/// Name of the database with the dataset.
pub const TELEMETRY_DATABASE: &str = "TelemetryDatabaseName";
/// Name of the Athena work group for questions to the dataset.
pub const TELEMETRY_WORK_GROUP: &str = "TelemetryWorkGroupName";
