//! The configuration of all SDK clients, made once at cold start.
//!
//! Not `aws-config`: a function's credentials and region are in its
//! environment, and looking for them elsewhere costs start-up time. TLS is
//! rustls with ring and five embedded roots; `docs/decisions.md` has the numbers.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::env::{self, Missing};

/// Amazon Root CA 1 to 4 and Starfield Services Root G2: every AWS endpoint's
/// chain ends in one of them (<https://www.amazontrust.com/repository/>).
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// A call that took longer is tried again; three attempts stay well inside
/// the 15 seconds of a function.
const ATTEMPT: Duration = Duration::from_secs(3);

/// The configuration for clients of a function.
///
/// `AWS_ENDPOINT_URL` replaces the address of every service where it is set.
///
/// # Errors
///
/// [`Missing`] when Lambda's own variables are not there, or no TLS could be set up.
pub fn sdk_config() -> Result<SdkConfig, lambda_runtime::Error> {
    let tls = TlsContext::builder()
        .with_trust_store(TrustStore::empty().with_pem_certificate(AMAZON_ROOTS))
        .build()?;
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls)
        .build_https();

    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(env::required("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials()?))
        .http_client(http)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(1))
                .operation_attempt_timeout(ATTEMPT)
                .build(),
        );
    config.set_endpoint_url(env::optional("AWS_ENDPOINT_URL"));
    Ok(config.build())
}

/// The credentials of the function's role, as Lambda passes them in.
fn credentials() -> Result<Credentials, Missing> {
    Ok(Credentials::new(
        env::required("AWS_ACCESS_KEY_ID")?,
        env::required("AWS_SECRET_ACCESS_KEY")?,
        env::optional("AWS_SESSION_TOKEN"),
        None,
        "function environment",
    ))
}
