//! What travels, under the names that this service uses.

pub(crate) use api::event::{AlertsCount, EventFilters as Filters, EventPage};
