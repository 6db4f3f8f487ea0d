//! What `alert` reads from its environment, once.

use contract::env;
use runtime::env::{Missing, required};

/// `ALERT_TOPIC_ARN`, `EVENTS_TABLE`, `SETTINGS_TABLE`, `USER_POOL_ID`.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) alert_topic_arn: String,
    pub(crate) events_table: String,
    pub(crate) settings_table: String,
    pub(crate) user_pool_id: String,
}

impl Config {
    pub(crate) fn from_env() -> Result<Self, Missing> {
        Ok(Self {
            alert_topic_arn: required(env::ALERT_TOPIC_ARN)?,
            events_table: required(env::EVENTS_TABLE)?,
            settings_table: required(env::SETTINGS_TABLE)?,
            user_pool_id: required(env::USER_POOL_ID)?,
        })
    }
}
