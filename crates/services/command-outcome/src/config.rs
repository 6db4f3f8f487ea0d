//! What `command-outcome` reads from its environment, once.

use contract::env;
use runtime::env::{Missing, required};

/// `COMMANDS_TABLE`, `REGISTRATIONS_TABLE`, `REJECTED_QUEUE_URL`.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) commands_table: String,
    pub(crate) registrations_table: String,
    pub(crate) rejected_queue_url: String,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, Missing> {
        Ok(Self {
            commands_table: required(env::COMMANDS_TABLE)?,
            registrations_table: required(env::REGISTRATIONS_TABLE)?,
            rejected_queue_url: required(env::REJECTED_QUEUE_URL)?,
        })
    }
}
