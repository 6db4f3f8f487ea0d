//! The answer to CloudFormation: a PUT to a presigned address of S3.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html>

use std::collections::BTreeMap;
use std::time::Duration;

use aws_types::SdkConfig;
use serde::Serialize;

use crate::outgoing::{Outgoing, Unsent};
use crate::request::Caller;

/// Longest time that sending an answer takes: four attempts of
/// [`crate::outgoing::ATTEMPT`], and pauses of at most 1, 2 and 4 seconds between them.
pub(crate) const LONGEST: Duration = Duration::from_secs(19);

const ATTEMPTS: u32 = 4;

/// Characters of a reason; the whole answer may have 4,096 bytes.
const LONGEST_REASON: usize = 600;

/// What a resource has, for `Fn::GetAtt`.
pub(crate) type Attributes = BTreeMap<&'static str, String>;

/// Sends answers.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    sdk: SdkConfig,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    status: &'static str,
    reason: String,
    physical_resource_id: &'a str,
    stack_id: &'a str,
    request_id: &'a str,
    logical_resource_id: &'a str,
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    data: Attributes,
}

impl Answers {
    /// Answers go out by the HTTP client of `sdk`, which trusts what S3's
    /// certificates are signed with.
    pub(crate) fn new(sdk: &SdkConfig) -> Self {
        Self { sdk: sdk.clone() }
    }

    /// Tells `caller` that it is done, and what the resource has, or why it could
    /// not be done.
    pub(crate) async fn send(
        &self,
        caller: &Caller,
        outcome: Result<Attributes, String>,
    ) -> Result<(), Unsent> {
        let body = body(caller, outcome).map_err(|err| Unsent::Send(err.into()))?;
        let answer = Outgoing {
            method: "PUT",
            // The signature covers an empty one, so none is sent.
            content_type: None,
            body,
            attempts: ATTEMPTS,
        };
        answer.send(&self.sdk, caller.response_url.as_str()).await
    }
}

fn body(caller: &Caller, outcome: Result<Attributes, String>) -> serde_json::Result<String> {
    let (status, reason, data) = match outcome {
        Ok(data) => ("SUCCESS", String::new(), data),
        Err(reason) => (
            "FAILED",
            reason.chars().take(LONGEST_REASON).collect(),
            Attributes::new(),
        ),
    };
    serde_json::to_string(&Body {
        status,
        reason,
        physical_resource_id: caller.physical_resource_id(),
        stack_id: &caller.stack_id,
        request_id: &caller.request_id,
        logical_resource_id: &caller.logical_resource_id,
        data,
    })
}

#[cfg(test)]
mod tests;
