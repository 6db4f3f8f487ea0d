//! What an operator watches: alarms, the topic that tells of them, and a
//! dashboard. They look at what is deployed and change nothing of it.

mod alarms;
mod dashboard;

use contract::output;
use serde_json::json;
use stratosphere::services::aws::sns;

use crate::base::Base;
use crate::manifest::Manifest;
use crate::stack::Stack;
use crate::value::{arn_of, reference};

/// Logical id.
const OPERATOR_TOPIC: &str = "OperatorTopic";

/// Defines the operator's topic, the alarms of what the manifest switches on,
/// and the dashboard.
///
/// Logical ids: `OperatorTopic…`, `…Alarm`, `Dashboard`.
pub fn define(stack: &mut Stack, manifest: &Manifest, base: &Base) {
    define_topic(stack);
    alarms::define(stack, manifest, base);
    dashboard::define(stack, manifest, base);
}

fn define_topic(stack: &mut Stack) {
    let topic = reference(OPERATOR_TOPIC);
    stack
        .add(
            OPERATOR_TOPIC,
            &sns::Topic! { display_name: "Alarms of the smart product solution" },
        )
        .suppress(
            "CKV_AWS_26",
            "CloudWatch may not use the key that AWS manages for SNS, and one of our own costs a \
             monthly fee; an alarm names a metric and its value, nothing of users or devices",
        );
    let mut statements = vec![json!({
        "Effect": "Allow",
        "Principal": { "Service": "cloudwatch.amazonaws.com" },
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {
            "ArnLike": { "aws:SourceArn": arn_of("cloudwatch", "alarm:${AWS::StackName}-*") },
        },
    })];
    if stack.target().cloud.insists_on_tls() {
        statements.push(json!({
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        }));
    }
    stack.add(
        "OperatorTopicPolicy",
        &sns::TopicPolicy! {
            topics: vec![topic.clone()],
            policy_document: json!({ "Version": "2012-10-17", "Statement": statements }),
        },
    );
    stack.output(
        output::OPERATOR_TOPIC_ARN,
        "Topic that tells the operator of alarms",
        json!(topic),
    );
}
