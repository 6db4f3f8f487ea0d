//! Classic shadows of IoT Core.

use aws_sdk_iotdataplane::Client;
use aws_sdk_iotdataplane::error::SdkError;
use domain::id::DeviceId;
use domain::status::{Shadow, Shadows};
use domain::store::StoreError;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::aws::{failed, unreadable};

/// The shadows of all things of the account.
#[derive(Clone, Debug)]
pub struct IotShadows {
    client: Client,
}

impl IotShadows {
    /// Reads through `client`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Shadows for IotShadows {
    async fn of_device(&self, device: &DeviceId) -> Result<Shadow, StoreError> {
        const OPERATION: &str = "read a shadow";
        let found = self
            .client
            .get_thing_shadow()
            .thing_name(device.as_str())
            .send()
            .await;
        let payload = match found {
            Ok(found) => found.payload.unwrap_or_default(),
            Err(SdkError::ServiceError(it)) if it.err().is_resource_not_found_exception() => {
                return Ok(Shadow::default());
            }
            Err(err) => return Err(failed(OPERATION, err)),
        };
        let document: Document =
            serde_json::from_slice(payload.as_ref()).map_err(|err| unreadable(OPERATION, err))?;
        Ok(Shadow {
            state: document.state,
            metadata: document.metadata,
        })
    }
}

/// What is read of a shadow document.
#[derive(Debug, Deserialize)]
struct Document {
    #[serde(default)]
    state: Map<String, Value>,
    #[serde(default)]
    metadata: Map<String, Value>,
}
