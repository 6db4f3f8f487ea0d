//! Who sends the alert of an event, kept in the event's row.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::alert::{Alerts, Channel, Claim, Request};
use domain::store::StoreError;

use crate::aws::failed;
use crate::dynamo::text;
use crate::event_row;
use crate::events::DynamoEvents;

impl Alerts for DynamoEvents {
    async fn claim(&self, request: &Request) -> Result<Claim, StoreError> {
        const OPERATION: &str = "claim an alert";
        let claimed = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(request)))
            .update_expression("SET alertClaim = :claim")
            .condition_expression(
                "attribute_exists(id) \
                 AND (attribute_not_exists(alertClaim) OR alertClaim = :claim)",
            )
            .expression_attribute_values(":claim", text(request.claim.to_string()))
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        match claimed {
            Ok(claimed) => {
                let item = claimed.attributes.unwrap_or_default();
                let (record, served) = event_row::read_alert(OPERATION, item)?;
                Ok(Claim::Granted {
                    event: Box::new(record.event),
                    served: served.into_iter().collect(),
                })
            }
            Err(SdkError::ServiceError(it)) if it.err().is_conditional_check_failed_exception() => {
                Ok(Claim::Refused)
            }
            Err(err) => Err(failed(OPERATION, err)),
        }
    }

    async fn release(
        &self,
        request: &Request,
        served: &BTreeSet<Channel>,
    ) -> Result<(), StoreError> {
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(request)))
            .condition_expression("alertClaim = :claim")
            .expression_attribute_values(":claim", text(request.claim.to_string()));
        // DynamoDB knows no empty set.
        update = match served.is_empty() {
            true => update.update_expression("REMOVE alertClaim"),
            false => update
                .update_expression("REMOVE alertClaim ADD alertDone :served")
                .expression_attribute_values(":served", words(served)),
        };
        match update.send().await {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(it)) if it.err().is_conditional_check_failed_exception() => {
                Ok(())
            }
            Err(err) => Err(failed("give back the claim of an alert", err)),
        }
    }
}

fn key(request: &Request) -> crate::dynamo::Item {
    event_row::key(&request.user, &request.device, request.event)
}

fn words(channels: &BTreeSet<Channel>) -> AttributeValue {
    AttributeValue::Ss(channels.iter().map(ToString::to_string).collect())
}
