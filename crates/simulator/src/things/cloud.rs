//! The calls of AWS IoT that things are made and deleted by. What is gone
//! already counts as deleted.

use std::error::Error as StdError;
use std::fmt::Debug;
use std::time::Duration;

use anyhow::{Context, Result};
use aws_sdk_iot::Client;
use aws_sdk_iot::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iot::types::CertificateStatus;
use tokio::time::sleep;

use super::state::Certificate;
use crate::aws::explain;

/// How often a deletion is tried that what was just detached is still in the way of.
const ATTEMPTS: usize = 10;
const PAUSE: Duration = Duration::from_millis(500);

/// A new certificate with its key.
#[derive(Clone)]
pub(crate) struct Issued {
    pub(crate) certificate: Certificate,
    pub(crate) pem: String,
    pub(crate) key: String,
}

/// Where things are.
pub(crate) trait Cloud {
    async fn has_thing(&self, name: &str) -> Result<bool>;
    async fn create_thing(&self, name: &str) -> Result<()>;
    /// A certificate that lets nobody in yet.
    async fn create_certificate(&self) -> Result<Issued>;
    async fn attach(&self, thing: &str, policy: &str, certificate: &Certificate) -> Result<()>;
    async fn activate(&self, certificate: &Certificate) -> Result<()>;
    /// Takes the certificate out of use, and off its thing and its policy.
    async fn detach(&self, thing: &str, policy: &str, certificate: &Certificate) -> Result<()>;
    async fn delete_certificate(&self, certificate: &Certificate) -> Result<()>;
    async fn delete_thing(&self, name: &str) -> Result<()>;
}

impl Cloud for Client {
    async fn has_thing(&self, name: &str) -> Result<bool> {
        let found = self.describe_thing().thing_name(name).send().await;
        match found {
            Ok(_) => Ok(true),
            Err(error) if is(&error, "ResourceNotFoundException") => Ok(false),
            Err(error) => Err(explain(&error)),
        }
    }

    async fn create_thing(&self, name: &str) -> Result<()> {
        let made = self.create_thing().thing_name(name).send().await;
        made.map_err(|error| explain(&error))?;
        Ok(())
    }

    async fn create_certificate(&self) -> Result<Issued> {
        let made = self
            .create_keys_and_certificate()
            .set_as_active(false)
            .send()
            .await
            .map_err(|error| explain(&error))?;
        let missing = || "AWS answered without it";
        Ok(Issued {
            certificate: Certificate {
                id: made.certificate_id.with_context(missing)?,
                arn: made.certificate_arn.with_context(missing)?,
            },
            pem: made.certificate_pem.with_context(missing)?,
            key: made
                .key_pair
                .and_then(|it| it.private_key)
                .with_context(missing)?,
        })
    }

    async fn attach(&self, thing: &str, policy: &str, certificate: &Certificate) -> Result<()> {
        let attached = self
            .attach_policy()
            .policy_name(policy)
            .target(&certificate.arn)
            .send()
            .await;
        attached
            .map_err(|error| explain(&error))
            .with_context(|| format!("could not attach the policy `{policy}`"))?;
        let attached = self
            .attach_thing_principal()
            .thing_name(thing)
            .principal(&certificate.arn)
            .send()
            .await;
        attached.map_err(|error| explain(&error))?;
        Ok(())
    }

    async fn activate(&self, certificate: &Certificate) -> Result<()> {
        let activated = self
            .update_certificate()
            .certificate_id(&certificate.id)
            .new_status(CertificateStatus::Active)
            .send()
            .await;
        activated.map_err(|error| explain(&error))?;
        Ok(())
    }

    async fn detach(&self, thing: &str, policy: &str, certificate: &Certificate) -> Result<()> {
        gone(
            self.update_certificate()
                .certificate_id(&certificate.id)
                .new_status(CertificateStatus::Inactive)
                .send()
                .await,
        )?;
        gone(
            self.detach_thing_principal()
                .thing_name(thing)
                .principal(&certificate.arn)
                .send()
                .await,
        )?;
        gone(
            self.detach_policy()
                .policy_name(policy)
                .target(&certificate.arn)
                .send()
                .await,
        )
    }

    async fn delete_certificate(&self, certificate: &Certificate) -> Result<()> {
        patiently(async || {
            self.delete_certificate()
                .certificate_id(&certificate.id)
                .send()
                .await
        })
        .await
    }

    async fn delete_thing(&self, name: &str) -> Result<()> {
        patiently(async || self.delete_thing().thing_name(name).send().await).await
    }
}

/// Repeats a deletion while AWS still sees what was detached.
async fn patiently<T, E, R>(delete: impl AsyncFn() -> Result<T, SdkError<E, R>>) -> Result<()>
where
    E: ProvideErrorMetadata + StdError + 'static,
    R: Debug + 'static,
{
    let mut attempt = 1;
    loop {
        let deleted = delete().await;
        let in_the_way = deleted.as_ref().err().is_some_and(|error| {
            is(error, "DeleteConflictException") || is(error, "InvalidRequestException")
        });
        if !in_the_way || attempt == ATTEMPTS {
            return gone(deleted);
        }
        sleep(PAUSE).await;
        attempt += 1;
    }
}

fn gone<T, E, R>(deleted: Result<T, SdkError<E, R>>) -> Result<()>
where
    E: ProvideErrorMetadata + StdError + 'static,
    R: Debug + 'static,
{
    match deleted {
        Ok(_) => Ok(()),
        Err(error) if is(&error, "ResourceNotFoundException") => Ok(()),
        Err(error) => Err(explain(&error)),
    }
}

fn is<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>, code: &str) -> bool {
    error.as_service_error().and_then(|it| it.code()) == Some(code)
}
