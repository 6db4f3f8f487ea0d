//! What a device has in IoT Core, when it is taken apart.

use aws_sdk_iot::Client;
use aws_sdk_iot::error::SdkError;
use aws_sdk_iot::types::CertificateStatus;
use domain::device::{Attached, Registry};
use domain::id::{CertificateId, DeviceId};
use domain::store::{Cause, StoreError};

use crate::aws::{failed, unreadable};

/// Things, shadows and certificates of the account.
#[derive(Clone, Debug)]
pub struct IotRegistry {
    control: Client,
    data: aws_sdk_iotdataplane::Client,
}

impl IotRegistry {
    /// The registry behind both clients.
    #[must_use]
    pub fn new(control: Client, data: aws_sdk_iotdataplane::Client) -> Self {
        Self { control, data }
    }
}

/// What became of a call, where it does not matter that something is gone already.
macro_rules! gone_or {
    ($operation:expr, $sent:expr) => {
        match $sent {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(it)) if it.err().is_resource_not_found_exception() => Ok(()),
            Err(err) => Err(failed($operation, err)),
        }
    };
}

impl Registry for IotRegistry {
    async fn attached(&self, device: &DeviceId) -> Result<Vec<Attached>, StoreError> {
        Ok(attached(&self.control, device).await?.unwrap_or_default())
    }

    async fn deactivate(&self, certificate: &CertificateId) -> Result<(), StoreError> {
        deactivate(&self.control, certificate).await
    }

    async fn detach(&self, attached: &Attached, device: &DeviceId) -> Result<(), StoreError> {
        let sent = self
            .control
            .detach_thing_principal()
            .thing_name(device.as_str())
            .principal(&attached.arn)
            .send()
            .await;
        gone_or!("detach a certificate from its thing", sent)
    }

    async fn delete_certificate(&self, certificate: &CertificateId) -> Result<(), StoreError> {
        delete_certificate(&self.control, certificate).await
    }

    async fn delete_shadow(&self, device: &DeviceId) -> Result<(), StoreError> {
        let sent = self
            .data
            .delete_thing_shadow()
            .thing_name(device.as_str())
            .send()
            .await;
        gone_or!("delete the shadow of a thing", sent)
    }

    async fn delete_thing(&self, device: &DeviceId) -> Result<(), StoreError> {
        const OPERATION: &str = "delete a thing";
        let sent = self
            .control
            .delete_thing()
            .thing_name(device.as_str())
            .send()
            .await;
        match sent {
            // "… has principals attached": see above.
            Err(SdkError::ServiceError(it)) if it.err().is_invalid_request_exception() => {
                Err(still_attached(OPERATION, it.into_err()))
            }
            sent => gone_or!(OPERATION, sent),
        }
    }
}

/// The certificates of a thing; `None` if there is no such thing.
pub(crate) async fn attached(
    client: &Client,
    device: &DeviceId,
) -> Result<Option<Vec<Attached>>, StoreError> {
    const OPERATION: &str = "list the certificates of a thing";
    let listed = client
        .list_thing_principals()
        .thing_name(device.as_str())
        .send()
        .await;
    let principals = match listed {
        Ok(listed) => listed.principals.unwrap_or_default(),
        Err(SdkError::ServiceError(it)) if it.err().is_resource_not_found_exception() => {
            return Ok(None);
        }
        Err(err) => return Err(failed(OPERATION, err)),
    };
    // `arn:…:cert/{id}`; Cognito identities can be attached as well.
    let certificates = principals.into_iter().filter_map(|arn| {
        let id = arn.rsplit_once(":cert/")?.1.to_owned();
        Some((id, arn))
    });
    certificates
        .map(|(id, arn)| {
            let certificate = CertificateId::new(id).map_err(|err| unreadable(OPERATION, err))?;
            Ok(Attached { certificate, arn })
        })
        .collect::<Result<_, _>>()
        .map(Some)
}

/// Stops a certificate, if it is there.
pub(crate) async fn deactivate(
    client: &Client,
    certificate: &CertificateId,
) -> Result<(), StoreError> {
    let sent = client
        .update_certificate()
        .certificate_id(certificate.as_str())
        .new_status(CertificateStatus::Inactive)
        .send()
        .await;
    gone_or!("deactivate a certificate", sent)
}

/// Deletes a certificate that is stopped, if it is there.
pub(crate) async fn delete_certificate(
    client: &Client,
    certificate: &CertificateId,
) -> Result<(), StoreError> {
    const OPERATION: &str = "delete a certificate";
    let sent = client
        .delete_certificate()
        .certificate_id(certificate.as_str())
        // With the devices' policy attached.
        .force_delete(true)
        .send()
        .await;
    match sent {
        // Detaching takes IoT Core up to some seconds.
        Err(SdkError::ServiceError(it)) if it.err().is_delete_conflict_exception() => {
            Err(still_attached(OPERATION, it.into_err()))
        }
        sent => gone_or!(OPERATION, sent),
    }
}

fn still_attached(
    operation: &'static str,
    err: impl std::error::Error + Send + Sync + 'static,
) -> StoreError {
    StoreError {
        operation,
        cause: Cause::Busy,
        source: Box::new(err),
    }
}
