//! The devices that a user has: registrations that are not deleted, and
//! whether the device is connected.

mod delete;
mod tidy;

use std::cmp::Reverse;

use futures_util::future::join;

pub use self::delete::{
    Attached, Cleanup, Closed, Closings, DeleteError, Lease, Leftovers, Registry, delete,
};

pub use self::tidy::tidy;

use crate::connectivity::Connectivity;
use crate::id::{DeviceId, UserId};
use crate::owner::OwnedError;
use crate::page::{Limit, Listed, Page, Stretch, Walk};
use crate::registration::{Registration, Status};
use crate::store::StoreError;

/// A page of the devices of `user`, by device id, after the device `after`.
///
/// # Errors
///
/// When the registrations cannot be read.
pub async fn list(
    devices: &impl Devices,
    connectivity: &impl Connectivity,
    user: &UserId,
    after: Option<DeviceId>,
    limit: Limit,
) -> Result<Page<Device>, StoreError> {
    let registrations = async {
        let mut walk = Walk::new(limit, after.map(Reverse));
        let mut first = true;
        while walk.goes_on() {
            let place = walk.place().map(|Reverse(it)| it);
            let most = match first {
                true => walk.most(false) + SPARE,
                false => walk.most(true),
            };
            first = false;
            walk.take([devices.of_user(user, place, most).await?]);
        }
        Ok(walk.page())
    };
    let (page, connected) = join(registrations, connectivity.of_user(user)).await;
    Ok(page?.map(|registration| Device {
        connected: connected.holds(&registration.device),
        registration,
    }))
}

/// Rows that a list reads beyond those that it shows, in the place of deleted
/// ones: there are few, and each row that is read costs.
const SPARE: usize = 20;

/// The device `id` of `user`.
///
/// # Errors
///
/// See [`OwnedError`].
pub async fn one(
    devices: &impl Devices,
    connectivity: &impl Connectivity,
    user: &UserId,
    id: &DeviceId,
) -> Result<Device, OwnedError> {
    let (registration, connection) = join(devices.get(user, id), connectivity.of_device(id)).await;
    let registration = registration?.filter(|it| it.status != Status::Deleted);
    Ok(Device {
        registration: registration.ok_or(OwnedError::NotOwner)?,
        connected: connection.map(|it| it.connected),
    })
}

/// A device and its owner.
#[derive(Clone, Debug, PartialEq)]
pub struct Device {
    /// Who has it.
    pub registration: Registration,
    /// Whether it is connected now; `None` where that is unknown.
    pub connected: Option<bool>,
}

/// Registrations of users.
///
/// Implementations pass the suite in `adapters/tests/it/devices.rs`.
pub trait Devices: Sync {
    /// Up to `most` rows of the registrations of `user` by device id, those
    /// after `after`, without the deleted ones. One call, which may end early.
    fn of_user(
        &self,
        user: &UserId,
        after: Option<&DeviceId>,
        most: usize,
    ) -> impl Future<Output = Result<Stretch<Registration>, StoreError>> + Send;

    /// The registration of `device` by `user`, whatever its status.
    fn get(
        &self,
        user: &UserId,
        device: &DeviceId,
    ) -> impl Future<Output = Result<Option<Registration>, StoreError>> + Send;
}

impl Listed for Registration {
    type Place = Reverse<DeviceId>;

    fn place(&self) -> Self::Place {
        Reverse(self.device.clone())
    }

    fn text(Reverse(device): &Self::Place) -> String {
        device.to_string()
    }
}

#[cfg(test)]
mod tests;
