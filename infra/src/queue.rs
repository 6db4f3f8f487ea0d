//! Queues where messages wait for an operator.

use serde_json::{Value, json};
use stratosphere::services::aws::sqs;
use stratosphere::value::ExpString;

use crate::function::Function;
use crate::policy::Statement;
use crate::schedule;
use crate::stack::Stack;
use crate::value::{arn, attribute, reference};

/// 14 days in seconds, the longest that SQS keeps a message: a failure over a
/// long holiday is still there afterwards.
const RETENTION: i32 = 14 * 24 * 60 * 60;

/// An encrypted queue without a consumer.
#[derive(Clone, Copy, Debug)]
pub struct Queue {
    id: &'static str,
}

impl Queue {
    /// Defines the queue, and a policy that insists on TLS, where there is TLS,
    /// and lets in what `schedules`, by their names, could not deliver.
    ///
    /// Logical ids: `{id}`, `{id}Policy`.
    pub fn define(stack: &mut Stack, id: &'static str, schedules: &[&str]) -> Self {
        let queue = Self { id };
        stack
            .add(
                id,
                &sqs::Queue! {
                    message_retention_period: RETENTION,
                    sqs_managed_sse_enabled: true,
                    // The end of the line: other queues may use it as theirs.
                    redrive_allow_policy: json!({ "redrivePermission": "allowAll" }),
                },
            )
            .retain()
            .suppress(
                "CKV_AWS_27",
                "SQS encrypts it with a key of its own; one of KMS would cost a monthly fee, and \
                 topic rules and schedules would have to be let in to that, too",
            );
        let tls = stack.target().cloud.insists_on_tls();
        let tls = tls.then(|| queue.refuse_without_tls());
        let schedules = schedules.iter().map(|name| queue.accept_from(name));
        let statements: Vec<Value> = tls.into_iter().chain(schedules).collect();
        if !statements.is_empty() {
            stack.add(
                format!("{id}Policy"),
                &sqs::QueuePolicy! {
                    queues: vec![queue.url()],
                    policy_document: json!({ "Version": "2012-10-17", "Statement": statements }),
                },
            );
        }
        queue
    }

    fn refuse_without_tls(&self) -> Value {
        json!({
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": self.arn(),
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        })
    }

    /// `EventBridge` has no role for what it could not deliver, so the queue itself
    /// lets it in.
    fn accept_from(&self, schedule: &str) -> Value {
        json!({
            "Effect": "Allow",
            "Principal": { "Service": "events.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": self.arn(),
            "Condition": { "ArnEquals": { "aws:SourceArn": schedule::arn_by_name(schedule) } },
        })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> ExpString {
        reference(self.id)
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> ExpString {
        arn(self.id)
    }

    /// Its name, as metrics have it.
    #[must_use]
    pub fn name(&self) -> ExpString {
        attribute(self.id, "QueueName")
    }

    /// Its name, in a pattern of `Fn::Sub`.
    #[must_use]
    pub fn name_in_pattern(&self) -> String {
        format!("${{{}.QueueName}}", self.id)
    }

    /// The right to put a message in.
    #[must_use]
    pub fn send(&self) -> Statement {
        Statement::allow(&["sqs:SendMessage"], self.arn())
    }

    /// Lets a function put messages in.
    pub fn grant_send(&self, function: &mut Function) {
        function.grant(self.send());
    }
}
