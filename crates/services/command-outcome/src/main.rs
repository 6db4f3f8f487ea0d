//! What becomes of commands: takes in what devices answer, ends what nobody
//! answers, and keeps the desired state of devices as the commands say.

mod config;
mod handler;

use adapters::{DynamoCommands, DynamoOwners, IotShadows, SqsRejected};
use domain::command::Upkeep;
use lambda_runtime::service_fn;

use crate::config::Config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let sqs = aws_sdk_sqs::Client::new(&sdk);
    let upkeep = &Upkeep {
        owners: &DynamoOwners::new(dynamo.clone(), config.registrations_table),
        commands: &DynamoCommands::new(dynamo, config.commands_table),
        shadows: &IotShadows::new(aws_sdk_iotdataplane::Client::new(&sdk)),
    };
    let rejected = &SqsRejected::new(sqs, config.rejected_queue_url);

    lambda_runtime::run(service_fn(|event| {
        Box::pin(handler::handle(upkeep, rejected, event))
    }))
    .await
}
