//! Who has a device now.

use jiff::Timestamp;

use crate::id::{DeviceId, DeviceName, RegistrationId, UserId};
use crate::store::StoreError;

/// Who has a device now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Owner {
    /// The user.
    pub user: UserId,
    /// The registration that made the user the owner.
    pub registration: RegistrationId,
    /// When that was: what the device said before is not this owner's.
    pub since: Timestamp,
    /// What the owner calls the device.
    pub device_name: DeviceName,
}

/// Present owners of devices. A deleted registration makes nobody an owner.
pub trait Owners: Sync {
    /// The owner of `device`.
    fn of_device(
        &self,
        device: &DeviceId,
    ) -> impl Future<Output = Result<Option<Owner>, StoreError>> + Send;

    /// The ownership of `user` in `device`; `None` where somebody else, or
    /// nobody, has it.
    fn of_user(
        &self,
        user: &UserId,
        device: &DeviceId,
    ) -> impl Future<Output = Result<Option<Owner>, StoreError>> + Send;
}

/// Why an operation on a user's device was not done.
#[derive(Debug, thiserror::Error)]
pub enum OwnedError {
    /// There is no such device, or it is somebody else's; a caller learns not which.
    #[error("the caller has no such device")]
    NotOwner,
    /// A port failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
