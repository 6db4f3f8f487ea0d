//! What `event-proxy` reads from its environment, once.

use contract::env;
use runtime::env::{Missing, required};

/// `ALERT_FUNCTION`, `EVENTS_TABLE`, `REGISTRATIONS_TABLE`, `REJECTED_QUEUE_URL`.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) alert_function: String,
    pub(crate) events_table: String,
    pub(crate) registrations_table: String,
    pub(crate) rejected_queue_url: String,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, Missing> {
        Ok(Self {
            alert_function: required(env::ALERT_FUNCTION)?,
            events_table: required(env::EVENTS_TABLE)?,
            registrations_table: required(env::REGISTRATIONS_TABLE)?,
            rejected_queue_url: required(env::REJECTED_QUEUE_URL)?,
        })
    }
}
