//! What a device is in IoT Core, and what it may do there.

use contract::{env, topic};
use serde_json::{Value, json};
use stratosphere::services::aws::iot;
use stratosphere::services::aws::iot::thingtype;
use stratosphere::value::ExpString;

use crate::function::Function;
use crate::manifest::Manifest;
use crate::stack::Stack;
use crate::value::{arn_of, named, reference};

const THING_TYPE: &str = "SmartProduct";
const POLICY: &str = "DevicePolicy";

/// The thing of the certificate that is connected; see [`crate::value::sub`]
/// for the exclamation mark.
const THIS_THING: &str = "${!iot:Connection.Thing.ThingName}";

/// The defined thing type and policy.
#[derive(Clone, Copy, Debug)]
pub struct Things(());

impl Things {
    /// Tells a function the thing type by its environment.
    pub fn name_type(&self, function: &mut Function) {
        function.env(env::THING_TYPE, reference(THING_TYPE));
    }

    /// Tells a function the device policy by its environment.
    pub fn name_policy(&self, function: &mut Function) {
        function.env(env::DEVICE_POLICY, reference(POLICY));
    }
}

/// Defines the thing type and the one policy of all devices.
///
/// Both stay when the stack goes: things and certificates refer to them, so
/// IoT Core would refuse to delete them, and devices would lose their rights.
pub fn define(stack: &mut Stack, manifest: &Manifest) -> Things {
    stack
        .add(
            THING_TYPE,
            &iot::ThingType! {
                thing_type_name: named(THING_TYPE),
                thing_type_properties: thingtype::ThingTypeProperties! {
                    thing_type_description: "A registered smart product",
                },
            },
        )
        .retain();
    stack
        .add(
            POLICY,
            &iot::Policy! {
                policy_name: named("Device"),
                policy_document: device_policy(
                    &manifest.telemetry.env.telemetry_topic,
                    &manifest.events.env.event_topic,
                ),
            },
        )
        .remark(
            crate::policy::WILDCARDS,
            json!([{
                "Resource": [own(&shadow("*")), own_filter(&shadow("*"))],
                "Reason": "all topics of the device's own shadow; one by one they would not fit \
                           into the 2,048 characters that IoT Core allows a policy",
            }]),
        )
        .retain();
    Things(())
}

/// What one device may do, by policy variable.
///
/// It may ask for its shadow and update it, but not delete it.
fn device_policy(telemetry: &str, event: &str) -> Value {
    let commands = format!("{}/{THIS_THING}", topic::COMMANDS);
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "iot:Connect",
                "Resource": arn_of("iot", &format!("client/{THIS_THING}")),
                "Condition": { "Bool": { "iot:Connection.Thing.IsAttached": "true" } },
            },
            {
                "Effect": "Allow",
                "Action": "iot:Publish",
                "Resource": [
                    own(&format!("{telemetry}/{THIS_THING}")),
                    own(&format!("{event}/{THIS_THING}")),
                    own(&format!("{commands}/{}", topic::RESPONSE)),
                    own(&shadow("get")),
                    own(&shadow("update")),
                ],
            },
            {
                "Effect": "Allow",
                "Action": "iot:Subscribe",
                "Resource": [own_filter(&commands), own_filter(&shadow("*"))],
            },
            {
                "Effect": "Allow",
                "Action": "iot:Receive",
                "Resource": [own(&commands), own(&shadow("*"))],
            },
        ],
    })
}

fn shadow(operation: &str) -> String {
    format!("$aws/things/{THIS_THING}/shadow/{operation}")
}

fn own(topic: &str) -> ExpString {
    arn_of("iot", &format!("topic/{topic}"))
}

fn own_filter(topic: &str) -> ExpString {
    arn_of("iot", &format!("topicfilter/{topic}"))
}
