//! `Custom::Requirements`: the region offers what the stack needs. Nothing is
//! made; what is missing is said before anything else fails of it.

use std::fmt;

use adapters::SsmOffers;
use contract::resource;
use domain::store::StoreError;
use serde_json::Value;
use tracing::warn;

use crate::answer::Attributes;
use crate::maker::{Failure, Maker, Making};
use crate::request::{Kind, Request};

/// The partition whose list can be read. The others, in China and of governments,
/// have none.
const LISTED: &str = "aws";

/// AWS's list of what its regions offer.
pub(crate) trait Offers: Sync {
    /// Those of `services` that `region` does not offer.
    fn missing(
        &self,
        region: &str,
        services: &[&str],
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;
}

/// Looks into the list.
#[derive(Debug)]
pub(crate) struct CheckRegion<O>(pub(crate) O);

impl<O: Offers + fmt::Debug + Send> Maker for CheckRegion<O> {
    fn make<'a>(&'a self, request: &'a Request) -> Making<'a> {
        Box::pin(async move {
            if request.kind != Kind::Delete {
                self.check(request).await?;
            }
            Ok(Attributes::new())
        })
    }
}

impl<O: Offers> CheckRegion<O> {
    async fn check(&self, request: &Request) -> Result<(), Failure> {
        let region: String = request.read(resource::REGION)?;
        let partition: String = request.read(resource::PARTITION)?;
        let services: Vec<Value> = request.read(resource::SERVICES)?;
        if partition != LISTED {
            warn!("what {region} offers is not known: there is no list of partition {partition}");
            return Ok(());
        }
        let ids: Vec<&str> = services.iter().filter_map(id).collect();
        let missing = self.0.missing(&region, &ids).await?;
        let reasons: Vec<String> = services
            .iter()
            .filter(|it| id(it).is_some_and(|id| missing.iter().any(|it| it == id)))
            .map(|it| reason(it, &region))
            .collect();
        if reasons.is_empty() {
            Ok(())
        } else {
            Err(Failure::Refused(reasons.join("; ")))
        }
    }
}

fn id(service: &Value) -> Option<&str> {
    service[resource::SERVICE_ID].as_str()
}

/// What is missing, and what would be right.
fn reason(service: &Value, region: &str) -> String {
    let name = service[resource::SERVICE_NAME].as_str().or(id(service));
    let name = name.unwrap_or_default();
    let remedy = match service[resource::SERVICE_FLAG].as_str() {
        Some(flag) => {
            format!("set default.{flag}.deploy to false in the manifest, or take another region")
        }
        None => "take another region".to_owned(),
    };
    format!("{name} is not offered in {region}: {remedy}")
}

impl Offers for SsmOffers {
    async fn missing(&self, region: &str, services: &[&str]) -> Result<Vec<String>, StoreError> {
        Self::missing(self, region, services).await
    }
}

#[cfg(test)]
mod tests;
