//! Just-in-time registration: who is let in on a first connection.
//!
//! Everything is checked before anything is attached, and activating comes
//! after attaching, so that a certificate is never active without its policy
//! and thing. Each step can be repeated; a call that died between any two steps
//! is finished by the next call for the same certificate.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::id::{CertificateId, DeviceId, RegistrationId, UserId};
use crate::registration::Status;
use crate::store::StoreError;

/// Lets the device of `certificate` in, if its owner waits for it.
///
/// # Errors
///
/// [`StoreError`] when a table or IoT Core fails; the call can be repeated.
pub async fn admit(
    certificates: &impl Certificates,
    admissions: &impl Admissions,
    trusted: &TrustedCas,
    certificate: &CertificateId,
    now: Timestamp,
) -> Result<Admission, StoreError> {
    let Some(certificate) = certificates.describe(certificate).await? else {
        return Ok(Admission::Refused(Refusal::CertificateGone));
    };
    if !matches!(
        certificate.status,
        CertificateStatus::PendingActivation | CertificateStatus::Active
    ) {
        return Ok(Admission::Refused(Refusal::CertificateStopped));
    }
    if !trusted.trust(certificate.ca.as_ref()) {
        return Ok(Admission::Refused(Refusal::UntrustedCa));
    }
    let Some(device) = certificate.device.clone() else {
        return Ok(Admission::Refused(Refusal::NoDeviceId));
    };

    let Some(awaited) = admissions.awaited(&device).await? else {
        return Ok(Admission::Refused(Refusal::NotRegistered(device)));
    };
    let this_one = awaited.certificate.as_ref() == Some(&certificate.id);
    if this_one
        && awaited.status == Status::Complete
        && certificate.status == CertificateStatus::Active
    {
        return Ok(Admission::AlreadyAdmitted(device));
    }
    let Some(attached) = certificates.of_thing(&device).await? else {
        return Ok(Admission::Refused(Refusal::NoThing(device)));
    };
    if attached.iter().any(|it| *it != certificate.id) {
        return Ok(Admission::Refused(Refusal::SecondCertificate(device)));
    }
    match admissions.bind(&awaited, &certificate.id, now).await? {
        Binding::Bound => {}
        Binding::Other => return Ok(Admission::Refused(Refusal::SecondCertificate(device))),
    }

    certificates.attach_policy(&certificate).await?;
    certificates.attach_thing(&certificate, &device).await?;
    certificates.activate(&certificate.id).await?;

    match admissions.complete(&awaited, &certificate.id, now).await? {
        Binding::Bound => Ok(Admission::Admitted(device)),
        // The owner deleted the device while we let it in. It may have connected
        // again since: a certificate that is only stopped would lock it out for good.
        Binding::Other => {
            certificates.remove(&certificate.id).await?;
            Ok(Admission::Refused(Refusal::NotRegistered(device)))
        }
    }
}

/// What became of a first connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Admission {
    /// The device may connect from now on.
    Admitted(DeviceId),
    /// It could before.
    AlreadyAdmitted(DeviceId),
    /// It may not.
    Refused(Refusal),
}

/// Why a certificate was not activated. It stays `PENDING_ACTIVATION`; IoT Core
/// announces it again on each later connection, so a device gets in once what
/// was missing is there.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Somebody deleted it.
    #[error("the certificate is not in the account any more")]
    CertificateGone,
    /// Somebody stopped it on purpose.
    #[error("the certificate is inactive or revoked")]
    CertificateStopped,
    /// The manifest names the trusted CAs, and this is none of them.
    #[error("the certificate's CA is not one of the CAs that the manifest trusts")]
    UntrustedCa,
    /// Its common name is no serial number.
    #[error("the certificate's subject has no common name that is a device id")]
    NoDeviceId,
    /// Nobody waits for this device.
    #[error("device `{0}` is not registered by anybody")]
    NotRegistered(DeviceId),
    /// A registration without its thing: somebody deleted the thing by hand.
    #[error("device `{0}` has no thing")]
    NoThing(DeviceId),
    /// One thing, one certificate.
    #[error("device `{0}` has another certificate already")]
    SecondCertificate(DeviceId),
}

impl Refusal {
    /// The device, where the refusal is about one.
    #[must_use]
    pub fn device(&self) -> Option<&DeviceId> {
        match self {
            Self::NotRegistered(device)
            | Self::NoThing(device)
            | Self::SecondCertificate(device) => Some(device),
            _ => None,
        }
    }
}

/// The CAs whose devices are let in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TrustedCas {
    /// Every CA that an operator registered in the account.
    AnyRegistered,
    /// These only.
    Only(BTreeSet<CertificateId>),
}

impl TrustedCas {
    fn trust(&self, ca: Option<&CertificateId>) -> bool {
        match self {
            Self::AnyRegistered => true,
            Self::Only(listed) => ca.is_some_and(|it| listed.contains(it)),
        }
    }
}

/// A device's certificate as IoT Core has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Certificate {
    /// Its id.
    pub id: CertificateId,
    /// Its ARN.
    pub arn: String,
    /// Its status.
    pub status: CertificateStatus,
    /// The CA that IoT Core found it signed by.
    pub ca: Option<CertificateId>,
    /// The device id in the subject's common name; `None` where there is no
    /// common name, more than one, or one that is no device id.
    pub device: Option<DeviceId>,
}

/// What IoT Core lets a certificate do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CertificateStatus {
    /// Stored on a first connection, waits for a decision.
    PendingActivation,
    /// May connect.
    Active,
    /// Inactive, revoked or in transfer: somebody decided against it.
    Stopped,
}

/// The registration that waits for a device, or had it let in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Awaited {
    /// Its id: another one, also of the same owner, is not this one.
    pub registration: RegistrationId,
    /// The owner.
    pub user: UserId,
    /// The device.
    pub device: DeviceId,
    /// `Pending` or `Complete`.
    pub status: Status,
    /// The certificate that was bound to it.
    pub certificate: Option<CertificateId>,
}

/// Certificates and things of IoT Core.
pub trait Certificates: Sync {
    /// The certificate, if the account has it.
    fn describe(
        &self,
        id: &CertificateId,
    ) -> impl Future<Output = Result<Option<Certificate>, StoreError>> + Send;

    /// The certificates attached to the thing of `device`; `None` if there is no such thing.
    fn of_thing(
        &self,
        device: &DeviceId,
    ) -> impl Future<Output = Result<Option<Vec<CertificateId>>, StoreError>> + Send;

    /// Attaches the devices' policy.
    fn attach_policy(
        &self,
        certificate: &Certificate,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Attaches the certificate to the thing of `device`.
    fn attach_thing(
        &self,
        certificate: &Certificate,
        device: &DeviceId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Lets the certificate connect.
    fn activate(&self, id: &CertificateId) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Stops the certificate and deletes it: the next connection with it is a
    /// first one. It may be gone already; it must not be attached to a thing.
    fn remove(&self, id: &CertificateId) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The registrations, as seen by who lets devices in.
pub trait Admissions: Sync {
    /// The present registration of `device`.
    fn awaited(
        &self,
        device: &DeviceId,
    ) -> impl Future<Output = Result<Option<Awaited>, StoreError>> + Send;

    /// Binds `certificate` to the registration, if it is there still and has no other.
    fn bind(
        &self,
        awaited: &Awaited,
        certificate: &CertificateId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Binding, StoreError>> + Send;

    /// Marks the registration complete, if it is there still and has `certificate`.
    fn complete(
        &self,
        awaited: &Awaited,
        certificate: &CertificateId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Binding, StoreError>> + Send;
}

/// Whether a registration has the certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Binding {
    /// It has this one.
    Bound,
    /// It has another one, or is no more.
    Other,
}

#[cfg(test)]
mod tests;
