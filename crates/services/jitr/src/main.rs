//! Just-in-time registration: lets a device in when its certificate first
//! connects and its owner waits for it.

mod config;
mod handler;

use adapters::{DynamoAdmissions, IotCertificates};
use lambda_runtime::service_fn;

use crate::config::Config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let iot = aws_sdk_iot::Client::new(&sdk);
    let certificates = &IotCertificates::new(iot, config.device_policy);
    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let admissions = &DynamoAdmissions::new(dynamo, config.registrations_table);
    let trusted = &config.trusted_cas;

    lambda_runtime::run(service_fn(|event| {
        Box::pin(handler::handle(certificates, admissions, trusted, event))
    }))
    .await
}
