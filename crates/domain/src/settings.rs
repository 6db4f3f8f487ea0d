//! A user's settings: which events are alerts, and whether to be notified.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::id::{SettingId, UserId};
use crate::store::StoreError;

/// What kind of thing happened.
#[derive(
    Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum EventType {
    /// Something is broken.
    Error,
    /// Something needs attention.
    Warning,
    /// Something changed.
    Info,
    /// A measurement of the device itself.
    Diagnostic,
}

impl EventType {
    /// All types, in the order of urgency.
    pub const ALL: [Self; 4] = [Self::Error, Self::Warning, Self::Info, Self::Diagnostic];

    /// The word used in messages, rows and filters.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Diagnostic => "diagnostic",
        }
    }

    /// The type called `word`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

/// The settings of one user.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UserSettings {
    /// Types of events that are alerts of this user.
    #[schema(value_type = Vec<EventType>)]
    pub alert_level: BTreeSet<EventType>,
    /// Whether alerts are also sent as text messages.
    pub send_notification: bool,
}

impl Default for UserSettings {
    /// What holds for a user who has chosen nothing.
    fn default() -> Self {
        Self {
            alert_level: BTreeSet::from([EventType::Error, EventType::Warning]),
            send_notification: false,
        }
    }
}

/// A setting with its times.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored<T> {
    /// The setting.
    pub setting: T,
    /// When it was first stored.
    pub created_at: Timestamp,
    /// When it was last stored.
    pub updated_at: Timestamp,
}

/// A setting of the solution, as free as its readers want it.
pub type SolutionSetting = Map<String, Value>;

/// Which settings hold for a user.
pub trait Settings: Sync {
    /// The settings of `user`; `None` where the user has none.
    fn of_user(
        &self,
        user: &UserId,
    ) -> impl Future<Output = Result<Option<UserSettings>, StoreError>> + Send;

    /// Stores the default settings at `now`, unless the user has some.
    fn create_default(
        &self,
        user: &UserId,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A user's settings, for their user to look at and change.
pub trait OwnSettings: Sync {
    /// The settings of `user` with their times; `None` where the user has none.
    fn get(
        &self,
        user: &UserId,
    ) -> impl Future<Output = Result<Option<Stored<UserSettings>>, StoreError>> + Send;

    /// Stores the settings of `user` at `now`.
    fn put(
        &self,
        user: &UserId,
        settings: &UserSettings,
        now: Timestamp,
    ) -> impl Future<Output = Result<Stored<UserSettings>, StoreError>> + Send;
}

/// Where settings of the solution live: beside those of users and never mixed
/// with them, so that no id of a setting reaches a user's.
pub trait SolutionSettings: Sync {
    /// The setting called `id`.
    fn get(
        &self,
        id: &SettingId,
    ) -> impl Future<Output = Result<Option<Stored<SolutionSetting>>, StoreError>> + Send;

    /// Stores the setting called `id` at `now`.
    fn put(
        &self,
        id: &SettingId,
        setting: &SolutionSetting,
        now: Timestamp,
    ) -> impl Future<Output = Result<Stored<SolutionSetting>, StoreError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_errors_and_warnings_without_messages() {
        let json = serde_json::to_value(UserSettings::default()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"alertLevel": ["error", "warning"], "sendNotification": false})
        );
    }

    #[test]
    fn every_type_has_one_word() {
        for it in EventType::ALL {
            assert_eq!(EventType::parse(it.as_str()), Some(it));
            assert_eq!(serde_json::to_value(it).unwrap(), it.as_str());
        }
        assert_eq!(EventType::parse("Error"), None);
    }
}
