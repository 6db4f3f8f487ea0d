//! The API's commands: sending one, and what became of those that were sent.

mod config;
mod handler;

use adapters::{DynamoCommands, DynamoOwners, DynamoTargets, IotCommandTopic, IotShadows};
use domain::command::Sending;
use lambda_runtime::service_fn;

use crate::config::Config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let iot = aws_sdk_iotdataplane::Client::new(&sdk);
    let (registrations, commands) = (config.registrations_table, config.commands_table);
    let owners = &DynamoOwners::new(dynamo.clone(), registrations.clone());
    let ports = &Sending {
        targets: &DynamoTargets::new(dynamo.clone(), registrations, commands.clone()),
        commands: &DynamoCommands::new(dynamo, commands),
        shadows: &IotShadows::new(iot.clone()),
        topic: &IotCommandTopic::new(iot),
    };

    lambda_runtime::run(service_fn(|event| {
        runtime::http::respond(event, |request| {
            Box::pin(handler::handle(owners, ports, request))
        })
    }))
    .await
}
