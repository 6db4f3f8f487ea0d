//! What `device` reads from its environment, once.

use contract::env;
use runtime::env::{Missing, required};

/// `ALERT_CLEANUP_FUNCTION`, `REFERENCE_TABLE`, `REGISTRATIONS_TABLE`.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) alert_cleanup_function: String,
    pub(crate) reference_table: String,
    pub(crate) registrations_table: String,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, Missing> {
        Ok(Self {
            alert_cleanup_function: required(env::ALERT_CLEANUP_FUNCTION)?,
            reference_table: required(env::REFERENCE_TABLE)?,
            registrations_table: required(env::REGISTRATIONS_TABLE)?,
        })
    }
}
