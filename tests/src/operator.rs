//! What an operator does and sees besides: commands of the AWS command line,
//! logs, messages to devices.

use anyhow::{Context, Result, ensure};
use aws_sdk_iot::types::CertificateStatus;
use aws_sdk_iotdataplane::primitives::Blob;
use contract::table;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{Device, MODEL, Owner, Stack, eventually};

impl Stack {
    /// Runs the AWS command line, which prints JSON.
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

    /// Takes `device` from `owner`: what deleting it through the API leaves behind.
    ///
    /// # Errors
    ///
    /// When a step is refused.
    pub async fn release(&self, owner: &Owner, device: &Device) -> Result<()> {
        let registration = [
            (table::USER_ID, owner.id.as_str()),
            (table::DEVICE_ID, &device.serial),
        ];
        self.set(
            table::REGISTRATIONS,
            &registration,
            &[("status", json!("deleted"))],
        )
        .await?;
        self.remove(table::REGISTRATIONS, &registration, table::ACTIVE_DEVICE)
            .await?;
        let product = [
            (table::DEVICE_ID, device.serial.as_str()),
            (table::MODEL_NUMBER, MODEL),
        ];
        self.remove(table::REFERENCE, &product, "claimedBy").await?;
        for id in self.certificates_of(&device.serial).await? {
            self.delete_certificate(&device.serial, &id).await?;
        }
        self.iot
            .delete_thing()
            .thing_name(&device.serial)
            .send()
            .await?;
        Ok(())
    }

    async fn delete_certificate(&self, thing: &str, id: &str) -> Result<()> {
        let certificate = self
            .iot
            .describe_certificate()
            .certificate_id(id)
            .send()
            .await?;
        let arn = certificate
            .certificate_description
            .and_then(|it| it.certificate_arn)
            .context("a certificate without an ARN")?;
        self.iot
            .detach_thing_principal()
            .thing_name(thing)
            .principal(&arn)
            .send()
            .await?;
        self.set_certificate_status(id, CertificateStatus::Inactive)
            .await?;
        self.iot
            .delete_certificate()
            .certificate_id(id)
            .force_delete(true)
            .send()
            .await?;
        Ok(())
    }
}
