//! The boundary of every role that the pipeline may create.
//!
//! Whoever can change a template and create roles could give all rights to a
//! function. So the roles of the solution get a policy that no right of theirs
//! leads out of: what the solution's own roles allow, of all components and
//! options, read from its template.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use stratosphere::services::aws::iam;
use stratosphere::value::{ExpString, ToValue};

use super::SOLUTION;
use crate::local::Cloud;
use crate::manifest::Manifest;
use crate::policy::WILDCARDS;
use crate::solution;
use crate::stack::Stack;
use crate::target::Target;
use crate::value::{arn_of, literal, reference, sub};

const ID: &str = "Boundary";

const GRANTS_NOTHING: &str = "a boundary grants nothing: each role's own policy names what it may reach, and this \
                              only what that can be at most";

/// The defined boundary.
#[derive(Clone, Copy, Debug)]
pub(super) struct Boundary(());

impl Boundary {
    /// Its ARN.
    pub(super) fn arn(self) -> ExpString {
        reference(ID)
    }
}

/// Defines the policy. It has no name, so that two pipelines' do not meet.
pub(super) fn define(stack: &mut Stack) -> Boundary {
    let statements: Vec<Value> = actions()
        .into_iter()
        .map(|(service, actions)| {
            let resource = at_most(&service).to_value();
            let mut statement =
                json!({ "Effect": "Allow", "Action": actions, "Resource": resource });
            if service == "iam" {
                // Audits get a role of the solution, and nobody else does.
                statement["Condition"] =
                    json!({ "StringEquals": { "iam:PassedToService": "iot.amazonaws.com" } });
            }
            statement
        })
        .collect();
    let patterns: Vec<Value> = statements.iter().map(|it| it["Resource"].clone()).collect();
    stack
        .add(
            ID,
            &iam::ManagedPolicy! {
                description: "What no role of the solution can go beyond",
                policy_document: json!({ "Version": "2012-10-17", "Statement": statements }),
            },
        )
        .suppress("CKV_AWS_108", GRANTS_NOTHING)
        .suppress("CKV_AWS_109", GRANTS_NOTHING)
        .suppress("CKV_AWS_111", GRANTS_NOTHING)
        .suppress("CREDENTIALS_EXPOSURE", GRANTS_NOTHING)
        .suppress("PERMISSIONS_MANAGEMENT_ACTIONS", GRANTS_NOTHING)
        .remark(
            WILDCARDS,
            json!([{
                "Resource": patterns,
                "Reason": GRANTS_NOTHING,
            }]),
        );
    Boundary(())
}

/// What the roles of the solution allow, by service.
fn actions() -> BTreeMap<String, BTreeSet<String>> {
    let manifest = Manifest {
        tracing: true,
        ..Manifest::full(Cloud::Aws)
    };
    let solution = solution::define(&manifest, Target::without_binaries(Cloud::Aws));
    let mut actions = BTreeMap::<_, BTreeSet<_>>::new();
    for action in solution.allowed_actions() {
        if let Some((service, _)) = action.split_once(':') {
            let service = service.to_owned();
            actions.entry(service).or_default().insert(action);
        }
    }
    actions
}

/// What the actions of a service may reach: what carries the stack's name, where
/// the service's names do.
fn at_most(service: &str) -> ExpString {
    let carries = |resource: &str| arn_of(service, &format!("{resource}{SOLUTION}*"));
    match service {
        "dynamodb" => carries("table/"),
        "lambda" => carries("function:"),
        "logs" => carries("log-group:/aws/*/"),
        "sqs" => carries(""),
        "iam" | "sts" => sub(format!(
            "arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{SOLUTION}-*"
        )),
        "firehose" => carries("deliverystream/"),
        "athena" => carries("workgroup/"),
        "s3" => sub(format!(
            "arn:${{AWS::Partition}}:s3:::{}*",
            SOLUTION.to_lowercase()
        )),
        // Things, certificates, phone numbers, user pools and whatever has no ARN
        // carry no name of a stack.
        _ => literal("*"),
    }
}
