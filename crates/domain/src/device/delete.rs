//! Letting go of a device.
//!
//! First the registration is closed: the device belongs to nobody any more, so
//! nothing new comes in, while its product stays claimed. Then what the device
//! has in IoT Core is taken apart, and last the product is free for the next
//! owner. Each step can be repeated; a call that died between any two of them
//! is finished by the next one.

use std::collections::BTreeSet;

use futures_util::future::{try_join, try_join_all};
use jiff::Timestamp;
use uuid::Uuid;

use crate::id::{CertificateId, DeviceId, RegistrationId, UserId};
use crate::owner::OwnedError;
use crate::registration::Registration;
use crate::store::StoreError;

/// Deletes the registration of `device` by `user`, its certificates, shadow
/// and thing.
///
/// One deletion of a device runs at a time: after the last step somebody else
/// may register the device, and a second call that still takes things apart
/// would take theirs. So each call holds `lease`, a new one, which must last
/// longer than the call can run.
///
/// # Errors
///
/// - [`DeleteError::Owned`] when the device is not the user's now, or a port
///   fails; then the call can be repeated.
/// - [`DeleteError::InProgress`] while another call holds the lease.
pub async fn delete(
    closings: &impl Closings,
    registry: &impl Registry,
    cleanup: &impl Cleanup,
    user: &UserId,
    device: &DeviceId,
    lease: Lease,
    now: Timestamp,
) -> Result<(), DeleteError> {
    let done = async {
        let registration = match closings.close(user, device, lease, now).await? {
            Closed::Closed(registration) => *registration,
            Closed::InProgress => return Err(DeleteError::InProgress),
            Closed::NotOwner => return Err(OwnedError::NotOwner.into()),
        };
        take_apart(registry, &registration).await?;
        cleanup.request(&Leftovers::of(&registration)).await?;
        Ok(closings.finish(&registration, lease, now).await?)
    };
    let outcome = done.await;
    if let Err(DeleteError::Owned(OwnedError::Store(_))) = &outcome {
        // So that a repeat need not wait. If this fails as well, it has to.
        let _ = closings.release(user, device, lease).await;
    }
    outcome
}

/// Removes what `registration` has in IoT Core. The certificate that it was
/// bound to may be attached not yet, or not any more.
async fn take_apart(
    registry: &impl Registry,
    registration: &Registration,
) -> Result<(), StoreError> {
    let device = &registration.device;
    let attached = registry.attached(device).await?;
    let certificates: BTreeSet<&CertificateId> = attached
        .iter()
        .map(|it| &it.certificate)
        .chain(&registration.certificate)
        .collect();
    try_join_all(certificates.iter().map(|it| registry.deactivate(it))).await?;
    try_join_all(attached.iter().map(|it| registry.detach(it, device))).await?;
    try_join_all(
        certificates
            .iter()
            .map(|it| registry.delete_certificate(it)),
    )
    .await?;
    try_join(
        registry.delete_shadow(device),
        registry.delete_thing(device),
    )
    .await?;
    Ok(())
}

/// Why a device was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// See [`OwnedError`].
    #[error(transparent)]
    Owned(#[from] OwnedError),
    /// Another call is at it, or was and died a moment ago.
    #[error("another request is deleting this device: repeat the request to see how it ended")]
    InProgress,
}

impl From<StoreError> for DeleteError {
    fn from(err: StoreError) -> Self {
        Self::Owned(err.into())
    }
}

/// The right to take a device apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lease {
    /// Whose it is: new for each call.
    pub id: Uuid,
    /// When it ends by itself.
    pub until: Timestamp,
}

/// What became of an attempt to close a registration.
#[derive(Clone, Debug, PartialEq)]
pub enum Closed {
    /// It is closed, and the lease is ours.
    Closed(Box<Registration>),
    /// It is closed, and the lease is somebody else's.
    InProgress,
    /// The user has no such device.
    NotOwner,
}

/// Registrations that are being deleted.
///
/// Implementations pass the suite in `adapters/tests/it/closings.rs`.
pub trait Closings: Sync {
    /// Takes the device off its registration and notes `lease` on it, unless
    /// somebody else has one at `now`.
    fn close(
        &self,
        user: &UserId,
        device: &DeviceId,
        lease: Lease,
        now: Timestamp,
    ) -> impl Future<Output = Result<Closed, StoreError>> + Send;

    /// Gives `lease` back. Does nothing where it is not noted.
    fn release(
        &self,
        user: &UserId,
        device: &DeviceId,
        lease: Lease,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Marks the registration deleted and its product free, both or neither,
    /// if `lease` is still the one. A product that is not this user's any more,
    /// because an operator has changed it, stays as it is.
    fn finish(
        &self,
        registration: &Registration,
        lease: Lease,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A certificate that is attached to a thing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attached {
    /// Its id.
    pub certificate: CertificateId,
    /// Its ARN.
    pub arn: String,
}

/// Things, their shadows and certificates in IoT Core. Everything may be gone
/// already, or go at the same time: that is no failure.
pub trait Registry: Sync {
    /// The certificates of the thing of `device`.
    fn attached(
        &self,
        device: &DeviceId,
    ) -> impl Future<Output = Result<Vec<Attached>, StoreError>> + Send;

    /// Stops a certificate; a connection that uses it ends.
    fn deactivate(
        &self,
        certificate: &CertificateId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes a certificate off the thing of `device`.
    fn detach(
        &self,
        attached: &Attached,
        device: &DeviceId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Deletes a certificate that is stopped and attached to no thing.
    fn delete_certificate(
        &self,
        certificate: &CertificateId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Deletes the shadow of the thing of `device`.
    fn delete_shadow(
        &self,
        device: &DeviceId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Deletes the thing of `device`.
    fn delete_thing(
        &self,
        device: &DeviceId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What a deleted registration leaves in its former owner's list of unread
/// events: nobody could acknowledge it.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Leftovers {
    /// The former owner.
    #[serde(rename = "userId")]
    pub user: UserId,
    /// The device.
    #[serde(rename = "deviceId")]
    pub device: DeviceId,
    /// The registration.
    #[serde(rename = "registrationId")]
    pub registration: RegistrationId,
    /// When it was made; its events are not older.
    #[serde(serialize_with = "crate::time::serialize")]
    pub since: Timestamp,
}

impl Leftovers {
    fn of(registration: &Registration) -> Self {
        Self {
            user: registration.user.clone(),
            device: registration.device.clone(),
            registration: registration.id,
            since: registration.created_at,
        }
    }
}

/// Whoever tidies up. Their work grows with history, so no request waits for it.
pub trait Cleanup: Sync {
    /// Asks for it; the same request may come twice.
    fn request(&self, leftovers: &Leftovers)
    -> impl Future<Output = Result<(), StoreError>> + Send;
}

#[cfg(test)]
mod tests;
