//! Queues, as an operator reads them.

use anyhow::{Context, Result};
use aws_sdk_sqs::types::QueueAttributeName;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::output;
use serde_json::Value;

use crate::{Stack, eventually};

/// A queue; messages are JSON.
#[derive(Clone, Copy, Debug)]
pub struct Queue<'a> {
    stack: &'a Stack,
    url: &'a str,
}

impl Stack {
    /// The queue of messages that were not valid.
    #[must_use]
    pub fn rejected(&self) -> Queue<'_> {
        self.queue(self.output(output::REJECTED_QUEUE_URL))
    }

    /// The queue of what a function or a rule failed to handle.
    #[must_use]
    pub fn failed(&self) -> Queue<'_> {
        self.queue(self.output(output::FAILED_QUEUE_URL))
    }

    /// Any queue.
    #[must_use]
    pub fn queue<'a>(&'a self, url: &'a str) -> Queue<'a> {
        Queue { stack: self, url }
    }

    /// A new queue that gets what the alert topic sends for `filter`, an SNS
    /// filter policy over message attributes; returns its URL.
    ///
    /// # Errors
    ///
    /// When a step is refused.
    pub async fn alerts_queue(&self, filter: &Value) -> Result<String> {
        let topic = self.output(output::ALERT_TOPIC_ARN);
        let name = format!("alerts-{}", crate::serial());
        let url = self
            .sqs
            .create_queue()
            .queue_name(name)
            .send()
            .await?
            .queue_url;
        let url = url.context("a queue without a URL")?;
        let attributes = self
            .sqs
            .get_queue_attributes()
            .queue_url(&url)
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await?
            .attributes
            .unwrap_or_default();
        let arn = attributes
            .get(&QueueAttributeName::QueueArn)
            .context("a queue without an ARN")?;
        let policy = serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
            }],
        });
        self.sqs
            .set_queue_attributes()
            .queue_url(&url)
            .attributes(QueueAttributeName::Policy, policy.to_string())
            .send()
            .await?;
        self.sns
            .subscribe()
            .topic_arn(topic)
            .protocol("sqs")
            .endpoint(arn)
            .attributes("FilterPolicy", filter.to_string())
            .send()
            .await?;
        Ok(url)
    }
}

impl Queue<'_> {
    /// Waits for a message that `wanted` accepts and takes it; others stay,
    /// for the tests that run beside this one.
    ///
    /// # Errors
    ///
    /// When there is none within a minute.
    pub async fn take(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        eventually(what, async || {
            let received = self
                .stack
                .sqs
                .receive_message()
                .queue_url(self.url)
                .max_number_of_messages(10)
                // Long enough to see what lies behind these ten, and no longer.
                .visibility_timeout(1)
                .send()
                .await?;
            for message in received.messages.unwrap_or_default() {
                let body = serde_json::from_str(message.body().unwrap_or_default())?;
                if wanted(&body) {
                    self.stack
                        .sqs
                        .delete_message()
                        .queue_url(self.url)
                        .receipt_handle(message.receipt_handle().unwrap_or_default())
                        .send()
                        .await?;
                    return Ok(Some(body));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Takes a rejected message of `device`; its payload is decoded.
    ///
    /// # Errors
    ///
    /// When there is none within a minute.
    pub async fn rejection_of(&self, device: &str) -> Result<(String, Vec<u8>)> {
        let message = self
            .take("a rejected message", |it| it["deviceId"] == device)
            .await?;
        let reason = message["reason"]
            .as_str()
            .context("a rejected message without a reason")?;
        let payload = STANDARD.decode(message["payload"].as_str().unwrap_or_default())?;
        Ok((reason.to_owned(), payload))
    }

    /// How many messages it holds.
    ///
    /// # Errors
    ///
    /// When the cloud does not answer.
    pub async fn len(&self) -> Result<usize> {
        let attributes = self
            .stack
            .sqs
            .get_queue_attributes()
            .queue_url(self.url)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
            .send()
            .await?
            .attributes
            .unwrap_or_default();
        attributes.values().map(|it| Ok(it.parse::<usize>()?)).sum()
    }
}
