//! What `event` reads from its environment, once.

use contract::env;
use runtime::env::{Missing, required};

/// `EVENTS_TABLE`, `REGISTRATIONS_TABLE`, `SETTINGS_TABLE`.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) events_table: String,
    pub(crate) registrations_table: String,
    pub(crate) settings_table: String,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, Missing> {
        Ok(Self {
            events_table: required(env::EVENTS_TABLE)?,
            registrations_table: required(env::REGISTRATIONS_TABLE)?,
            settings_table: required(env::SETTINGS_TABLE)?,
        })
    }
}
