//! Events and alerts.

use domain::event::{Event, EventType};
use domain::id::DeviceId;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::page::PageKey;

/// A page of events or alerts, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventPage {
    /// How many there are on this page.
    pub count: usize,
    /// How many rows were read for them.
    #[serde(rename = "ScannedCount")]
    pub scanned_count: usize,
    /// The events.
    pub items: Vec<Event>,
    /// The `lastevalkey` of the next page; absent on the last one.
    #[serde(rename = "LastEvaluatedKey", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = PageKey, required = false)]
    pub last_evaluated_key: Option<String>,
    /// The filters that were applied.
    #[serde(flatten)]
    pub filters: EventFilters,
}

/// What a request wants of a list: repeated in its page.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventFilters {
    /// The only device whose events are wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = DeviceId, required = false)]
    pub device_id: Option<DeviceId>,
    /// The only type of event that is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = EventType, required = false)]
    pub event_type: Option<EventType>,
}

/// What to change on an event: at least one flag. The other one stays as it is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub struct EventUpdate {
    /// Whether the owner has seen it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = bool, required = false)]
    pub ack: Option<bool>,
    /// Whether the owner wants to hear no more of it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = bool, required = false)]
    pub suppress: Option<bool>,
}

/// A flag that is given is `true` or `false`: `null` is neither.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    bool::deserialize(from).map(Some)
}

/// How many alerts there are.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlertsCount {
    /// Events of a type in the caller's alert level that are neither
    /// acknowledged nor suppressed.
    pub alerts_count: usize,
}
