//! Where the broker is, and what proves that it is the one.

use std::path::PathBuf;

use anyhow::{Context, Result};
use aws_sdk_iot::Client;

use crate::aws::{Account, explain};
use crate::broker::Place;

/// The broker's address, and its root certificate.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Endpoint {
    /// Host of the broker; the account's own where it is missing.
    #[arg(long, env = "IOT_ENDPOINT", value_name = "HOST")]
    pub(crate) endpoint: Option<String>,
    /// Port of the broker.
    #[arg(long, env = "IOT_PORT", default_value_t = 8883)]
    pub(crate) port: u16,
    /// Root certificate of the broker as a PEM file; the system's roots where it is missing.
    #[arg(long, env = "IOT_ROOT_CA", value_name = "FILE")]
    pub(crate) root_ca: Option<PathBuf>,
}

impl Endpoint {
    /// The broker's host name; asks the account where it was not given.
    ///
    /// # Errors
    ///
    /// When it was not given and the account does not tell.
    pub(crate) async fn host(&self, aws: Account) -> Result<String> {
        match &self.endpoint {
            Some(host) => Ok(host.clone()),
            None => account_endpoint(aws).await,
        }
    }

    /// The place that many devices connect to; the roots are read once.
    ///
    /// # Errors
    ///
    /// When the host is not known, or the root certificate cannot be read.
    pub(crate) async fn place(&self, aws: Account) -> Result<Place> {
        Place::new(&self.host(aws).await?, self.port, self.root_ca.as_deref())
    }
}

/// The broker of the account: IoT Core's `Data-ATS` endpoint.
async fn account_endpoint(aws: Account) -> Result<String> {
    let found = Client::new(&aws.load().await?)
        .describe_endpoint()
        .endpoint_type("iot:Data-ATS")
        .send()
        .await
        .map_err(|error| explain(&error))
        .context("could not find the account's broker: name it by `--endpoint`")?;
    let address = found
        .endpoint_address
        .context("the account has no broker")?;
    // An emulator names the port of its API here, which is not the broker's.
    let host = address.split(':').next().unwrap_or_default();
    Ok(host.to_owned())
}
