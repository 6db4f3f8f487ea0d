//! The registry of things in IoT Core.

use aws_sdk_iot::Client;
use aws_sdk_iot::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iot::types::AttributePayload;
use domain::id::{DeviceId, ModelNumber, UserId};
use domain::registration::{Thing, Things};
use domain::store::StoreError;
use tracing::warn;

use crate::aws::failed;
use crate::connectivity::OWNER;

/// Things of one thing type.
#[derive(Clone, Debug)]
pub struct IotThings {
    client: Client,
    thing_type: String,
}

impl IotThings {
    /// Things of the type called `thing_type`.
    #[must_use]
    pub fn new(client: Client, thing_type: String) -> Self {
        Self { client, thing_type }
    }
}

impl Things for IotThings {
    async fn create(
        &self,
        device: &DeviceId,
        model: &ModelNumber,
        owner: &UserId,
    ) -> Result<Thing, StoreError> {
        let attributes = AttributePayload::builder()
            .attributes("modelNumber", model.as_str())
            .attributes(OWNER, owner.as_str());
        let created = self
            .client
            .create_thing()
            .thing_name(device.as_str())
            .thing_type_name(&self.thing_type)
            .attribute_payload(attributes.build())
            .send()
            .await;
        match created {
            Ok(_) => Ok(Thing::OfOwner),
            // With other attributes: the same thing again would be no error.
            Err(SdkError::ServiceError(it)) if it.err().is_resource_already_exists_exception() => {
                Ok(Thing::OfOther)
            }
            Err(err) => Err(failed("create the thing of a device", err)),
        }
    }

    async fn hand_over(&self, device: &DeviceId, owner: &UserId) {
        let attributes = AttributePayload::builder().attributes(OWNER, owner.as_str());
        let updated = self
            .client
            .update_thing()
            .thing_name(device.as_str())
            .attribute_payload(attributes.merge(true).build())
            .send()
            .await;
        if let Err(err) = updated {
            let code = err.code().unwrap_or("no answer");
            warn!(device.id = %device, error.code = code,
                "the list of devices will not show device `{device}` as connected");
        }
    }
}
