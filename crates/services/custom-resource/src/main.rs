//! The stack's own helper: what CloudFormation cannot make by itself is a custom
//! resource, and this function makes it.
//!
//! A further kind of resource is a module beside [`fleet_indexing`] and
//! [`iot_endpoint`], and an arm of `Resources::attempt`.

mod account;
mod answer;
#[cfg(test)]
mod cloudformation;
mod config;
mod fleet_indexing;
mod handler;
mod iot_endpoint;
mod last_words;
mod request;

use std::time::Duration;

use adapters::{DynamoFound, IotEndpoint, IotFleetIndexing};
use lambda_runtime::service_fn;

use crate::answer::Answers;
use crate::config::Config;
use crate::handler::Resources;
use crate::last_words::LastWords;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let iot = aws_sdk_iot::Client::new(&sdk);
    let resources = &Resources {
        endpoint: IotEndpoint::new(iot.clone()),
        indexing: IotFleetIndexing::new(iot),
        memory: DynamoFound::new(dynamo, config.settings_table, fleet_indexing::ROW),
        pause: Duration::from_secs(3),
    };
    let answers = &Answers::new(&sdk);
    let last_words = &LastWords::default();
    last_words.on_panic(|| Some(Answers::new(&runtime::sdk_config().ok()?)));

    lambda_runtime::run(service_fn(|event| {
        handler::handle(resources, answers, last_words, event)
    }))
    .await
}
