//! The stack's own helper: what CloudFormation cannot make by itself is a custom
//! resource, and this function makes it.
//!
//! A further kind of resource is a module with a [`Maker`], beside [`iot_endpoint`],
//! and an entry in [`makers`]; one that is a change of a setting of the account
//! needs only what [`fleet_indexing`] has.

mod account;
mod answer;
mod audit_configuration;
#[cfg(test)]
mod cloudformation;
mod config;
mod console_content;
#[cfg(test)]
mod fakes;
mod fleet_indexing;
mod group_policy;
mod handler;
mod iot_endpoint;
mod last_words;
mod maker;
mod memory;
mod outgoing;
mod request;
mod requirements;
mod stack_uuid;
mod usage_report;

use std::collections::BTreeMap;
use std::time::Duration;

use adapters::{
    CloudFrontEdge, DynamoFound, DynamoRowCount, IotAudits, IotEndpoint, IotFleetIndexing,
    IotGroupPolicies, S3Files, SsmOffers,
};
use aws_types::SdkConfig;
use contract::resource;
use lambda_runtime::service_fn;

use crate::account::AccountSetting;
use crate::answer::{Answers, Attributes};
use crate::config::Config;
use crate::console_content::{AwsSite, PublishConsole};
use crate::group_policy::AttachPolicy;
use crate::handler::Resources;
use crate::iot_endpoint::FindBroker;
use crate::last_words::LastWords;
use crate::maker::Maker;
use crate::requirements::CheckRegion;
use crate::stack_uuid::DrawUuid;
use crate::usage_report::{Https, ReportUsage};

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
    let table = config.settings_table;
    let audits = AccountSetting {
        setting: IotAudits::new(iot.clone()),
        memory: DynamoFound::new(dynamo.clone(), table.clone(), audit_configuration::ROW),
        wanted: audit_configuration::wanted,
        attributes: audit_configuration::attributes,
    };
    let console = PublishConsole {
        site: AwsSite {
            files: S3Files::new(aws_sdk_s3::Client::new(sdk)),
            edge: CloudFrontEdge::new(aws_sdk_cloudfront::Client::new(sdk)),
        },
        memory: DynamoFound::new(dynamo.clone(), table.clone(), console_content::ROW),
    };
    let indexing = AccountSetting {
        setting: IotFleetIndexing::new(iot.clone()),
        memory: DynamoFound::new(dynamo.clone(), table.clone(), fleet_indexing::ROW),
        wanted: fleet_indexing::wanted,
        attributes: |_| Attributes::new(),
    };
    let policies = AttachPolicy(IotGroupPolicies::new(iot.clone()));
    let broker = FindBroker(IotEndpoint::new(iot));
    let region = CheckRegion(SsmOffers::new(aws_sdk_ssm::Client::new(sdk)));
    let uuid = DrawUuid(DynamoFound::new(dynamo.clone(), table, stack_uuid::ROW));
    let usage = ReportUsage {
        collector: Https::new(),
        rows: DynamoRowCount::new(dynamo),
        longest: usage_report::LONGEST,
    };
    let makers: [(&str, Box<dyn Maker>); 8] = [
        (resource::AUDIT_CONFIGURATION, Box::new(audits)),
        (resource::CONSOLE_CONTENT, Box::new(console)),
        (resource::FLEET_INDEXING, Box::new(indexing)),
        (resource::GROUP_POLICY, Box::new(policies)),
        (resource::IOT_ENDPOINT, Box::new(broker)),
        (resource::REQUIREMENTS, Box::new(region)),
        (resource::STACK_UUID, Box::new(uuid)),
        (resource::USAGE_REPORT, Box::new(usage)),
    ];
    makers.into()
}
