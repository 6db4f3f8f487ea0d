//! What `custom-resource` reads from its environment, once.

use contract::env;
use runtime::env::{Missing, required};

/// `SETTINGS_TABLE`.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) settings_table: String,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, Missing> {
        Ok(Self {
            settings_table: required(env::SETTINGS_TABLE)?,
        })
    }
}
