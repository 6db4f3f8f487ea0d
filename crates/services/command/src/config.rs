//! What `command` reads from its environment, once.

use contract::env;
use runtime::env::{Missing, required};

/// `COMMANDS_TABLE`, `REGISTRATIONS_TABLE`.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) commands_table: String,
    pub(crate) registrations_table: String,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, Missing> {
        Ok(Self {
            commands_table: required(env::COMMANDS_TABLE)?,
            registrations_table: required(env::REGISTRATIONS_TABLE)?,
        })
    }
}
