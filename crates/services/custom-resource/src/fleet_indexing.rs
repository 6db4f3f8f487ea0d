//! `Custom::FleetIndexing`: the registry and the connections of things can be
//! searched, while the resource is there.

use adapters::{IotFleetIndexing, ThingIndexing};
use domain::store::StoreError;

use crate::account::Setting;
use crate::maker::Failure;
use crate::request::Request;

/// Name of the row that remembers what was found.
pub(crate) const ROW: &str = "fleet-indexing";

/// What things have to be indexed by.
pub(crate) fn wanted(found: ThingIndexing, _: &Request) -> Result<ThingIndexing, Failure> {
    Ok(found.with_registry_and_connectivity())
}

impl Setting<ThingIndexing> for IotFleetIndexing {
    async fn get(&self) -> Result<ThingIndexing, StoreError> {
        Self::get(self).await
    }

    async fn set(&self, value: &ThingIndexing) -> Result<(), StoreError> {
        Self::set(self, value).await
    }
}
