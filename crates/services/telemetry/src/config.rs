//! What `telemetry` reads from its environment, once.

use contract::env;
use domain::telemetry::Columns;
use runtime::env::{Missing, required};

/// `ALERT_FUNCTION`, `COMMANDS_TABLE`, `EVENTS_TABLE`, `REGISTRATIONS_TABLE`,
/// `REJECTED_QUEUE_URL`, `SETTINGS_TABLE`, `TELEMETRY_COLUMNS`.
#[derive(Debug)]
pub(crate) struct Config {
    /// None where events are not deployed.
    pub(crate) alert_function: Option<String>,
    /// None where commands are not deployed.
    pub(crate) commands_table: Option<String>,
    pub(crate) events_table: String,
    pub(crate) settings_table: String,
    pub(crate) registrations_table: String,
    pub(crate) rejected_queue_url: String,
    pub(crate) columns: Columns,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, lambda_runtime::Error> {
        let required = |name| -> Result<String, Missing> { required(name) };
        Ok(Self {
            alert_function: Some(required(env::ALERT_FUNCTION)?).filter(|it| !it.is_empty()),
            commands_table: Some(required(env::COMMANDS_TABLE)?).filter(|it| !it.is_empty()),
            events_table: required(env::EVENTS_TABLE)?,
            settings_table: required(env::SETTINGS_TABLE)?,
            registrations_table: required(env::REGISTRATIONS_TABLE)?,
            rejected_queue_url: required(env::REJECTED_QUEUE_URL)?,
            columns: runtime::columns(&required(env::TELEMETRY_COLUMNS)?)?,
        })
    }
}
