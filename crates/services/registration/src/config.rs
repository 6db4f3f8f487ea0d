//! What `registration` reads from its environment, once.

use contract::env;
use runtime::env::{Missing, required};

/// `REFERENCE_TABLE`, `REGISTRATIONS_TABLE`, `THING_TYPE`.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) reference_table: String,
    pub(crate) registrations_table: String,
    pub(crate) thing_type: String,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, Missing> {
        Ok(Self {
            reference_table: required(env::REFERENCE_TABLE)?,
            registrations_table: required(env::REGISTRATIONS_TABLE)?,
            thing_type: required(env::THING_TYPE)?,
        })
    }
}
