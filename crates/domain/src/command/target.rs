//! What has to be known before a command is sent.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::CommandId;
use crate::id::{DeviceId, IdempotencyKey, RegistrationId, UserId};
use crate::owner::Owner;
use crate::store::StoreError;

/// Devices to which commands may be sent.
pub trait Targets: Sync {
    /// The device, if it is the user's now and nobody is deleting it, and for
    /// what `key` was used. One call, which sees what was written before it.
    fn of_user(
        &self,
        user: &UserId,
        device: &DeviceId,
        key: Option<&IdempotencyKey>,
    ) -> impl Future<Output = Result<Option<Target>, StoreError>> + Send;
}

/// A device to which a command may be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Who has it.
    pub owner: Owner,
    /// What is known about the product since it was registered: its model is
    /// in it.
    pub details: Map<String, Value>,
    /// What was sent under the key; `None` where nothing was.
    pub used: Option<Used>,
}

/// What a key was used for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Used {
    /// The command that was sent.
    pub command: CommandId,
    /// The registration under which it was.
    pub registration: RegistrationId,
    /// Until when the key counts.
    pub expires: Timestamp,
}

impl Used {
    /// Whether the key still stands for its command: in its time, and for the
    /// registration under which it was used.
    #[must_use]
    pub fn counts(&self, registration: RegistrationId, now: Timestamp) -> bool {
        self.registration == registration && self.expires > now
    }
}
