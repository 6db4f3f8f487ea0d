//! `Custom::UsageReport`: whenever the stack is made, changed or removed, its
//! anonymous usage data goes to the address that the manifest names.
//!
//! A report is [`Report`] and nothing else. It never stops a deployment: what
//! goes wrong is a line in the log.

use std::fmt;
use std::time::Duration;

use adapters::DynamoRowCount;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_types::SdkConfig;
use contract::resource;
use domain::store::StoreError;
use domain::time;
use jiff::Timestamp;
use runtime::Chain;
use serde::Serialize;
use serde_json::Value;
use tracing::{info, warn};

use crate::answer::Attributes;
use crate::maker::{Failure, Maker, Making};
use crate::outgoing::{Outgoing, Unsent};
use crate::request::Request;

/// Whose report it is.
const SOLUTION: &str = "smart-product";

/// Longest time of a report; `CloudFormation` waits for it.
pub(crate) const LONGEST: Duration = Duration::from_secs(15);

const ATTEMPTS: u32 = 2;

/// All that is sent.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Report {
    solution: &'static str,
    /// Drawn at random for the stack, see [`crate::stack_uuid`].
    uuid: String,
    timestamp: String,
    counts: Counts,
}

#[derive(Debug, PartialEq, Serialize)]
struct Counts {
    /// Components that are switched on.
    components: u64,
    /// Registrations, those of deleted devices included.
    devices: u64,
}

/// Whoever collects reports.
pub(crate) trait Collector: Sync {
    /// Sends the report.
    fn send(&self, url: &str, report: &Report) -> impl Future<Output = Result<(), Unsent>> + Send;
}

/// The account's tables.
pub(crate) trait RowCount: Sync {
    /// About how many rows the table has.
    fn of(&self, table: &str) -> impl Future<Output = Result<u64, StoreError>> + Send;
}

/// Reports.
#[derive(Debug)]
pub(crate) struct ReportUsage<C, R> {
    pub(crate) collector: C,
    pub(crate) rows: R,
    /// How long a report may take.
    pub(crate) longest: Duration,
}

impl<C, R> Maker for ReportUsage<C, R>
where
    C: Collector + fmt::Debug + Send,
    R: RowCount + fmt::Debug + Send,
{
    fn make<'a>(&'a self, request: &'a Request) -> Making<'a> {
        Box::pin(async move {
            match tokio::time::timeout(self.longest, self.report(request)).await {
                Ok(Ok(())) => info!("usage data was sent"),
                Ok(Err(reason)) => warn!("usage data was not sent: {reason}"),
                Err(_) => warn!("usage data was not sent: it took too long"),
            }
            Ok(Attributes::new())
        })
    }
}

impl<C: Collector, R: RowCount> ReportUsage<C, R> {
    async fn report(&self, request: &Request) -> Result<(), String> {
        let chain = |err: Failure| Chain(&err).to_string();
        let url: String = request.read(resource::URL).map_err(chain)?;
        if !url.starts_with("https://") {
            return Err("the address does not begin with https://".to_owned());
        }
        let table: String = request.read(resource::TABLE).map_err(chain)?;
        let devices = self.rows.of(&table).await;
        let report = Report {
            solution: SOLUTION,
            uuid: request.read(resource::UUID).map_err(chain)?,
            timestamp: time::text(Timestamp::now()),
            counts: Counts {
                components: number(&request.properties[resource::COMPONENTS]),
                devices: devices.map_err(|err| Chain(&err).to_string())?,
            },
        };
        let sent = self.collector.send(&url, &report).await;
        sent.map_err(|err| Chain(&err).to_string())
    }
}

/// `CloudFormation` makes texts of numbers.
fn number(value: &Value) -> u64 {
    let text = value.as_str().and_then(|it| it.parse().ok());
    text.or(value.as_u64()).unwrap_or_default()
}

/// Sends over TLS to whoever has a certificate that the function's system trusts:
/// the address is not one of AWS.
#[derive(Debug)]
pub(crate) struct Https {
    trust: TrustStore,
}

impl Https {
    /// Trusts what the system trusts.
    pub(crate) fn new() -> Self {
        Self {
            trust: TrustStore::default(),
        }
    }
}

impl Collector for Https {
    async fn send(&self, url: &str, report: &Report) -> Result<(), Unsent> {
        let unsent = |err: Box<dyn std::error::Error + Send + Sync>| Unsent::Send(err);
        let tls = TlsContext::builder().with_trust_store(self.trust.clone());
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls.build().map_err(|err| unsent(err.into()))?)
            .build_https();
        let sdk = SdkConfig::builder()
            .http_client(http)
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .build();
        let report = Outgoing {
            method: "POST",
            content_type: Some("application/json"),
            body: serde_json::to_string(report).map_err(|err| unsent(err.into()))?,
            attempts: ATTEMPTS,
        };
        report.send(&sdk, url).await
    }
}

impl RowCount for DynamoRowCount {
    async fn of(&self, table: &str) -> Result<u64, StoreError> {
        Self::of(self, table).await
    }
}

#[cfg(test)]
mod tests;
