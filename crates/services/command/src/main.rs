//! The API's commands: sending one, and what became of those that were sent.

mod config;
mod handler;

use adapters::{DynamoCommands, DynamoOwners, IotCommandTopic};
use lambda_runtime::service_fn;

use crate::config::Config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let owners = &DynamoOwners::new(dynamo.clone(), config.registrations_table);
    let commands = &DynamoCommands::new(dynamo, config.commands_table);
    let topic = &IotCommandTopic::new(aws_sdk_iotdataplane::Client::new(&sdk));

    lambda_runtime::run(service_fn(|event| {
        runtime::http::respond(event, |request| {
            Box::pin(handler::handle(owners, commands, topic, request))
        })
    }))
    .await
}
