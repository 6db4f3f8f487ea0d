//! The API's events and alerts: pages of them, and how many alerts are unread.

mod config;
mod handler;

use adapters::{DynamoEvents, DynamoOwners, DynamoSettings};
use lambda_runtime::service_fn;

use crate::config::Config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let owners = &DynamoOwners::new(dynamo.clone(), config.registrations_table);
    let settings = &DynamoSettings::new(dynamo.clone(), config.settings_table);
    let events = &DynamoEvents::new(dynamo, config.events_table);

    lambda_runtime::run(service_fn(|event| {
        runtime::http::respond(event, |request| {
            Box::pin(handler::handle(owners, settings, events, request))
        })
    }))
    .await
}
