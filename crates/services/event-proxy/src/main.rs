//! Takes in what devices report: stores each event once, has its owner told.

mod config;
mod handler;

use adapters::{DynamoEvents, DynamoOwners, LambdaAlertRequests, SqsRejected};
use lambda_runtime::service_fn;

use crate::config::Config;
use crate::handler::Ports;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let lambda = aws_sdk_lambda::Client::new(&sdk);
    let sqs = aws_sdk_sqs::Client::new(&sdk);
    let ports = &Ports {
        owners: DynamoOwners::new(dynamo.clone(), config.registrations_table),
        events: DynamoEvents::new(dynamo, config.events_table),
        alerts: LambdaAlertRequests::new(lambda, config.alert_function),
        rejected: SqsRejected::new(sqs, config.rejected_queue_url),
    };

    // Boxed: the compiler follows futures in futures only so deep.
    lambda_runtime::run(service_fn(|event| Box::pin(handler::handle(ports, event)))).await
}
