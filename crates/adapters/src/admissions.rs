//! Registrations as just-in-time registration sees them: by device.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use contract::table;
use domain::id::{CertificateId, DeviceId, RegistrationId, UserId};
use domain::jitr::{Admissions, Awaited, Binding};
use domain::registration::Status;
use domain::store::StoreError;
use domain::time;
use jiff::Timestamp;
use serde::Deserialize;

use crate::aws::failed;
use crate::dynamo::{from_item, text};
use crate::owners;

/// Present registrations in the table keyed by owner and device.
#[derive(Clone, Debug)]
pub struct DynamoAdmissions {
    client: Client,
    table: String,
}

impl DynamoAdmissions {
    /// Registrations in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Changes the registration's row if it is there, the same, not deleted, and
    /// has `certificate` or none.
    async fn change(
        &self,
        operation: &'static str,
        awaited: &Awaited,
        certificate: &CertificateId,
        update: &str,
        now: Timestamp,
        status: Option<&str>,
    ) -> Result<Binding, StoreError> {
        let changed = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(table::USER_ID, text(awaited.user.as_str()))
            .key(table::DEVICE_ID, text(awaited.device.as_str()))
            .update_expression(update)
            .condition_expression(
                "activeDevice = :device AND registrationId = :registration \
                 AND (attribute_not_exists(certificateId) OR certificateId = :certificate)",
            )
            .expression_attribute_values(":device", text(awaited.device.as_str()))
            .expression_attribute_values(":certificate", text(certificate.as_str()))
            .expression_attribute_values(":registration", text(awaited.registration.to_string()))
            .expression_attribute_values(":now", text(time::text(now)));
        let changed = match status {
            None => changed,
            Some(status) => changed
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":status", text(status)),
        };
        match changed.send().await {
            Ok(_) => Ok(Binding::Bound),
            Err(SdkError::ServiceError(it)) if it.err().is_conditional_check_failed_exception() => {
                Ok(Binding::Other)
            }
            Err(err) => Err(failed(operation, err)),
        }
    }
}

/// What is read of a row.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    registration_id: RegistrationId,
    user_id: UserId,
    device_id: DeviceId,
    status: Status,
    certificate_id: Option<CertificateId>,
}

impl Admissions for DynamoAdmissions {
    async fn awaited(&self, device: &DeviceId) -> Result<Option<Awaited>, StoreError> {
        const OPERATION: &str = "find the registration of a device";
        let row = owners::present_row(&self.client, &self.table, OPERATION, device);
        let Some(item) = row.await? else {
            return Ok(None);
        };
        let row: Row = from_item(OPERATION, item)?;
        Ok(Some(Awaited {
            registration: row.registration_id,
            user: row.user_id,
            device: row.device_id,
            status: row.status,
            certificate: row.certificate_id,
        }))
    }

    async fn bind(
        &self,
        awaited: &Awaited,
        certificate: &CertificateId,
        now: Timestamp,
    ) -> Result<Binding, StoreError> {
        const OPERATION: &str = "bind a certificate to a registration";
        let update = "SET certificateId = :certificate, updatedAt = :now";
        self.change(OPERATION, awaited, certificate, update, now, None)
            .await
    }

    async fn complete(
        &self,
        awaited: &Awaited,
        certificate: &CertificateId,
        now: Timestamp,
    ) -> Result<Binding, StoreError> {
        const OPERATION: &str = "complete a registration";
        let update = "SET certificateId = :certificate, updatedAt = :now, #status = :status";
        self.change(
            OPERATION,
            awaited,
            certificate,
            update,
            now,
            Some("complete"),
        )
        .await
    }
}
