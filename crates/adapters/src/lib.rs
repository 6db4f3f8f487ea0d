//! AWS behind `domain`'s ports: one file for each outside thing.

mod admissions;
mod aws;
mod certificates;
mod dynamo;
mod registrations;
mod settings;
mod things;

pub use admissions::DynamoAdmissions;
pub use certificates::IotCertificates;
pub use registrations::DynamoRegistrations;
pub use settings::DynamoSettings;
pub use things::IotThings;
