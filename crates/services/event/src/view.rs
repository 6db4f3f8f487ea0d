//! Pages and numbers as JSON.

use domain::event::{Event, EventType};
use domain::id::DeviceId;
use serde::Serialize;

/// A page of events or alerts.
#[derive(Debug, Serialize)]
pub(crate) struct EventPage {
    pub(crate) count: usize,
    #[serde(rename = "ScannedCount")]
    pub(crate) scanned_count: usize,
    pub(crate) items: Vec<Event>,
    /// The `lastevalkey` of the next page; absent on the last one.
    #[serde(rename = "LastEvaluatedKey", skip_serializing_if = "Option::is_none")]
    pub(crate) last_evaluated_key: Option<String>,
    #[serde(flatten)]
    pub(crate) filters: Filters,
}

/// What a request wants of a list: repeated in its page.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Filters {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) device_id: Option<DeviceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event_type: Option<EventType>,
}

/// How many alerts are unread.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AlertsCount {
    pub(crate) alerts_count: usize,
}
