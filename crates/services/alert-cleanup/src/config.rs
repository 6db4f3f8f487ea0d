//! What `alert-cleanup` reads from its environment, once.

use contract::env;
use runtime::env::{Missing, required};

/// `EVENTS_TABLE`.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) events_table: String,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, Missing> {
        Ok(Self {
            events_table: required(env::EVENTS_TABLE)?,
        })
    }
}
