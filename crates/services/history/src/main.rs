//! The API's telemetry of a device: what it has measured, step by step.

mod config;
mod handler;

use std::time::Duration;

use adapters::{AthenaHistories, DynamoSources};
use contract::timeout;
use jiff::Timestamp;
use lambda_runtime::service_fn;

use crate::config::Config;

/// Left of an invocation for what is not waiting for Athena.
const REST: u64 = 5;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let sources = &DynamoSources::new(dynamo, config.registrations_table);
    let seconds = u64::try_from(timeout::HISTORY_SECONDS)?;
    let histories = &AthenaHistories::new(
        aws_sdk_athena::Client::new(&sdk),
        config.work_group,
        config.database,
        Duration::from_secs(seconds.saturating_sub(REST)),
    );
    let columns = &config.columns;

    lambda_runtime::run(service_fn(|event| {
        runtime::http::respond(event, |request| {
            let now = Timestamp::now();
            Box::pin(handler::handle(sources, histories, columns, request, now))
        })
    }))
    .await
}
