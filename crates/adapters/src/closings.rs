//! Registrations that are being deleted, and the products that become free.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use domain::device::{Closed, Closings, Lease};
use domain::id::{DeviceId, UserId};
use domain::registration::{Registration, Status};
use domain::store::{Cause, StoreError};
use domain::time;
use jiff::Timestamp;

use crate::aws::{failed, unreadable};
use crate::dynamo::{self, Updated, from_item, text};
use crate::registrations::{DynamoRegistrations, Row, code, product_key, registration_key};

impl Closings for DynamoRegistrations {
    async fn close(
        &self,
        user: &UserId,
        device: &DeviceId,
        lease: Lease,
        now: Timestamp,
    ) -> Result<Closed, StoreError> {
        const OPERATION: &str = "close a registration";
        let close = self
            .client
            .update_item()
            .table_name(&self.registrations)
            .set_key(Some(registration_key(user, device)))
            .update_expression("SET closing = :lease, updatedAt = :now REMOVE activeDevice")
            // A repetition by the SDK finds the lease that it has noted itself.
            .condition_expression(
                "attribute_exists(registrationId) AND #status <> :deleted \
                 AND (attribute_not_exists(closing) OR closing < :now OR closing = :lease)",
            )
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":deleted", text("deleted"))
            .expression_attribute_values(":lease", text(written(lease)))
            .expression_attribute_values(":now", text(time::text(now)));
        let found = match dynamo::update(OPERATION, close).await? {
            Updated::Done(item) => {
                let row: Row = from_item(OPERATION, item)?;
                return Ok(Closed::Closed(Box::new(row.into())));
            }
            Updated::Refused(found) => found,
        };
        let row = found.map(|item| from_item::<Row>(OPERATION, item));
        let status = row.transpose()?.map(|it| Registration::from(it).status);
        Ok(match status {
            None | Some(Status::Deleted) => Closed::NotOwner,
            Some(_) => Closed::InProgress,
        })
    }

    async fn release(
        &self,
        user: &UserId,
        device: &DeviceId,
        lease: Lease,
    ) -> Result<(), StoreError> {
        let released = self
            .client
            .update_item()
            .table_name(&self.registrations)
            .set_key(Some(registration_key(user, device)))
            .update_expression("REMOVE closing")
            .condition_expression("closing = :lease")
            .expression_attribute_values(":lease", text(written(lease)))
            .send()
            .await;
        match released {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(it)) if it.err().is_conditional_check_failed_exception() => {
                Ok(())
            }
            Err(err) => Err(failed("give back the lease on a registration", err)),
        }
    }

    async fn finish(
        &self,
        registration: &Registration,
        lease: Lease,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let deleted = self.deleted(registration, lease, now)?;
        let both = [deleted.clone(), self.freed(registration)?];
        let err = match self.write(&both).await {
            Ok(()) => return Ok(()),
            Err(err) => err,
        };
        match canceled(&err).as_slice() {
            // The product is not this user's, as an operator wants it.
            ["None", "ConditionalCheckFailed"] => self
                .write(&[deleted])
                .await
                .map_err(|err| failed(FINISH, err)),
            ["ConditionalCheckFailed", ..] => Err(StoreError {
                operation: FINISH,
                cause: Cause::Busy,
                source: "another call has taken the deletion over".into(),
            }),
            _ => Err(failed(FINISH, err)),
        }
    }
}

const FINISH: &str = "finish the deletion of a registration";

type Sent = Result<(), SdkError<TransactWriteItemsError>>;

impl DynamoRegistrations {
    async fn write(&self, items: &[TransactWriteItem]) -> Sent {
        let items = Some(items.to_vec());
        let sent = self.client.transact_write_items().set_transact_items(items);
        sent.send().await.map(|_| ())
    }

    fn deleted(
        &self,
        registration: &Registration,
        lease: Lease,
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let key = registration_key(&registration.user, &registration.device);
        let update = Update::builder()
            .table_name(&self.registrations)
            .set_key(Some(key))
            .update_expression(
                "SET #status = :deleted, updatedAt = :now REMOVE closing, certificateId",
            )
            .condition_expression("closing = :lease")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":deleted", text("deleted"))
            .expression_attribute_values(":lease", text(written(lease)))
            .expression_attribute_values(":now", text(time::text(now)))
            .build()
            .map_err(|err| unreadable(FINISH, err))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn freed(&self, registration: &Registration) -> Result<TransactWriteItem, StoreError> {
        let update = Update::builder()
            .table_name(&self.reference)
            .set_key(Some(product_key(&registration.device, &registration.model)))
            .update_expression("REMOVE claimedBy")
            .condition_expression("claimedBy = :user")
            .expression_attribute_values(":user", text(registration.user.as_str()))
            .build()
            .map_err(|err| unreadable(FINISH, err))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// Its end, then its id: as text it sorts by its end.
fn written(lease: Lease) -> String {
    format!("{}#{}", time::text(lease.until), lease.id)
}

/// What is said of each item of a transaction that was canceled.
fn canceled(err: &SdkError<TransactWriteItemsError>) -> Vec<&str> {
    match err.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(it)) => {
            it.cancellation_reasons().iter().map(code).collect()
        }
        _ => Vec::new(),
    }
}
