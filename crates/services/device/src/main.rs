//! The API's devices: those that a user has, and letting go of them.

mod config;
mod handler;

use adapters::{DynamoRegistrations, IotConnectivity, IotRegistry, LambdaCleanup};
use lambda_runtime::service_fn;

use crate::config::Config;
use crate::handler::Ports;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let iot = aws_sdk_iot::Client::new(&sdk);
    let shadows = aws_sdk_iotdataplane::Client::new(&sdk);
    let lambda = aws_sdk_lambda::Client::new(&sdk);
    let ports = &Ports {
        tables: DynamoRegistrations::new(
            dynamo,
            config.registrations_table,
            config.reference_table,
        ),
        connectivity: IotConnectivity::new(iot.clone()),
        registry: IotRegistry::new(iot, shadows),
        cleanup: LambdaCleanup::new(lambda, config.alert_cleanup_function),
    };

    lambda_runtime::run(service_fn(|event| {
        runtime::http::respond(event, |request| Box::pin(handler::handle(ports, request)))
    }))
    .await
}
