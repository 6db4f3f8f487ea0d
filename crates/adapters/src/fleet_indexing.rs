//! What IoT Core indexes of things: one setting of the whole account and region,
//! which others in it may use as well.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iot::Client;
use aws_sdk_iot::types::{
    ConnectivityFilter, Field, GeoLocationTarget, IndexingFilter, ThingIndexingConfiguration,
};
use domain::store::StoreError;
use serde::{Deserialize, Serialize};

use crate::aws::{failed, unreadable};

const OFF: &str = "OFF";
const REGISTRY: &str = "REGISTRY";
const STATUS: &str = "STATUS";

/// The setting in the words of IoT Core, all that can be set of it; what is
/// managed by AWS itself is left out. Nothing in it has an order.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ThingIndexing {
    mode: String,
    connectivity: String,
    violations: String,
    named_shadows: String,
    custom_fields: BTreeMap<String, String>,
    named_shadow_names: BTreeSet<String>,
    geo_locations: BTreeMap<String, Option<String>>,
    socket_information: BTreeSet<String>,
}

impl ThingIndexing {
    /// The least change after which the attributes of things and their
    /// connections can be searched.
    #[must_use]
    pub fn with_registry_and_connectivity(mut self) -> Self {
        if self.mode == OFF {
            REGISTRY.clone_into(&mut self.mode);
        }
        STATUS.clone_into(&mut self.connectivity);
        self
    }

    /// A mode that is missing is off: so an account answers that has never set it.
    fn read(configuration: ThingIndexingConfiguration) -> Self {
        let mode = |mode: Option<String>| mode.unwrap_or_else(|| OFF.to_owned());
        let connectivity = configuration.thing_connectivity_indexing_mode;
        let violations = configuration.device_defender_indexing_mode;
        let named_shadows = configuration.named_shadow_indexing_mode;
        let fields = configuration.custom_fields.unwrap_or_default();
        let filter = configuration.filter;
        let filter = filter.unwrap_or_else(|| IndexingFilter::builder().build());
        let places = filter.geo_locations.unwrap_or_default();
        let sockets = filter.connectivity;
        let sockets = sockets.and_then(|it| it.include_socket_information);
        Self {
            mode: configuration.thing_indexing_mode.as_str().to_owned(),
            connectivity: mode(connectivity.map(|it| it.as_str().to_owned())),
            violations: mode(violations.map(|it| it.as_str().to_owned())),
            named_shadows: mode(named_shadows.map(|it| it.as_str().to_owned())),
            custom_fields: fields
                .into_iter()
                .filter_map(|it| Some((it.name?, it.r#type?.as_str().to_owned())))
                .collect(),
            named_shadow_names: filter.named_shadow_names.into_iter().flatten().collect(),
            geo_locations: places
                .into_iter()
                .filter_map(|it| Some((it.name?, it.order.map(|it| it.as_str().to_owned()))))
                .collect(),
            socket_information: sockets
                .into_iter()
                .flatten()
                .map(|it| it.as_str().to_owned())
                .collect(),
        }
    }

    fn write(&self) -> Result<ThingIndexingConfiguration, StoreError> {
        let fields = self.custom_fields.iter().map(|(name, kind)| {
            let field = Field::builder().name(name).r#type(kind.as_str().into());
            field.build()
        });
        ThingIndexingConfiguration::builder()
            .thing_indexing_mode(self.mode.as_str().into())
            .thing_connectivity_indexing_mode(self.connectivity.as_str().into())
            .device_defender_indexing_mode(self.violations.as_str().into())
            .named_shadow_indexing_mode(self.named_shadows.as_str().into())
            .set_custom_fields(some(fields.collect()))
            .set_filter(self.filter())
            .build()
            .map_err(|err| unreadable("describe the indexing of things", err))
    }

    fn filter(&self) -> Option<IndexingFilter> {
        let names = some(self.named_shadow_names.iter().cloned().collect());
        let places = self.geo_locations.iter().map(|(name, order)| {
            let order = order.as_deref().map(Into::into);
            GeoLocationTarget::builder()
                .name(name)
                .set_order(order)
                .build()
        });
        let places = some(places.collect());
        let sockets = some(
            self.socket_information
                .iter()
                .map(|it| it.as_str().into())
                .collect(),
        );
        let sockets = sockets.map(|it| {
            ConnectivityFilter::builder()
                .set_include_socket_information(Some(it))
                .build()
        });
        if names.is_none() && places.is_none() && sockets.is_none() {
            return None;
        }
        let filter = IndexingFilter::builder()
            .set_named_shadow_names(names)
            .set_geo_locations(places)
            .set_connectivity(sockets);
        Some(filter.build())
    }
}

/// Not an empty list: IoT Core wants at least one member where there is a list.
fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// The setting of the account that `client` works in.
#[derive(Clone, Debug)]
pub struct IotFleetIndexing {
    client: Client,
}

impl IotFleetIndexing {
    /// The setting behind `client`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The present setting.
    ///
    /// # Errors
    ///
    /// When IoT Core does not answer, or answers without the setting.
    pub async fn get(&self) -> Result<ThingIndexing, StoreError> {
        const OPERATION: &str = "read the indexing of things";
        let found = self.client.get_indexing_configuration().send().await;
        let found = found.map_err(|err| failed(OPERATION, err))?;
        let found = found.thing_indexing_configuration;
        found
            .map(ThingIndexing::read)
            .ok_or_else(|| unreadable(OPERATION, "the answer has no thingIndexingConfiguration"))
    }

    /// Replaces the setting; that of thing groups stays as it is.
    ///
    /// # Errors
    ///
    /// When IoT Core does not take it.
    pub async fn set(&self, indexing: &ThingIndexing) -> Result<(), StoreError> {
        self.client
            .update_indexing_configuration()
            .thing_indexing_configuration(indexing.write()?)
            .send()
            .await
            .map_err(|err| failed("change the indexing of things", err))?;
        Ok(())
    }
}
