//! Queues where messages wait for an operator.

use serde_json::json;
use stratosphere::services::aws::sqs;
use stratosphere::value::ExpString;

use crate::function::Function;
use crate::policy::Statement;
use crate::stack::Stack;
use crate::value::{arn, reference};

/// 14 days in seconds, the longest that SQS keeps a message: a failure over a
/// long holiday is still there afterwards.
const RETENTION: i32 = 14 * 24 * 60 * 60;

/// An encrypted queue without a consumer.
#[derive(Clone, Copy, Debug)]
pub struct Queue {
    id: &'static str,
}

impl Queue {
    /// Defines the queue and, where there is TLS, the policy that insists on it.
    ///
    /// Logical ids: `{id}`, `{id}Policy`.
    pub fn define(stack: &mut Stack, id: &'static str) -> Self {
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
            .retain();
        if stack.target().cloud.insists_on_tls() {
            stack.add(
                format!("{id}Policy"),
                &sqs::QueuePolicy! {
                    queues: vec![queue.url()],
                    policy_document: json!({
                        "Version": "2012-10-17",
                        "Statement": [{
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "sqs:*",
                            "Resource": queue.arn(),
                            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
                        }],
                    }),
                },
            );
        }
        queue
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
