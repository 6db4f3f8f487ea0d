//! Topic rules: messages of a topic, handed to a function or a stream.

use stratosphere::services::aws::iot;
use stratosphere::services::aws::iot::topicrule;

use crate::function::{Function, define_role};
use crate::policy::{self, Statement};
use crate::queue::Queue;
use crate::stack::{Resource, Stack};
use crate::value::{arn, arn_of, reference};

/// A rule and what surrounds it.
#[derive(Debug)]
pub struct RuleProps<'a> {
    /// Logical id.
    pub id: &'static str,
    /// For the console's list of rules.
    pub description: &'static str,
    /// IoT SQL, version 2016-03-23.
    pub sql: String,
    /// Gets what the statement selects; it needs a failure destination, since
    /// IoT Core invokes it asynchronously.
    pub function: &'a Function,
    /// Gets the message and the reason if the function cannot be invoked.
    pub failures: Queue,
}

/// Defines the rule, the role of its error action, and the function's
/// permission to be invoked by it.
///
/// Logical ids: `{id}`, `{id}Role` and the function's `…{id}Permission`. The rule's
/// name is generated, since it may not have the hyphens of a stack's name.
pub fn define(stack: &mut Stack, props: &RuleProps<'_>) {
    let invoke = topicrule::Action! {
        lambda: topicrule::LambdaAction! { function_arn: props.function.arn() },
    };
    let what = (props.id, props.description, props.sql.as_str());
    let rule = add(stack, what, &[], invoke, props.failures);
    // No message comes before what keeps it if it fails.
    rule.after(&props.function.failures());
    props
        .function
        .allow_service(stack, props.id, "iot.amazonaws.com", arn(props.id));
}

/// A rule that hands messages to a stream of Data Firehose.
#[derive(Debug)]
pub struct StreamRuleProps<'a> {
    /// Logical id.
    pub id: &'static str,
    /// For the console's list of rules.
    pub description: &'static str,
    /// IoT SQL, version 2016-03-23.
    pub sql: String,
    /// Logical id of the stream that gets what the statement selects.
    pub stream: &'a str,
    /// Gets the message and the reason if the stream does not take it.
    pub failures: Queue,
}

/// Defines the rule, and the role of its action and its error action.
///
/// Logical ids: `{id}`, `{id}Role`.
pub fn define_to_stream(stack: &mut Stack, props: &StreamRuleProps<'_>) {
    let put = Statement::allow(
        &["firehose:PutRecord", "firehose:PutRecordBatch"],
        arn_of("firehose", &format!("deliverystream/${{{}}}", props.stream)),
    );
    let put_into = topicrule::Action! {
        firehose: topicrule::FirehoseAction! {
            delivery_stream_name: reference(props.stream),
            role_arn: arn(&role_of(props.id)),
            batch_mode: true,
        },
    };
    let what = (props.id, props.description, props.sql.as_str());
    add(stack, what, &[put], put_into, props.failures);
}

fn role_of(rule: &str) -> String {
    format!("{rule}Role")
}

/// The rule `id` with its description and statement, whose role has the rights
/// of `action` and of keeping what failed.
fn add<'a>(
    stack: &'a mut Stack,
    (id, description, sql): (&str, &str, &str),
    rights: &[Statement],
    action: topicrule::Action_,
    failures: Queue,
) -> &'a mut Resource {
    let role = role_of(id);
    let rights: Vec<_> = rights.iter().cloned().chain([failures.send()]).collect();
    define_role(
        stack,
        &role,
        policy::trust("iot.amazonaws.com", Some(policy::from_this_account())),
        &rights,
    );
    let keep = topicrule::Action! {
        sqs: topicrule::SqsAction! {
            queue_url: failures.url(),
            role_arn: arn(&role),
            use_base64: false,
        },
    };
    stack.add(
        id,
        &iot::TopicRule! {
            topic_rule_payload: topicrule::TopicRulePayload! {
                aws_iot_sql_version: "2016-03-23",
                description: description,
                sql: sql,
                actions: vec![action],
                error_action: keep,
                rule_disabled: false,
            },
        },
    )
}
