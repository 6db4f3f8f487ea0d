//! Queues, as an operator reads them.

use anyhow::{Context, Result};
use aws_sdk_sqs::types::{Message, QueueAttributeName};
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
    /// Waits for a message that `wanted` accepts and takes it.
    ///
    /// # Errors
    ///
    /// When there is none within a minute.
    pub async fn take(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        self.take_all(what, 1, wanted)
            .await?
            .pop()
            .context("a message")
    }

    /// Waits for `number` messages that `wanted` accepts and takes them; others
    /// stay, for the tests that run beside this one.
    ///
    /// # Errors
    ///
    /// When there are fewer within a minute.
    pub async fn take_all(
        &self,
        what: &str,
        number: usize,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Vec<Value>> {
        let mut taken = Vec::new();
        eventually(what, async || {
            for message in self.receive().await? {
                let body = serde_json::from_str(message.body().unwrap_or_default())?;
                if taken.len() < number && wanted(&body) {
                    self.delete(&message).await?;
                    taken.push(body);
                }
            }
            Ok((taken.len() == number).then_some(()))
        })
        .await?;
        Ok(taken)
    }

    async fn receive(&self) -> Result<Vec<Message>> {
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
        Ok(received.messages.unwrap_or_default())
    }

    async fn delete(&self, message: &Message) -> Result<()> {
        let receipt = message
            .receipt_handle()
            .context("a message without a receipt")?;
        self.stack
            .sqs
            .delete_message()
            .queue_url(self.url)
            .receipt_handle(receipt)
            .send()
            .await?;
        Ok(())
    }

    /// Takes a rejected message of `device`: the reason, and the payload decoded.
    ///
    /// # Errors
    ///
    /// When there is none within a minute.
    pub async fn rejection_of(&self, device: &str) -> Result<(String, Vec<u8>)> {
        self.rejections_of(device, 1)
            .await?
            .pop()
            .context("a rejected message")
    }

    /// The same for `number` messages.
    ///
    /// # Errors
    ///
    /// When there are fewer within a minute.
    pub async fn rejections_of(
        &self,
        device: &str,
        number: usize,
    ) -> Result<Vec<(String, Vec<u8>)>> {
        let kept = self
            .take_all("rejected messages", number, |it| it["deviceId"] == device)
            .await?;
        kept.iter()
            .map(|message| {
                let reason = message["reason"].as_str().context("no reason")?;
                let payload =
                    STANDARD.decode(message["payload"].as_str().context("no payload")?)?;
                Ok((reason.to_owned(), payload))
            })
            .collect()
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
