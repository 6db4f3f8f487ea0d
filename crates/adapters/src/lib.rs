//! AWS behind `domain`'s ports: one file for each outside thing.

mod admissions;
mod alert_requests;
mod alert_topic;
mod alerts;
mod aws;
mod certificates;
mod connectivity;
mod console;
mod dynamo;
mod event_row;
mod events;
mod owners;
mod registrations;
mod rejected;
mod settings;
mod single_events;
mod text_messages;
mod things;

pub use admissions::DynamoAdmissions;
pub use alert_requests::LambdaAlertRequests;
pub use alert_topic::SnsAlertTopic;
pub use certificates::IotCertificates;
pub use connectivity::IotConnectivity;
pub use console::IotConsole;
pub use events::DynamoEvents;
pub use owners::DynamoOwners;
pub use registrations::DynamoRegistrations;
pub use rejected::SqsRejected;
pub use settings::DynamoSettings;
pub use text_messages::SnsTextMessages;
pub use things::IotThings;
