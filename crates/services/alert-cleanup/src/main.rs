//! Takes the alerts of a deleted device off its former owner's list.

mod config;
mod handler;

use adapters::DynamoEvents;
use lambda_runtime::service_fn;

use crate::config::Config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let events = &DynamoEvents::new(dynamo, config.events_table);

    lambda_runtime::run(service_fn(|event| {
        handler::handle(events, handler::PAUSE, event)
    }))
    .await
}
