//! The account to work in.

use anyhow::{Result, ensure};
use aws_config::{BehaviorVersion, Region, SdkConfig};
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
