//! Live data: an address at which a user hears what happens while it happens.
//!
//! The address is a secret that anybody who has it can use, so it is short-lived
//! and its rights are the least that serve: one client id, the caller's own
//! topics, listening only.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::id::{DeviceId, UserId};
use crate::owner::{OwnedError, Owners};
use crate::store::StoreError;

/// How long an address works: the shortest session that AWS STS gives.
pub const LIFETIME: Duration = Duration::from_secs(900);

/// Most devices of one address: the rights of more would not fit into a
/// session's policy.
pub const MOST_DEVICES: usize = 5;

/// Opens an address for the alerts of `user` and what `devices` say.
///
/// Every device must be the user's now; before that is known nothing is opened.
/// One that is named twice counts once in the address.
/// `random` makes the client id one that nobody else has, as a second client of
/// the same id would end the first one's connection.
///
/// # Errors
///
/// - [`LiveError::TooMany`] for more than [`MOST_DEVICES`] devices.
/// - [`LiveError::Owned`] when a device is not the user's, or a port fails.
/// - [`LiveError::NoRoom`] when the ids are so long that fewer devices fit.
pub async fn open(
    owners: &impl Owners,
    sessions: &impl LiveSessions,
    user: &UserId,
    devices: Vec<DeviceId>,
    random: Uuid,
    now: Timestamp,
) -> Result<Session, LiveError> {
    if devices.len() > MOST_DEVICES {
        return Err(LiveError::TooMany(devices.len()));
    }
    let devices = BTreeSet::from_iter(devices);
    let owned = try_join_all(devices.iter().map(|it| owners.of_user(user, it))).await?;
    if owned.contains(&None) {
        return Err(OwnedError::NotOwner.into());
    }
    let grant = Grant {
        client: client_id(user, random),
        user: user.clone(),
        devices,
    };
    match sessions.open(&grant, now).await? {
        Opening::Opened(session) => Ok(session),
        Opening::NoRoom => Err(LiveError::NoRoom),
    }
}

/// A client id that only this address may use: `console-{user}-{8 hexadecimal digits}`.
fn client_id(user: &UserId, random: Uuid) -> String {
    let random = random.simple().to_string();
    format!("console-{user}-{}", &random[random.len() - 8..])
}

/// What an address is good for, and nothing else.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Grant {
    /// The only client id that may connect.
    pub client: String,
    /// Whose alerts may be heard.
    pub user: UserId,
    /// Whose telemetry, shadow and commands may be heard.
    pub devices: BTreeSet<DeviceId>,
}

/// An address that is open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Session {
    /// Where the client connects.
    pub url: Address,
    /// From when on the address lets nobody in.
    pub expires: Timestamp,
    /// The only client id that is let in.
    pub client: String,
    /// All that can be subscribed to.
    pub topics: Vec<String>,
}

/// A presigned address: whoever has it can use it, so `Debug` does not show it.
#[derive(Clone, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    /// The address `url`.
    #[must_use]
    pub fn new(url: String) -> Self {
        Self(url)
    }

    /// The address itself, for its owner only.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(..)")
    }
}

/// What became of a grant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Opening {
    /// It can be used.
    Opened(Session),
    /// Its rights do not fit into one session; those of fewer devices may.
    NoRoom,
}

/// Who gives out rights for a time.
pub trait LiveSessions: Sync {
    /// An address with the rights of `grant`, from `now` on for [`LIFETIME`].
    fn open(
        &self,
        grant: &Grant,
        now: Timestamp,
    ) -> impl Future<Output = Result<Opening, StoreError>> + Send;
}

/// Why no address was opened.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// More devices than one address can have.
    #[error("`deviceId` is given {0} times: at most {MOST_DEVICES} are accepted")]
    TooMany(usize),
    /// The ids are long.
    #[error("the ids of these devices are too long for one address: name fewer devices at a time")]
    NoRoom,
    /// A device is not the caller's, or a port failed.
    #[error(transparent)]
    Owned(#[from] OwnedError),
}

impl From<StoreError> for LiveError {
    fn from(err: StoreError) -> Self {
        Self::Owned(err.into())
    }
}

#[cfg(test)]
mod tests;
