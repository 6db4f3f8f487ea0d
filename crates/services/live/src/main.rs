//! The API's way to live data: a presigned address of the broker, for the
//! caller's own topics only.

mod config;
mod handler;

use adapters::{Broker, DynamoOwners, StsLiveSessions};
use jiff::Timestamp;
use lambda_runtime::service_fn;
use uuid::Uuid;

use crate::config::Config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let owners = &DynamoOwners::new(dynamo, config.registrations_table);
    let broker = Broker {
        endpoint: config.endpoint,
        region: sdk.region().map(ToString::to_string).unwrap_or_default(),
        telemetry: config.telemetry,
    };
    let sts = aws_sdk_sts::Client::new(&sdk);
    let sessions = &StsLiveSessions::new(sts, config.role, broker)?;

    lambda_runtime::run(service_fn(|event| {
        runtime::http::respond(event, |request| {
            let (random, now) = (Uuid::new_v4(), Timestamp::now());
            Box::pin(handler::handle(owners, sessions, request, random, now))
        })
    }))
    .await
}
