//! Adapters on a real DynamoDB engine and against recorded answers of AWS.

mod engine;
mod registrations;
mod settings;
