//! What an operator does and sees besides: commands of the AWS command line,
//! logs, messages to devices.

use anyhow::{Context, Result, ensure};
use aws_sdk_iotdataplane::primitives::Blob;
use serde_json::Value;
use tokio::process::Command;

use crate::device::is_not_found;
use crate::{Device, Stack, eventually};

impl Stack {
    /// Runs the AWS command line, which prints JSON, or nothing.
    ///
    /// # Errors
    ///
    /// When the command fails.
    pub async fn aws(&self, arguments: &[&str]) -> Result<Value> {
        let output = Command::new("aws")
            .args(arguments)
            .args(["--output", "json"])
            .output()
            .await
            .context("the AWS command line is needed")?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "aws {}: {error}",
            arguments.join(" ")
        );
        if output.stdout.is_empty() {
            return Ok(Value::Null);
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Waits until a function has logged a line that contains `text`.
    ///
    /// # Errors
    ///
    /// When there is none within a minute.
    pub async fn logged(&self, service: &str, text: &str) -> Result<()> {
        let group = format!("/aws/lambda/{}", self.function(service));
        let pattern = format!("\"{text}\"");
        eventually("a line in a log", async || {
            let arguments = [
                "logs",
                "filter-log-events",
                "--log-group-name",
                &group,
                "--filter-pattern",
                &pattern,
            ];
            let found = self.aws(&arguments).await?;
            Ok(found["events"].get(0).map(|_| ()))
        })
        .await
    }

    /// Waits until just-in-time registration has refused `device`.
    ///
    /// # Errors
    ///
    /// When it has not within a minute.
    pub async fn refused(&self, device: &Device) -> Result<()> {
        self.logged("jitr", &device.identity.certificate_id).await
    }

    /// Publishes a message, as the cloud.
    ///
    /// # Errors
    ///
    /// When the broker refuses it.
    pub async fn publish(&self, topic: &str, payload: &str) -> Result<()> {
        let payload = Blob::new(payload);
        self.iot_data
            .publish()
            .topic(topic)
            .qos(1)
            .payload(payload)
            .send()
            .await?;
        Ok(())
    }

    /// Detaches a certificate from its thing.
    ///
    /// # Errors
    ///
    /// When the cloud refuses.
    pub async fn detach_certificate(&self, thing: &str, id: &str) -> Result<()> {
        self.iot
            .detach_thing_principal()
            .thing_name(thing)
            .principal(self.certificate_arn(id).await?)
            .send()
            .await?;
        Ok(())
    }

    /// Attaches a certificate to a thing.
    ///
    /// # Errors
    ///
    /// When the cloud refuses.
    pub async fn attach_certificate(&self, thing: &str, id: &str) -> Result<()> {
        self.iot
            .attach_thing_principal()
            .thing_name(thing)
            .principal(self.certificate_arn(id).await?)
            .send()
            .await?;
        Ok(())
    }

    /// Deletes a certificate that is neither active nor attached to a thing.
    ///
    /// # Errors
    ///
    /// When the cloud refuses.
    pub async fn delete_certificate(&self, id: &str) -> Result<()> {
        self.iot
            .delete_certificate()
            .certificate_id(id)
            .force_delete(true)
            .send()
            .await?;
        Ok(())
    }

    async fn certificate_arn(&self, id: &str) -> Result<String> {
        let certificate = self
            .iot
            .describe_certificate()
            .certificate_id(id)
            .send()
            .await?;
        certificate
            .certificate_description
            .and_then(|it| it.certificate_arn)
            .context("a certificate without an ARN")
    }

    /// Whether the thing of a device exists.
    ///
    /// # Errors
    ///
    /// When the cloud does not answer.
    pub async fn has_thing(&self, device: &str) -> Result<bool> {
        let found = self.iot.describe_thing().thing_name(device).send().await;
        match found {
            Ok(_) => Ok(true),
            Err(err) if is_not_found(&err) => Ok(false),
            Err(err) => Err(err.into()),
        }
    }

    /// Whether a device has a shadow.
    ///
    /// # Errors
    ///
    /// When the cloud does not answer.
    pub async fn has_shadow(&self, device: &str) -> Result<bool> {
        let found = self.iot_data.get_thing_shadow().thing_name(device).send();
        match found.await {
            Ok(_) => Ok(true),
            Err(err) if is_not_found(&err) => Ok(false),
            Err(err) => Err(err.into()),
        }
    }
}
