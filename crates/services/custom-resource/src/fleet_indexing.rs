//! `Custom::FleetIndexing`: the registry and the connections of things can be
//! searched, while the resource is there.

use adapters::{DynamoFound, Found, IotFleetIndexing, ThingIndexing};
use domain::store::StoreError;
use jiff::Timestamp;

use crate::account::{self, Change, Memory, Setting};
use crate::request::Kind;

/// Name of the row that remembers what was found.
pub(crate) const ROW: &str = "fleet-indexing";

/// The row.
pub(crate) type Row = DynamoFound<Change<ThingIndexing>>;

/// Does what CloudFormation asks for.
pub(crate) async fn handle(
    indexing: &impl Setting<ThingIndexing>,
    memory: &impl Memory<ThingIndexing>,
    kind: Kind,
) -> Result<(), StoreError> {
    match kind {
        Kind::Create | Kind::Update => {
            let wanted = ThingIndexing::with_registry_and_connectivity;
            account::change(indexing, memory, wanted).await
        }
        Kind::Delete => account::undo(indexing, memory).await,
    }
}

impl Setting<ThingIndexing> for IotFleetIndexing {
    async fn get(&self) -> Result<ThingIndexing, StoreError> {
        Self::get(self).await
    }

    async fn set(&self, value: &ThingIndexing) -> Result<(), StoreError> {
        Self::set(self, value).await
    }
}

impl Memory<ThingIndexing> for Row {
    type Entry = Found<Change<ThingIndexing>>;

    async fn get(&self) -> Result<Option<(Change<ThingIndexing>, Self::Entry)>, StoreError> {
        let found = Self::get(self).await?;
        Ok(found.map(|it| (it.value.clone(), it)))
    }

    async fn put(
        &self,
        before: Option<&Self::Entry>,
        after: &Change<ThingIndexing>,
    ) -> Result<(), StoreError> {
        Self::put(self, before, after, Timestamp::now()).await
    }

    async fn delete(&self, before: &Self::Entry) -> Result<(), StoreError> {
        Self::delete(self, before).await
    }
}
