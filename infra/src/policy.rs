//! IAM statements. A wildcard takes its reason as an argument, and the reason
//! ends up beside the policy, in the resource's `Metadata`.

use serde_json::{Value, json};
use stratosphere::value::{ExpString, ToValue};

use crate::stack::Resource;

/// Key of the reasons in a resource's `Metadata`.
pub const WILDCARDS: &str = "Wildcards";

/// A statement that allows something.
#[derive(Clone, Debug)]
pub struct Statement {
    actions: Vec<&'static str>,
    element: &'static str,
    resources: Vec<ExpString>,
    condition: Option<Value>,
    wildcard: Option<&'static str>,
    suppressed: Vec<(&'static str, &'static str)>,
}

impl Statement {
    /// Allows `actions` on exactly one resource.
    ///
    /// # Panics
    ///
    /// When an action or the resource has a wildcard: that is [`Self::allow_pattern`].
    #[must_use]
    pub fn allow(actions: &[&'static str], resource: ExpString) -> Self {
        Self::allow_each(actions, vec![resource])
    }

    /// Allows `actions` on exactly these resources.
    ///
    /// # Panics
    ///
    /// As [`Self::allow`].
    #[must_use]
    pub fn allow_each(actions: &[&'static str], resources: Vec<ExpString>) -> Self {
        let statement = Self::new(actions, "Resource", resources, None);
        assert!(
            !statement.to_value().to_string().contains('*'),
            "a wildcard needs a reason: {statement:?}"
        );
        statement
    }

    /// Allows `actions` on resources that only a pattern can name.
    #[must_use]
    pub fn allow_pattern(
        actions: &[&'static str],
        resources: Vec<ExpString>,
        reason: &'static str,
    ) -> Self {
        Self::new(actions, "Resource", resources, Some(reason))
    }

    /// Allows `actions` on everything but `resources`.
    #[must_use]
    pub fn allow_except(
        actions: &[&'static str],
        resources: Vec<ExpString>,
        reason: &'static str,
    ) -> Self {
        Self::new(actions, "NotResource", resources, Some(reason))
    }

    /// Narrows the statement by a condition.
    #[must_use]
    pub fn when(mut self, condition: Value) -> Self {
        self.condition = Some(condition);
        self
    }

    /// Leaves out a rule of a checker for the role that gets the statement, and
    /// says why, as [`Resource::suppress`] does.
    #[must_use]
    pub fn suppress(mut self, rule: &'static str, reason: &'static str) -> Self {
        self.suppressed.push((rule, reason));
        self
    }

    fn new(
        actions: &[&'static str],
        element: &'static str,
        resources: Vec<ExpString>,
        wildcard: Option<&'static str>,
    ) -> Self {
        Self {
            actions: actions.to_vec(),
            element,
            resources,
            condition: None,
            wildcard,
            suppressed: Vec::new(),
        }
    }

    fn to_value(&self) -> Value {
        let mut statement = json!({
            "Effect": "Allow",
            "Action": self.actions,
            self.element: self.resources,
        });
        if let Some(condition) = &self.condition {
            statement["Condition"] = condition.clone();
        }
        statement
    }
}

/// A policy document with these statements.
#[must_use]
pub fn document(statements: &[Statement]) -> Value {
    let statements: Vec<Value> = statements.iter().map(Statement::to_value).collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// A trust policy: one AWS service may assume the role, if `condition` holds.
#[must_use]
pub fn trust(service: &str, condition: Option<Value>) -> Value {
    let mut statement = may_assume(&json!({ "Service": service }));
    if let Some(condition) = condition {
        statement["Condition"] = condition;
    }
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

/// A trust policy: whoever has the role `role`, an ARN, may assume this one.
#[must_use]
pub fn trust_role(role: &ExpString) -> Value {
    let statement = may_assume(&json!({ "AWS": role }));
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

fn may_assume(principal: &Value) -> Value {
    json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" })
}

/// Keeps a service from being talked into using the role by another account.
#[must_use]
pub fn from_this_account() -> Value {
    json!({ "StringEquals": { "aws:SourceAccount": { "Ref": "AWS::AccountId" } } })
}

/// Writes the reasons of all wildcards in `statements` beside the policy, and of
/// what they suppress.
pub fn explain(resource: &mut Resource, statements: &[Statement]) {
    let reasons: Vec<Value> = statements
        .iter()
        .filter_map(|statement| {
            let reason = statement.wildcard?;
            let resources: Vec<Value> = statement.resources.iter().map(ToValue::to_value).collect();
            Some(json!({ statement.element: resources, "Reason": reason }))
        })
        .collect();
    if !reasons.is_empty() {
        resource.remark(WILDCARDS, Value::Array(reasons));
    }
    for (rule, reason) in statements.iter().flat_map(|it| &it.suppressed) {
        resource.suppress(rule, reason);
    }
}

#[cfg(test)]
mod tests {
    use super::Statement;
    use crate::value::{arn, arn_of};

    #[test]
    #[should_panic(expected = "a wildcard needs a reason")]
    fn a_resource_with_a_wildcard_needs_a_reason() {
        drop(Statement::allow(&["iot:Publish"], arn_of("iot", "topic/*")));
    }

    #[test]
    #[should_panic(expected = "a wildcard needs a reason")]
    fn an_action_with_a_wildcard_needs_a_reason() {
        drop(Statement::allow(&["sqs:*"], arn("FailedQueue")));
    }
}
