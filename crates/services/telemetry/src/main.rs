//! Makes rows of the dataset from what devices measure, for Data Firehose, and
//! tells owners what is unusual.

mod config;
mod firehose;
mod handler;

use adapters::{
    DynamoCommands, DynamoEvents, DynamoSources, DynamoTargets, DynamoWatches, IotCommandTopic,
    IotShadows, LambdaAlertRequests, SqsRejected,
};
use domain::command::Sending;
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
    let iot = aws_sdk_iotdataplane::Client::new(&sdk);
    let events = config.alert_function.map(|alert| {
        let events = DynamoEvents::new(dynamo.clone(), config.events_table);
        (events, LambdaAlertRequests::new(lambda, alert))
    });
    let commands = config.commands_table.map(|table| {
        let registrations = config.registrations_table.clone();
        let targets = DynamoTargets::new(dynamo.clone(), registrations, table.clone());
        (targets, DynamoCommands::new(dynamo.clone(), table))
    });
    let shadows = &IotShadows::new(iot.clone());
    let topic = &IotCommandTopic::new(iot);
    let orders = commands.as_ref().map(|(targets, commands)| Sending {
        targets,
        commands,
        shadows,
        topic,
    });
    let watcher = (events.is_some() || orders.is_some()).then(|| Watcher {
        watches: DynamoWatches::new(dynamo.clone(), config.settings_table),
        events,
        orders,
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
