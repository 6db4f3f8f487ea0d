//! AWS behind `domain`'s ports: one file for each outside thing.

mod aws;
mod dynamo;
mod settings;

pub use settings::DynamoSettings;
