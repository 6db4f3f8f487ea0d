//! Which services of AWS a region offers, by AWS's own list: public parameters
//! of Systems Manager.
//!
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters-global-infrastructure.html>

use std::collections::BTreeSet;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::config::{Config, Region};
use domain::store::StoreError;

use crate::aws::failed;

/// Where the list can be asked for; it is the same everywhere.
const LISTED_IN: &[&str] = &[
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// Where another region asks.
const ELSEWHERE: &str = "us-east-1";

/// Services that are looked up at once, with two parameters each: ten of them are
/// the most that one call reads.
const AT_ONCE: usize = 5;

/// AWS's list.
#[derive(Clone, Debug)]
pub struct SsmOffers {
    client: Client,
}

impl SsmOffers {
    /// The list behind `client`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Those of `services` that `region` does not offer. One that is not in the list
    /// at all may be offered anywhere: it is called something else there.
    ///
    /// # Errors
    ///
    /// When Systems Manager does not answer.
    pub async fn missing(
        &self,
        region: &str,
        services: &[&str],
    ) -> Result<Vec<String>, StoreError> {
        let asked = LISTED_IN.iter().find(|it| **it == region);
        let asked = Region::new(*asked.unwrap_or(&ELSEWHERE));
        let mut missing = Vec::new();
        for services in services.chunks(AT_ONCE) {
            let both = services
                .iter()
                .flat_map(|it| [known(it), offered(it, region)]);
            let read = self
                .client
                .get_parameters()
                .set_names(Some(both.collect()))
                .customize()
                .config_override(Config::builder().region(asked.clone()))
                .send()
                .await
                .map_err(|err| failed("read which services the region offers", err))?;
            let absent: BTreeSet<_> = read.invalid_parameters.into_iter().flatten().collect();
            let is_missing =
                |it: &&&str| absent.contains(&offered(it, region)) && !absent.contains(&known(it));
            missing.extend(
                services
                    .iter()
                    .filter(is_missing)
                    .map(|it| (*it).to_owned()),
            );
        }
        Ok(missing)
    }
}

/// Name of the parameter that holds the service's name.
fn known(service: &str) -> String {
    format!("/aws/service/global-infrastructure/services/{service}")
}

/// Name of the parameter that is there if the region offers the service.
fn offered(service: &str, region: &str) -> String {
    format!("{}/regions/{region}", known(service))
}
