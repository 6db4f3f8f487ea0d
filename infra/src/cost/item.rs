//! What is paid for.

use serde::Deserialize;

/// Bytes of a GB and a TB, as AWS meters them.
const GB: u128 = 1 << 30;
const TB: u128 = 1 << 40;

/// One line of a bill. The order is the order of the table.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Item {
    /// Time that clients are connected to the broker.
    IotConnection,
    /// MQTT messages in and out, and calls of the broker's HTTP interface.
    IotMessages,
    /// Messages that a topic rule looks at.
    IotRules,
    /// What rules do with them.
    IotActions,
    /// Shadows and the registry of things.
    IotShadow,
    /// Changes of what the fleet index holds.
    IndexUpdates,
    /// Searches of the fleet index.
    IndexSearches,
    /// Certificates that Device Defender audits.
    DefenderAudit,
    /// Values that Device Defender watches.
    DefenderDetect,
    /// Invocations of functions.
    LambdaRequests,
    /// Memory times time of functions.
    LambdaTime,
    /// Reading of tables.
    DynamoReads,
    /// Writing of tables and indexes.
    DynamoWrites,
    /// Tables and indexes, as they lie there.
    DynamoStorage,
    /// Continuous backups of the tables.
    DynamoBackup,
    /// Requests to the API.
    ApiRequests,
    /// Requests to the console's distribution.
    CloudFrontRequests,
    /// The console, to browsers.
    CloudFrontTransfer,
    /// Objects, as they lie there.
    S3Storage,
    /// Objects that are written.
    S3Writes,
    /// Telemetry that is taken in.
    FirehoseIngestion,
    /// Telemetry that becomes Parquet.
    FirehoseConversion,
    /// What queries read.
    AthenaScans,
    /// Alerts on the topic.
    SnsPublications,
    /// Text messages.
    SnsTexts,
    /// Messages for the queues.
    SqsRequests,
    /// What functions and API write into logs.
    LogIngestion,
    /// Logs, as they lie there.
    LogStorage,
    /// The product's own metrics.
    Metrics,
    /// Alarms.
    Alarms,
    /// Dashboards.
    Dashboards,
    /// Invocations that X-Ray records.
    Traces,
    /// Owners who sign in.
    Users,
    /// Answers and messages to the internet.
    Transfer,
}

/// How an item is called and counted.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Whose bill it is on.
    pub service: &'static str,
    /// What it is.
    pub name: &'static str,
    /// What its price is for.
    pub unit: &'static str,
    /// How many of what we count make a unit.
    pub scale: u128,
}

impl Item {
    /// All of them, in order.
    pub const ALL: [Self; 34] = [
        Self::IotConnection,
        Self::IotMessages,
        Self::IotRules,
        Self::IotActions,
        Self::IotShadow,
        Self::IndexUpdates,
        Self::IndexSearches,
        Self::DefenderAudit,
        Self::DefenderDetect,
        Self::LambdaRequests,
        Self::LambdaTime,
        Self::DynamoReads,
        Self::DynamoWrites,
        Self::DynamoStorage,
        Self::DynamoBackup,
        Self::ApiRequests,
        Self::CloudFrontRequests,
        Self::CloudFrontTransfer,
        Self::S3Storage,
        Self::S3Writes,
        Self::FirehoseIngestion,
        Self::FirehoseConversion,
        Self::AthenaScans,
        Self::SnsPublications,
        Self::SnsTexts,
        Self::SqsRequests,
        Self::LogIngestion,
        Self::LogStorage,
        Self::Metrics,
        Self::Alarms,
        Self::Dashboards,
        Self::Traces,
        Self::Users,
        Self::Transfer,
    ];

    /// How it is called and counted.
    #[must_use]
    pub const fn facts(self) -> Facts {
        let (service, name, unit, scale) = match self {
            Self::IotConnection => ("IoT Core", "connectivity", "minutes", 1),
            Self::IotMessages => ("IoT Core", "messages of 5 KB", "messages", 1),
            Self::IotRules => ("IoT Core", "rules triggered", "rules", 1),
            Self::IotActions => ("IoT Core", "actions of rules", "actions", 1),
            Self::IotShadow => ("IoT Core", "shadow and registry", "operations", 1),
            Self::IndexUpdates => ("Fleet indexing", "updates", "updates", 1),
            Self::IndexSearches => ("Fleet indexing", "searches", "searches", 1),
            Self::DefenderAudit => ("Device Defender", "audit", "devices", 1),
            Self::DefenderDetect => ("Device Defender", "detect", "datapoints", 1),
            Self::LambdaRequests => ("Lambda", "requests", "requests", 1),
            // Counted in MB times milliseconds.
            Self::LambdaTime => ("Lambda", "time (arm64)", "GB-seconds", 1024 * 1000),
            // Counted in halves.
            Self::DynamoReads => ("DynamoDB", "read units", "units", 2),
            Self::DynamoWrites => ("DynamoDB", "write units", "units", 1),
            Self::DynamoStorage => ("DynamoDB", "storage", "GB-months", GB),
            Self::DynamoBackup => ("DynamoDB", "point-in-time recovery", "GB-months", GB),
            Self::ApiRequests => ("API Gateway", "requests (HTTP API)", "requests", 1),
            Self::CloudFrontRequests => ("CloudFront", "HTTPS requests", "requests", 1),
            Self::CloudFrontTransfer => ("CloudFront", "transfer", "GB", GB),
            Self::S3Storage => ("S3", "storage", "GB-months", GB),
            Self::S3Writes => ("S3", "PUT requests", "requests", 1),
            Self::FirehoseIngestion => ("Data Firehose", "ingestion", "GB", GB),
            Self::FirehoseConversion => ("Data Firehose", "conversion to Parquet", "GB", GB),
            Self::AthenaScans => ("Athena", "data scanned", "TB", TB),
            Self::SnsPublications => ("SNS", "publications", "requests", 1),
            Self::SnsTexts => ("SNS", "text messages (US)", "messages", 1),
            Self::SqsRequests => ("SQS", "requests", "requests", 1),
            Self::LogIngestion => ("CloudWatch", "log ingestion", "GB", GB),
            Self::LogStorage => ("CloudWatch", "log storage", "GB-months", GB),
            Self::Metrics => ("CloudWatch", "metrics", "metrics", 1),
            Self::Alarms => ("CloudWatch", "alarms", "alarms", 1),
            Self::Dashboards => ("CloudWatch", "dashboards", "dashboards", 1),
            Self::Traces => ("X-Ray", "traces recorded", "traces", 1),
            Self::Users => ("Cognito", "active users", "users", 1),
            Self::Transfer => ("Data transfer", "to the internet", "GB", GB),
        };
        Facts {
            service,
            name,
            unit,
            scale,
        }
    }
}
