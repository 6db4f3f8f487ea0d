//! The rights of a role, one action on one resource each, as IAM has them.

use std::fmt;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::Stack;

/// A role, and its policies.
#[derive(Debug)]
pub(crate) struct Role {
    name: String,
    /// Those of its function; or of sessions that the function opens for others.
    of_function: bool,
    policies: Vec<(String, Value)>,
}

/// One action on one resource, and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Right {
    policy: usize,
    statement: usize,
    /// `Resource` or `NotResource`.
    element: &'static str,
    action: String,
    resource: String,
}

/// What the emulator asks no role for: a part of the action, a part of the resource, why.
const NOT_ENFORCED: &[(&str, &str, &str)] = &[
    (
        "logs:",
        "",
        "the local cloud takes every line of a function",
    ),
    (
        "glue:",
        "",
        "Athena reads the catalogue with the rights of who asks, and the local cloud's with its own",
    ),
    (
        "s3:",
        "telemetry",
        "Athena reads and writes files with the rights of who asks, and the local cloud's with its own",
    ),
    ("xray:", "", "the local cloud has no traces"),
    (
        "sqs:SendMessage",
        "-FailedQueue-",
        "Lambda itself puts there what failed, and the local cloud does not ask its role",
    ),
];

impl Role {
    /// The role of a function, and the roles that it may assume.
    pub(crate) async fn all_of(stack: &Stack, service: &str) -> Result<Vec<Self>> {
        let function = stack.lambda.get_function_configuration();
        let function = function.function_name(stack.function(service));
        let role = function.send().await?.role;
        let role = role.context("a function without a role")?;
        let own = Self::read(stack, &role, true).await?;
        let mut roles = Vec::new();
        for right in own.rights() {
            if right.action == "sts:AssumeRole" {
                roles.push(Self::read(stack, &right.resource, false).await?);
            }
        }
        roles.insert(0, own);
        Ok(roles)
    }

    async fn read(stack: &Stack, arn: &str, of_function: bool) -> Result<Self> {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        let attached = stack.iam.list_attached_role_policies().role_name(name);
        let attached = attached.send().await?.attached_policies.unwrap_or_default();
        ensure!(
            attached.is_empty(),
            "{name} has a policy that is not its own"
        );
        let mut policies = Vec::new();
        let listed = stack.iam.list_role_policies().role_name(name).send();
        for policy in listed.await?.policy_names {
            let read = stack.iam.get_role_policy().role_name(name);
            let read = read.policy_name(&policy).send().await?.policy_document;
            // IAM writes it as in a URL.
            let query = format!("document={}", read.replace('+', "%2B"));
            let (_, document) = form_urlencoded::parse(query.as_bytes())
                .next()
                .context("a policy without a document")?;
            policies.push((policy, serde_json::from_str(&document)?));
        }
        Ok(Self {
            name: name.to_owned(),
            of_function,
            policies,
        })
    }

    /// All that it allows.
    pub(crate) fn rights(&self) -> Vec<Right> {
        let mut rights = Vec::new();
        for (policy, (_, document)) in self.policies.iter().enumerate() {
            for (statement, body) in list(&document["Statement"]).iter().enumerate() {
                for element in ["Resource", "NotResource"] {
                    for resource in list(&body[element]) {
                        rights.extend(list(&body["Action"]).iter().map(|action| Right {
                            policy,
                            statement,
                            element,
                            action: text(action),
                            resource: text(&resource),
                        }));
                    }
                }
            }
        }
        rights
    }

    /// Whether others than the function act under it.
    pub(crate) fn is_assumed_by_others(&self) -> bool {
        !self.of_function
    }

    /// Gives it back what it had.
    pub(crate) async fn put(&self, stack: &Stack) -> Result<()> {
        for (name, document) in &self.policies {
            self.put_policy(stack, name, document).await?;
        }
        Ok(())
    }

    /// Takes one right from it.
    pub(crate) async fn put_without(&self, stack: &Stack, right: &Right) -> Result<()> {
        let (name, document) = &self.policies[right.policy];
        let mut statements = list(&document["Statement"]);
        let whole = statements.remove(right.statement);
        statements.extend(right.rest_of(&whole));
        if statements.is_empty() {
            let delete = stack.iam.delete_role_policy().role_name(&self.name);
            delete.policy_name(name).send().await?;
            return Ok(());
        }
        let reduced = json!({"Version": document["Version"], "Statement": statements});
        self.put_policy(stack, name, &reduced).await
    }

    async fn put_policy(&self, stack: &Stack, name: &str, document: &Value) -> Result<()> {
        let put = stack.iam.put_role_policy().role_name(&self.name);
        let put = put.policy_name(name).policy_document(document.to_string());
        put.send().await?;
        Ok(())
    }
}

impl Right {
    /// What a statement allows beside this right: the other actions on everything,
    /// and this action on the other resources.
    fn rest_of(&self, statement: &Value) -> Vec<Value> {
        let others = |element: &str, this: &str| -> Vec<Value> {
            let all = list(&statement[element]).into_iter();
            all.filter(|it| it != this).collect()
        };
        let actions = others("Action", &self.action);
        // What is left out of everything is one resource, not several.
        let resources = match self.element {
            "Resource" => others("Resource", &self.resource),
            _ => Vec::new(),
        };
        let with = |element: &str, values: Vec<Value>, other: &str, value: &Value| {
            let mut rest = statement.clone();
            rest[element] = values.into();
            rest[other] = value.clone();
            rest
        };
        let mut rest = Vec::new();
        if !actions.is_empty() {
            let all = &statement[self.element];
            rest.push(with("Action", actions, self.element, all));
        }
        if !resources.is_empty() {
            rest.push(with("Resource", resources, "Action", &json!(self.action)));
        }
        rest
    }

    /// Why the local cloud cannot tell whether it is needed.
    pub(crate) fn not_enforced(&self) -> Option<&'static str> {
        let matching = NOT_ENFORCED.iter().find(|(action, resource, _)| {
            self.action.starts_with(action) && self.resource.contains(resource)
        });
        matching.map(|(_, _, reason)| *reason)
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.element {
            // Region and account are the same for all.
            "Resource" => {
                let resource = self.resource.splitn(6, ':').last().unwrap_or_default();
                write!(f, "{} on {resource}", self.action)
            }
            _ => write!(f, "{} on all but {}", self.action, self.resource),
        }
    }
}

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.clone(),
        one => vec![one.clone()],
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
