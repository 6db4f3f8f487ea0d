//! The answer to CloudFormation: a PUT to a presigned address of S3.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html>

use std::collections::BTreeMap;
use std::time::Duration;

use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use serde::Serialize;

use crate::request::Caller;

/// Longest time that sending an answer takes: four attempts of [`ATTEMPT`], and
/// pauses of at most 1, 2 and 4 seconds between them.
pub(crate) const LONGEST: Duration = Duration::from_secs(19);

const ATTEMPTS: u32 = 4;
const ATTEMPT: Duration = Duration::from_secs(3);

/// Characters of a reason; the whole answer may have 4,096 bytes.
const LONGEST_REASON: usize = 600;

/// What a resource has, for `Fn::GetAtt`.
pub(crate) type Attributes = BTreeMap<&'static str, String>;

/// Sends answers.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    sdk: SdkConfig,
}

/// An answer that did not get through.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unanswered {
    #[error("the address for the answer is not one of HTTP")]
    Address,
    #[error("the answer could not be sent")]
    Send(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// S3 has refused the answer.
#[derive(Debug, thiserror::Error)]
#[error("the answer was refused with status {0}")]
struct Refused(u16);

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
    ) -> Result<(), Unanswered> {
        let (origin, path) = split(caller.response_url.as_str()).ok_or(Unanswered::Address)?;
        let body = body(caller, outcome).map_err(|err| Unanswered::Send(err.into()))?;
        let mut operation = Operation::builder()
            .service_name("CloudFormation")
            .operation_name("Answer")
            .behavior_version(BehaviorVersion::latest())
            .no_auth()
            .endpoint_url(origin)
            .time_source(SystemTimeSource::new())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(1))
                    .operation_attempt_timeout(ATTEMPT)
                    .build(),
            )
            .standard_retry(
                &RetryConfig::standard()
                    .with_max_attempts(ATTEMPTS)
                    .with_max_backoff(Duration::from_secs(4)),
            )
            .retry_classifier(TransientErrorClassifier::<Refused>::new())
            .retry_classifier(HttpStatusCodeClassifier::default());
        if let Some(http) = self.sdk.http_client() {
            operation = operation.http_client(http);
        }
        if let Some(sleep) = self.sdk.sleep_impl() {
            operation = operation.sleep_impl(sleep);
        }
        operation
            // The signature covers an empty content type, so none is sent.
            .serializer(|(path, body): (String, String)| {
                let mut request = HttpRequest::new(SdkBody::from(body));
                request.set_method("PUT")?;
                request.set_uri(path)?;
                Ok(request)
            })
            .deserializer(|response| match response.status().as_u16() {
                200..300 => Ok(()),
                status => Err(OrchestratorError::operation(Refused(status))),
            })
            .build()
            .invoke((path.to_owned(), body))
            .await
            .map_err(|err| Unanswered::Send(err.into()))
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

/// `https://host` and `/path?query`.
fn split(url: &str) -> Option<(&str, &str)> {
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    let path = host.find('/').filter(|&length| length > 0)?;
    Some(url.split_at(url.len() - host.len() + path))
}

#[cfg(test)]
mod tests;
