//! Settings of users and of the solution.

use domain::id::SettingId;
use domain::settings::Stored;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A setting to store.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingBody<T> {
    /// The whole setting: what is left out of it is gone.
    pub setting: T,
}

/// A setting. The times are absent on one that holds without having been stored.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SettingView<T> {
    /// The user's id, or the name of a setting of the solution.
    pub setting_id: SettingId,
    /// The setting.
    pub setting: T,
    /// When it was first stored.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "domain::time::serialize_option"
    )]
    #[schema(value_type = String, format = "date-time", required = false)]
    pub created_at: Option<Timestamp>,
    /// When it was last stored.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "domain::time::serialize_option"
    )]
    #[schema(value_type = String, format = "date-time", required = false)]
    pub updated_at: Option<Timestamp>,
}

impl<T> SettingView<T> {
    /// A setting as it is stored.
    #[must_use]
    pub fn of(id: &SettingId, stored: Stored<T>) -> Self {
        Self {
            setting_id: id.clone(),
            setting: stored.setting,
            created_at: Some(stored.created_at),
            updated_at: Some(stored.updated_at),
        }
    }

    /// A setting that holds as long as none is stored.
    #[must_use]
    pub fn unstored(id: &SettingId, setting: T) -> Self {
        Self {
            setting_id: id.clone(),
            setting,
            created_at: None,
            updated_at: None,
        }
    }
}
