//! Functions, called without what stands before them.

use anyhow::{Result, ensure};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::Stack;
use crate::device::base64;

impl Stack {
    /// Name of a function, by its service.
    #[must_use]
    pub fn function(&self, service: &str) -> String {
        format!("{}-{service}", self.name)
    }

    /// The services whose functions are deployed.
    ///
    /// # Errors
    ///
    /// When the cloud does not answer.
    pub async fn services(&self) -> Result<Vec<String>> {
        let prefix = self.function("");
        let mut services = Vec::new();
        let mut functions = self.lambda.list_functions().into_paginator().items().send();
        while let Some(function) = functions.next().await {
            let name = function?.function_name.unwrap_or_default();
            services.extend(name.strip_prefix(&prefix).map(str::to_owned));
        }
        services.sort();
        Ok(services)
    }

    /// Hands `payload` to a function the way rules and functions do: it is
    /// tried three times, then it goes to the failure queue.
    ///
    /// # Errors
    ///
    /// When the function does not exist.
    pub async fn send(&self, service: &str, payload: &Value) -> Result<()> {
        self.lambda
            .invoke()
            .function_name(self.function(service))
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(payload.to_string()))
            .send()
            .await?;
        Ok(())
    }

    /// Calls a function and waits for what it returns.
    ///
    /// # Errors
    ///
    /// When the function does not exist, or fails.
    pub async fn call(&self, service: &str, payload: &Value) -> Result<Value> {
        let answer = self
            .lambda
            .invoke()
            .function_name(self.function(service))
            .payload(Blob::new(payload.to_string()))
            .send()
            .await?;
        let returned = answer.payload.map(Blob::into_inner).unwrap_or_default();
        let returned = String::from_utf8_lossy(&returned);
        ensure!(
            answer.function_error.is_none(),
            "{service} failed: {returned}"
        );
        Ok(serde_json::from_str(&returned)?)
    }

    /// What the topic rule makes of a message of `device`.
    #[must_use]
    pub fn rule_event(device: &str, payload: &[u8]) -> Value {
        json!({
            "payload": base64(payload),
            "deviceId": device,
            "receivedAt": Timestamp::now().as_millisecond(),
        })
    }
}
