//! HTTP requests that belong to no API of AWS.

use std::error::Error;
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

/// Longest time of one attempt.
pub(crate) const ATTEMPT: Duration = Duration::from_secs(3);

/// A request.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) method: &'static str,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) body: String,
    /// Between two of them are pauses of at most 1, 2, 4, 4… seconds.
    pub(crate) attempts: u32,
}

/// A request that did not get through. Neither says where it went: whoever knows
/// the address of an answer can answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsent {
    #[error("the address is not one of HTTP")]
    Address,
    #[error("it could not be sent")]
    Send(#[source] Box<dyn Error + Send + Sync>),
}

/// The other side does not take it.
#[derive(Debug, thiserror::Error)]
#[error("it was refused with status {0}")]
struct Refused(u16);

impl Outgoing {
    /// Sends it to `url` by the HTTP client of `sdk`, byte by byte as it is written.
    pub(crate) async fn send(self, sdk: &SdkConfig, url: &str) -> Result<(), Unsent> {
        let (origin, path) = split(url).ok_or(Unsent::Address)?;
        let path = path.to_owned();
        let mut operation = Operation::builder()
            .service_name("Outgoing")
            .operation_name("Send")
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
                    .with_max_attempts(self.attempts)
                    .with_max_backoff(Duration::from_secs(4)),
            )
            .retry_classifier(TransientErrorClassifier::<Refused>::new())
            .retry_classifier(HttpStatusCodeClassifier::default());
        if let Some(http) = sdk.http_client() {
            operation = operation.http_client(http);
        }
        if let Some(sleep) = sdk.sleep_impl() {
            operation = operation.sleep_impl(sleep);
        }
        operation
            .serializer(move |outgoing: Self| {
                let mut request = HttpRequest::new(SdkBody::from(outgoing.body));
                request.set_method(outgoing.method)?;
                request.set_uri(path.clone())?;
                if let Some(content_type) = outgoing.content_type {
                    request.headers_mut().insert("content-type", content_type);
                }
                Ok(request)
            })
            .deserializer(|response| match response.status().as_u16() {
                200..300 => Ok(()),
                status => Err(OrchestratorError::operation(Refused(status))),
            })
            .build()
            .invoke(self)
            .await
            .map_err(|err| Unsent::Send(err.into()))
    }
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
mod tests {
    use super::split;

    #[test]
    fn an_address_is_an_origin_and_what_was_signed() {
        for (url, expected) in [
            (
                "https://s3.amazonaws.com/a%7Cb?c=d%2F/e",
                Some(("https://s3.amazonaws.com", "/a%7Cb?c=d%2F/e")),
            ),
            (
                "http://localhost:4566/x",
                Some(("http://localhost:4566", "/x")),
            ),
            ("https://s3.amazonaws.com", None),
            ("https:///x", None),
            ("ftp://s3.amazonaws.com/x", None),
            ("", None),
        ] {
            assert_eq!(split(url), expected, "{url}");
        }
    }
}
