//! Solution and user settings. So far: the settings of a user whose account
//! has just been confirmed.

mod config;
mod handler;

use adapters::DynamoSettings;
use lambda_runtime::service_fn;

use crate::config::Config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let settings = &DynamoSettings::new(dynamo, config.settings_table);

    lambda_runtime::run(service_fn(|event| handler::handle(settings, event))).await
}
