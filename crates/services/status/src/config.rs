//! What `status` reads from its environment, once.

use contract::env;
use runtime::env::{Missing, required};

/// `REGISTRATIONS_TABLE`.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) registrations_table: String,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, Missing> {
        Ok(Self {
            registrations_table: required(env::REGISTRATIONS_TABLE)?,
        })
    }
}
