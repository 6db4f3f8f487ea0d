//! Solution and user settings: the API's operations, and the settings of a
//! user whose account has just been confirmed.

mod config;
mod handler;
mod sign_up;

use adapters::DynamoSettings;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

use crate::config::Config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let settings = &DynamoSettings::new(dynamo, config.settings_table);

    // Two callers: the user pool names its trigger, the gateway its route.
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        match event.payload.get("triggerSource") {
            Some(_) => Ok(sign_up::confirmed(settings, event.payload).await),
            None => runtime::http::respond_json(event, |it| handler::handle(settings, it)).await,
        }
    }))
    .await
}
