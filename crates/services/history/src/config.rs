//! What `history` reads from its environment, once.

use contract::env;
use domain::telemetry::Columns;
use runtime::env::required;

/// `REGISTRATIONS_TABLE`, `TELEMETRY_COLUMNS`, `TELEMETRY_DATABASE`,
/// `TELEMETRY_WORK_GROUP`.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) registrations_table: String,
    pub(crate) columns: Columns,
    pub(crate) database: String,
    pub(crate) work_group: String,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, lambda_runtime::Error> {
        Ok(Self {
            registrations_table: required(env::REGISTRATIONS_TABLE)?,
            columns: runtime::columns(&required(env::TELEMETRY_COLUMNS)?)?,
            database: required(env::TELEMETRY_DATABASE)?,
            work_group: required(env::TELEMETRY_WORK_GROUP)?,
        })
    }
}
