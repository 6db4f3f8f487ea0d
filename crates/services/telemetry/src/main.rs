//! Makes rows of the dataset from what devices measure, for Data Firehose, and
//! tells owners what is unusual.

mod config;
mod firehose;
mod handler;

use adapters::{DynamoEvents, DynamoSources, DynamoWatches, LambdaAlertRequests, SqsRejected};
use domain::telemetry::Plans;
use lambda_runtime::service_fn;

use crate::config::Config;
use crate::handler::{Ports, Watcher};

/// Models that are kept: of about 2 KB each, they stay within 20 MB.
const MOST_PLANS: usize = 10_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let sqs = aws_sdk_sqs::Client::new(&sdk);
    let lambda = aws_sdk_lambda::Client::new(&sdk);
    let watcher = config.alert_function.map(|alert| Watcher {
        watches: DynamoWatches::new(dynamo.clone(), config.settings_table),
        events: DynamoEvents::new(dynamo.clone(), config.events_table),
        alerts: LambdaAlertRequests::new(lambda, alert),
    });
    let ports = &Ports {
        watcher,
        sources: DynamoSources::new(dynamo, config.registrations_table),
        plans: Plans::new(config.columns, MOST_PLANS),
        rejected: SqsRejected::new(sqs, config.rejected_queue_url),
    };

    // Boxed: the compiler follows futures in futures only so deep.
    lambda_runtime::run(service_fn(|event| Box::pin(handler::handle(ports, event)))).await
}
