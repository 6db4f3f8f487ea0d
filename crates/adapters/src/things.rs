//! The registry of things in IoT Core.

use aws_sdk_iot::Client;
use aws_sdk_iot::error::SdkError;
use aws_sdk_iot::types::AttributePayload;
use domain::id::{DeviceId, ModelNumber};
use domain::registration::Things;
use domain::store::StoreError;

use crate::aws::failed;

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
    async fn create(&self, device: &DeviceId, model: &ModelNumber) -> Result<(), StoreError> {
        // Nothing of the owner is in it: whoever comes first makes the same thing.
        let attributes = AttributePayload::builder().attributes("modelNumber", model.as_str());
        let created = self
            .client
            .create_thing()
            .thing_name(device.as_str())
            .thing_type_name(&self.thing_type)
            .attribute_payload(attributes.build())
            .send()
            .await;
        match created {
            Ok(_) => Ok(()),
            Err(SdkError::ServiceError(it)) if it.err().is_resource_already_exists_exception() => {
                Ok(())
            }
            Err(err) => Err(failed("create the thing of a device", err)),
        }
    }
}
