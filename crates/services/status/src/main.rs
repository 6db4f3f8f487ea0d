//! The API's status of a device: its shadow, and whether it is connected.

mod config;
mod handler;

use adapters::{DynamoOwners, IotConnectivity, IotShadows};
use lambda_runtime::service_fn;

use crate::config::Config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let owners = &DynamoOwners::new(dynamo, config.registrations_table);
    let shadows = &IotShadows::new(aws_sdk_iotdataplane::Client::new(&sdk));
    let connectivity = &IotConnectivity::new(aws_sdk_iot::Client::new(&sdk));

    lambda_runtime::run(service_fn(|event| {
        runtime::http::respond(event, |request| {
            Box::pin(handler::handle(owners, shadows, connectivity, request))
        })
    }))
    .await
}
