//! The stack's own helper: what CloudFormation cannot make by itself is a custom
//! resource, and this function makes it.
//!
//! A further kind of resource is a module with a [`Maker`], beside [`iot_endpoint`],
//! and an entry in [`makers`]; one that is a change of a setting of the account
//! needs only what [`fleet_indexing`] has.

mod account;
mod answer;
#[cfg(test)]
mod cloudformation;
mod config;
mod console_content;
mod fleet_indexing;
mod handler;
mod iot_endpoint;
mod last_words;
mod maker;
mod request;

use std::collections::BTreeMap;
use std::time::Duration;

use adapters::{
    CloudFrontEdge, DynamoFound, IotEndpoint, IotFleetIndexing, S3Files, ThingIndexing,
};
use aws_types::SdkConfig;
use contract::resource;
use lambda_runtime::service_fn;

use crate::account::AccountSetting;
use crate::answer::Answers;
use crate::config::Config;
use crate::console_content::{AwsSite, PublishConsole};
use crate::handler::Resources;
use crate::iot_endpoint::FindBroker;
use crate::last_words::LastWords;
use crate::maker::Maker;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let resources = &Resources {
        makers: makers(&sdk, config),
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

fn makers(sdk: &SdkConfig, config: Config) -> BTreeMap<&'static str, Box<dyn Maker>> {
    let dynamo = aws_sdk_dynamodb::Client::new(sdk);
    let iot = aws_sdk_iot::Client::new(sdk);
    let console = PublishConsole {
        site: AwsSite {
            files: S3Files::new(aws_sdk_s3::Client::new(sdk)),
            edge: CloudFrontEdge::new(aws_sdk_cloudfront::Client::new(sdk)),
        },
        memory: DynamoFound::new(
            dynamo.clone(),
            config.settings_table.clone(),
            console_content::ROW,
        ),
    };
    let indexing = AccountSetting {
        setting: IotFleetIndexing::new(iot.clone()),
        memory: DynamoFound::new(dynamo, config.settings_table, fleet_indexing::ROW),
        wanted: ThingIndexing::with_registry_and_connectivity,
    };
    let broker = FindBroker(IotEndpoint::new(iot));
    BTreeMap::from([
        (
            resource::FLEET_INDEXING,
            Box::new(indexing) as Box<dyn Maker>,
        ),
        (resource::CONSOLE_CONTENT, Box::new(console)),
        (resource::IOT_ENDPOINT, Box::new(broker)),
    ])
}
