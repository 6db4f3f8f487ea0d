//! The account to work in.

use std::error::Error as StdError;
use std::fmt::Debug;

use anyhow::{Chain, Error, Result, anyhow, ensure};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_iot::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

/// Where the AWS API is. Credentials come from the usual places: environment,
/// profile, container or instance.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Account {
    /// Address of the AWS API, where it is not AWS itself.
    #[arg(long, env = "AWS_ENDPOINT_URL", value_name = "URL")]
    aws_endpoint: Option<String>,
    /// AWS region; the profile's where it is missing.
    #[arg(long, env = "AWS_REGION")]
    region: Option<String>,
}

impl Account {
    pub(crate) async fn load(self) -> Result<SdkConfig> {
        let tls = Provider::Rustls(CryptoMode::Ring);
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(Builder::new().tls_provider(tls).build_https());
        if let Some(url) = self.aws_endpoint {
            loader = loader.endpoint_url(url);
        }
        if let Some(region) = self.region {
            loader = loader.region(Region::new(region));
        }
        let config = loader.load().await;
        ensure!(
            config.region().is_some(),
            "no AWS region is set: give `--region` or set AWS_REGION"
        );
        Ok(config)
    }
}

/// What AWS answered, or why it did not, in one sentence.
pub(crate) fn explain<E, R>(error: &SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + StdError + 'static,
    R: Debug + 'static,
{
    if let Some(answer) = error.as_service_error() {
        let code = answer.code().unwrap_or("unknown error");
        return anyhow!(
            "{code}: {}",
            answer.message().unwrap_or("AWS gave no reason")
        );
    }
    let mut causes = Chain::new(error);
    if causes.any(<dyn StdError>::is::<CredentialsError>) {
        return anyhow!(
            "there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
        );
    }
    let cause = Chain::new(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default();
    anyhow!("the AWS API does not answer ({cause}): is its address right, and the network there?")
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;
    use aws_credential_types::credential_fn::provide_credentials_fn;
    use aws_credential_types::provider::Result as Provided;
    use aws_sdk_iot::config::retry::RetryConfig;
    use aws_sdk_iot::{Client, Config};

    use super::*;

    /// The explanation of a call to an address where nobody listens.
    async fn explained(credentials: fn() -> Provided) -> String {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(Builder::new().build_http())
            .region(Region::new("eu-west-1"))
            .endpoint_url("http://127.0.0.1:1")
            .retry_config(RetryConfig::disabled())
            .credentials_provider(provide_credentials_fn(move || async move { credentials() }))
            .build();
        let error = Client::from_conf(config)
            .get_registration_code()
            .send()
            .await
            .unwrap_err();
        explain(&error).to_string()
    }

    #[tokio::test]
    async fn a_failed_call_is_explained_in_one_sentence() {
        let key = || Ok(Credentials::new("id", "secret", None, None, "test"));
        assert_eq!(
            explained(key).await,
            "the AWS API does not answer (Connection refused (os error 111)): is its address \
             right, and the network there?"
        );
        let no_key = || Err(CredentialsError::not_loaded("nothing here"));
        assert_eq!(
            explained(no_key).await,
            "there are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \
             AWS_PROFILE"
        );
    }
}
