//! What `live` reads from its environment, once.

use contract::env;
use runtime::env::{Missing, required};

/// `LIVE_ENDPOINT`, `LIVE_ROLE_ARN`, `REGISTRATIONS_TABLE`, `TELEMETRY_TOPIC`.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) endpoint: String,
    pub(crate) role: String,
    pub(crate) registrations_table: String,
    pub(crate) telemetry: String,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, Missing> {
        Ok(Self {
            endpoint: required(env::LIVE_ENDPOINT)?,
            role: required(env::LIVE_ROLE_ARN)?,
            registrations_table: required(env::REGISTRATIONS_TABLE)?,
            telemetry: required(env::TELEMETRY_TOPIC)?,
        })
    }
}
