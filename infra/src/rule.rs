//! Topic rules: messages of a topic, handed to a function.

use stratosphere::services::aws::iot;
use stratosphere::services::aws::iot::topicrule;

use crate::function::{Function, define_role};
use crate::policy;
use crate::queue::Queue;
use crate::stack::Stack;
use crate::value::arn;

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
    let role = format!("{}Role", props.id);
    define_role(
        stack,
        &role,
        policy::trust("iot.amazonaws.com", Some(policy::from_this_account())),
        &[props.failures.send()],
    );
    let invoke = topicrule::Action! {
        lambda: topicrule::LambdaAction! { function_arn: props.function.arn() },
    };
    let keep = topicrule::Action! {
        sqs: topicrule::SqsAction! {
            queue_url: props.failures.url(),
            role_arn: arn(&role),
            use_base64: false,
        },
    };
    let rule = stack.add(
        props.id,
        &iot::TopicRule! {
            topic_rule_payload: topicrule::TopicRulePayload! {
                aws_iot_sql_version: "2016-03-23",
                description: props.description,
                sql: props.sql.as_str(),
                actions: vec![invoke],
                error_action: keep,
                rule_disabled: false,
            },
        },
    );
    // No message comes before what keeps it if it fails.
    rule.after(&props.function.failures());
    props
        .function
        .allow_service(stack, props.id, "iot.amazonaws.com", arn(props.id));
}
