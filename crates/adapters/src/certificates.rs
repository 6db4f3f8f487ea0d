//! Device certificates and what they are attached to, in IoT Core.

use aws_sdk_iot::Client;
use aws_sdk_iot::error::SdkError;
use aws_sdk_iot::types::CertificateStatus as IotStatus;
use domain::id::{CertificateId, DeviceId};
use domain::jitr::{Certificate, CertificateStatus, Certificates};
use domain::store::StoreError;
use x509_parser::pem::parse_x509_pem;
use x509_parser::x509::X509Name;

use crate::aws::{failed, unreadable};
use crate::registry;

/// Certificates of the account, and the policy that a device gets.
#[derive(Clone, Debug)]
pub struct IotCertificates {
    client: Client,
    policy: String,
}

impl IotCertificates {
    /// Certificates that get the policy called `policy`.
    #[must_use]
    pub fn new(client: Client, policy: String) -> Self {
        Self { client, policy }
    }
}

impl Certificates for IotCertificates {
    async fn describe(&self, id: &CertificateId) -> Result<Option<Certificate>, StoreError> {
        const OPERATION: &str = "read a certificate";
        let described = match self
            .client
            .describe_certificate()
            .certificate_id(id.as_str())
            .send()
            .await
        {
            Ok(described) => described.certificate_description,
            Err(SdkError::ServiceError(it)) if it.err().is_resource_not_found_exception() => None,
            Err(err) => return Err(failed(OPERATION, err)),
        };
        let Some(described) = described else {
            return Ok(None);
        };
        let pem = described.certificate_pem.unwrap_or_default();
        let ca = described
            .ca_certificate_id
            .map(CertificateId::new)
            .transpose();
        Ok(Some(Certificate {
            id: id.clone(),
            arn: described.certificate_arn.unwrap_or_default(),
            status: match described.status {
                Some(IotStatus::PendingActivation) => CertificateStatus::PendingActivation,
                Some(IotStatus::Active) => CertificateStatus::Active,
                _ => CertificateStatus::Stopped,
            },
            ca: ca.map_err(|err| unreadable(OPERATION, err))?,
            device: device(&pem).map_err(|err| unreadable(OPERATION, err))?,
        }))
    }

    async fn of_thing(&self, device: &DeviceId) -> Result<Option<Vec<CertificateId>>, StoreError> {
        let attached = registry::attached(&self.client, device).await?;
        Ok(attached.map(|all| all.into_iter().map(|it| it.certificate).collect()))
    }

    async fn attach_policy(&self, certificate: &Certificate) -> Result<(), StoreError> {
        self.client
            .attach_policy()
            .policy_name(&self.policy)
            .target(&certificate.arn)
            .send()
            .await
            .map_err(|err| failed("attach the devices' policy", err))?;
        Ok(())
    }

    async fn attach_thing(
        &self,
        certificate: &Certificate,
        device: &DeviceId,
    ) -> Result<(), StoreError> {
        self.client
            .attach_thing_principal()
            .thing_name(device.as_str())
            .principal(&certificate.arn)
            .send()
            .await
            .map_err(|err| failed("attach a certificate to its thing", err))?;
        Ok(())
    }

    async fn activate(&self, id: &CertificateId) -> Result<(), StoreError> {
        self.client
            .update_certificate()
            .certificate_id(id.as_str())
            .new_status(IotStatus::Active)
            .send()
            .await
            .map_err(|err| failed("activate a certificate", err))?;
        Ok(())
    }

    async fn remove(&self, id: &CertificateId) -> Result<(), StoreError> {
        registry::deactivate(&self.client, id).await?;
        registry::delete_certificate(&self.client, id).await
    }
}

/// The device id in the certificate's subject. A subject with two common names
/// is ambiguous and names none.
fn device(pem: &str) -> Result<Option<DeviceId>, InvalidCertificate> {
    let (_, pem) = parse_x509_pem(pem.as_bytes()).map_err(|_| InvalidCertificate)?;
    let certificate = pem.parse_x509().map_err(|_| InvalidCertificate)?;
    Ok(common_name(certificate.subject()).and_then(|name| DeviceId::new(name).ok()))
}

fn common_name<'a>(subject: &'a X509Name<'_>) -> Option<&'a str> {
    let mut names = subject.iter_common_name();
    match (names.next(), names.next()) {
        (Some(name), None) => name.as_str().ok(),
        _ => None,
    }
}

/// What IoT Core gave as a certificate is none.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the certificate is no X.509 certificate in PEM form")]
struct InvalidCertificate;

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

    use super::*;

    #[test]
    fn the_common_name_is_the_device() {
        type Subject = &'static [(DnType, &'static str)];
        let cases: [(Subject, Option<&str>); 6] = [
            (&[(DnType::CommonName, "SN-1")], Some("SN-1")),
            (
                &[
                    (DnType::OrganizationName, "Acme"),
                    (DnType::CommonName, "SN-1"),
                ],
                Some("SN-1"),
            ),
            (&[(DnType::OrganizationName, "SN-1")], None),
            (&[(DnType::CommonName, "no serial number")], None),
            (&[(DnType::CommonName, "events")], None),
            (&[], None),
        ];
        for (subject, expected) in cases {
            let found = device(&certificate(subject)).unwrap();
            assert_eq!(
                found.as_ref().map(DeviceId::as_str),
                expected,
                "{subject:?}"
            );
        }
    }

    #[test]
    fn what_is_no_certificate_is_an_error() {
        assert!(device("").is_err());
        assert!(device("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").is_err());
    }

    fn certificate(subject: &[(DnType, &str)]) -> String {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        for (name, value) in subject {
            params.distinguished_name.push(name.clone(), *value);
        }
        params
            .self_signed(&KeyPair::generate().unwrap())
            .unwrap()
            .pem()
    }
}
