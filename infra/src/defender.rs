//! Device Defender: what it finds in the account, and what devices do, is told;
//! what an operator may do about it lies ready.
//!
//! The topic of findings is here, with the role that publishes on it; audits, the
//! behaviour of devices and mitigation have a file each.

mod audit;
mod behaviour;
mod mitigation;

use contract::output;
use serde_json::{Value, json};
use stratosphere::services::aws::sns;
use stratosphere::value::ExpString;

use crate::custom_resource::Helper;
use crate::function::define_role;
use crate::manifest::Manifest;
use crate::policy::{self, Statement};
use crate::stack::Stack;
use crate::value::{arn, reference};

/// Logical ids.
const TOPIC: &str = "FindingsTopic";
const ROLE: &str = "FindingsRole";

/// Where findings and violations are told.
#[derive(Clone, Copy, Debug)]
struct Findings(());

impl Findings {
    /// ARN of the topic.
    fn topic(self) -> ExpString {
        reference(TOPIC)
    }

    /// ARN of the role that may publish on the topic, and nothing else.
    fn role(self) -> ExpString {
        arn(ROLE)
    }
}

/// Defines all of it.
///
/// Logical ids: `FindingsTopic…`, `FindingsRole`, and those of the parts.
pub fn define(stack: &mut Stack, manifest: &Manifest, helper: &Helper) {
    let findings = define_findings(stack);
    audit::define(stack, helper, findings);
    if manifest.defender.detect {
        behaviour::define(stack, findings);
    }
    mitigation::define(stack, manifest, helper, findings);
}

fn define_findings(stack: &mut Stack) -> Findings {
    let findings = Findings(());
    let topic = findings.topic();
    // Device Defender publishes by a role of this account, so the key that AWS
    // manages for SNS lets it in.
    stack.add(
        TOPIC,
        &sns::Topic! {
            display_name: "Findings of AWS IoT Device Defender",
            kms_master_key_id: "alias/aws/sns",
        },
    );
    let publish = Statement::allow(&["sns:Publish"], topic.clone());
    define_role(stack, ROLE, trust(), &[publish]);
    if stack.target().cloud.insists_on_tls() {
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sns:Publish",
                "Resource": topic,
                "Condition": { "Bool": { "aws:SecureTransport": "false" } },
            }],
        });
        stack.add(
            format!("{TOPIC}Policy"),
            &sns::TopicPolicy! { topics: vec![topic.clone()], policy_document: policy },
        );
    }
    stack.output(
        output::FINDINGS_TOPIC_ARN,
        "Topic that tells of findings and violations of Device Defender",
        json!(topic),
    );
    findings
}

/// Device Defender is a part of IoT Core.
fn trust() -> Value {
    policy::trust("iot.amazonaws.com", Some(policy::from_this_account()))
}
