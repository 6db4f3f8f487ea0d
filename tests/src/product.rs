//! Products of other models than the tests' own.

use std::fs;

use anyhow::{Context, Result};
use contract::{output, table};
use serde_dynamo::to_attribute_value;
use serde_json::{Value, json};

use crate::{Answer, Api, Ca, Device, Owner, Stack, api};

/// What the makers of a product say of it.
#[derive(Clone, Debug)]
pub struct Product {
    /// Its model number.
    pub number: &'static str,
    /// `details` of its row in the Reference table: its model, and what else they like.
    pub details: Value,
}

impl Product {
    /// The sample product of a file in `models/`.
    ///
    /// # Errors
    ///
    /// When there is no such file.
    pub fn sample(number: &'static str) -> Result<Self> {
        let file = format!("{}/../models/{number}.json", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(&file).with_context(|| file)?;
        let details = serde_json::from_str(&text)?;
        Ok(Self { number, details })
    }

    /// A product that takes these commands.
    #[must_use]
    pub fn with_commands(commands: &Value) -> Self {
        Self {
            number: "test-1",
            details: json!({"commands": commands}),
        }
    }

    /// A device of this product that `owner` has registered and that was never connected.
    ///
    /// # Errors
    ///
    /// When a step on that way fails.
    pub async fn pending(&self, stack: &Stack, owner: &Owner, ca: &Ca) -> Result<Device> {
        let serial = crate::serial();
        stack.manufacture(&serial, self).await?;
        stack
            .api(owner)
            .register_as(&serial, self.number)
            .await?
            .ok()?;
        Ok(Device {
            identity: ca.identity(&serial)?,
            serial,
        })
    }

    /// The same after it has completed its registration.
    ///
    /// # Errors
    ///
    /// When a step on that way fails.
    pub async fn device(&self, stack: &Stack, owner: &Owner, ca: &Ca) -> Result<Device> {
        let device = self.pending(stack, owner, ca).await?;
        device.join(stack).await?;
        Ok(device)
    }
}

impl Stack {
    /// Adds a product to what was manufactured.
    ///
    /// # Errors
    ///
    /// When the table refuses.
    pub async fn manufacture(&self, serial: &str, product: &Product) -> Result<()> {
        self.dynamo
            .put_item()
            .table_name(self.output(output::REFERENCE_TABLE))
            .item(table::DEVICE_ID, to_attribute_value(serial)?)
            .item(table::MODEL_NUMBER, to_attribute_value(product.number)?)
            .item("details", to_attribute_value(&product.details)?)
            .send()
            .await?;
        Ok(())
    }
}

impl Api<'_> {
    /// Registers `device` under a model number.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn register_as(&self, device: &str, number: &str) -> Result<Answer> {
        let name = api::name(device);
        let body = json!({"deviceId": device, "deviceName": name, "modelNumber": number});
        self.post("/registration", &body).await
    }
}
