//! The API's registrations: what an owner has registered, and registering more.

mod config;
mod handler;

use adapters::{DynamoRegistrations, IotThings};
use lambda_runtime::service_fn;

use crate::config::Config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let tables =
        &DynamoRegistrations::new(dynamo, config.registrations_table, config.reference_table);
    let things = &IotThings::new(aws_sdk_iot::Client::new(&sdk), config.thing_type);

    lambda_runtime::run(service_fn(|event| {
        runtime::http::respond(event, |request| handler::handle(tables, things, request))
    }))
    .await
}
