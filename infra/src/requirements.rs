//! What the region has to offer, looked up before anything that needs it is made.

use contract::resource;
use serde_json::{Value, json};
use stratosphere::value::{AWS_PARTITION, AWS_REGION};

use crate::custom_resource::Helper;
use crate::flag::Flag;
use crate::manifest::Manifest;
use crate::stack::Stack;

/// Logical id.
const REQUIREMENTS: &str = "Requirements";

/// A service of AWS.
#[derive(Debug)]
struct Service {
    /// As AWS's list of its regions calls it.
    id: &'static str,
    name: &'static str,
    /// What the types of its resources begin with.
    kinds: &'static [&'static str],
}

/// What every stack needs. `DynamoDB`, IAM, Lambda and logs are not here: without
/// them nobody could look, and no region is without them.
const ALWAYS: &[Service] = &[
    Service {
        id: "cognito-idp",
        name: "Amazon Cognito",
        kinds: &["AWS::Cognito::"],
    },
    Service {
        id: "iot",
        name: "AWS IoT Core",
        kinds: &["AWS::IoT::", resource::IOT_ENDPOINT],
    },
    Service {
        id: "sns",
        name: "Amazon SNS",
        kinds: &["AWS::SNS::"],
    },
    Service {
        id: "sqs",
        name: "Amazon SQS",
        kinds: &["AWS::SQS::"],
    },
];

/// What a component needs besides.
fn services_of(flag: Flag) -> &'static [Service] {
    match flag {
        Flag::Api => &[
            Service {
                id: "apigateway",
                name: "Amazon API Gateway",
                kinds: &["AWS::ApiGatewayV2::"],
            },
            Service {
                id: "iotdevicemanagement",
                name: "AWS IoT Device Management",
                kinds: &[resource::FLEET_INDEXING],
            },
        ],
        Flag::Telemetry => &[
            Service {
                id: "athena",
                name: "Amazon Athena",
                kinds: &["AWS::Athena::"],
            },
            Service {
                id: "firehose",
                name: "Amazon Data Firehose",
                kinds: &["AWS::KinesisFirehose::"],
            },
            Service {
                id: "glue",
                name: "AWS Glue",
                kinds: &["AWS::Glue::"],
            },
        ],
        Flag::Defender => &[Service {
            id: "iotdevicedefender",
            name: "AWS IoT Device Defender",
            kinds: &[resource::AUDIT_CONFIGURATION],
        }],
        // CloudFront is everywhere, and so is S3.
        Flag::Jitr | Flag::Events | Flag::Ownerapp => &[],
    }
}

/// Defines the look at the region, and has everything defined so far that belongs
/// to one of the services wait for it.
///
/// Logical id: `Requirements`.
pub fn define(stack: &mut Stack, manifest: &Manifest, helper: &Helper) {
    let always = ALWAYS.iter().map(|service| (service, None));
    let of_flags = manifest
        .flags()
        .flat_map(|flag| services_of(flag).iter().map(move |it| (it, Some(flag))));
    let required: Vec<_> = always.chain(of_flags).collect();
    let services: Vec<Value> = required.iter().map(|(it, flag)| it.write(*flag)).collect();
    let properties = [
        (resource::PARTITION, json!(AWS_PARTITION)),
        (resource::REGION, json!(AWS_REGION)),
        (resource::SERVICES, json!(services)),
    ];
    helper.make(stack, REQUIREMENTS, resource::REQUIREMENTS, properties);
    let kinds = required.iter().flat_map(|(service, _)| service.kinds);
    let kinds: Vec<&str> = kinds.copied().collect();
    stack.make_first(REQUIREMENTS, &kinds);
}

impl Service {
    fn write(&self, flag: Option<Flag>) -> Value {
        let mut service = json!({
            resource::SERVICE_ID: self.id,
            resource::SERVICE_NAME: self.name,
        });
        if let Some(flag) = flag {
            service[resource::SERVICE_FLAG] = flag.name().into();
        }
        service
    }
}
