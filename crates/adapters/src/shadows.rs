//! Classic shadows of IoT Core.

use aws_sdk_iotdataplane::Client;
use aws_sdk_iotdataplane::error::SdkError;
use aws_sdk_iotdataplane::primitives::Blob;
use domain::command::{Desired, DesiredStates, Patched};
use domain::id::DeviceId;
use domain::status::{Shadow, Shadows};
use domain::store::StoreError;
use serde::{Deserialize, Serialize};
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

impl IotShadows {
    /// The shadow's document; `None` where there is none.
    async fn document(&self, device: &DeviceId) -> Result<Option<Document>, StoreError> {
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
                return Ok(None);
            }
            Err(err) => return Err(failed(OPERATION, err)),
        };
        serde_json::from_slice(payload.as_ref())
            .map(Some)
            .map_err(|err| unreadable(OPERATION, err))
    }
}

impl Shadows for IotShadows {
    async fn of_device(&self, device: &DeviceId) -> Result<Shadow, StoreError> {
        let document = self.document(device).await?.unwrap_or_default();
        Ok(Shadow {
            state: document.state,
            metadata: document.metadata,
        })
    }
}

impl DesiredStates for IotShadows {
    async fn desired(&self, device: &DeviceId) -> Result<Option<Desired>, StoreError> {
        let document = self.document(device).await?;
        Ok(document.map(|mut it| Desired {
            state: match it.state.remove("desired") {
                Some(Value::Object(desired)) => desired,
                _ => Map::new(),
            },
            version: it.version,
        }))
    }

    async fn patch(
        &self,
        device: &DeviceId,
        patch: &Map<String, Value>,
        token: &str,
        version: Option<u64>,
    ) -> Result<Patched, StoreError> {
        const OPERATION: &str = "change a shadow";
        let update = Update {
            state: DesiredOnly { desired: patch },
            client_token: token,
            version,
        };
        let payload = serde_json::to_vec(&update).map_err(|err| unreadable(OPERATION, err))?;
        let sent = self
            .client
            .update_thing_shadow()
            .thing_name(device.as_str())
            .payload(Blob::new(payload))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(Patched::Done),
            Err(SdkError::ServiceError(it)) if it.err().is_conflict_exception() => {
                Ok(Patched::Overtaken)
            }
            Err(err) => Err(failed(OPERATION, err)),
        }
    }
}

/// What is read of a shadow document.
#[derive(Debug, Default, Deserialize)]
struct Document {
    #[serde(default)]
    state: Map<String, Value>,
    #[serde(default)]
    metadata: Map<String, Value>,
    #[serde(default)]
    version: u64,
}

/// A change of a shadow document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Update<'a> {
    state: DesiredOnly<'a>,
    client_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
}

#[derive(Debug, Serialize)]
struct DesiredOnly<'a> {
    desired: &'a Map<String, Value>,
}
