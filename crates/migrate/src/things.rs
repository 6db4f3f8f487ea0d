//! Things and certificates: those of the old solution stay in the account, with
//! another owner's id and another policy.

use adapters::IotThings;
use anyhow::{Context, Result};
use aws_sdk_iot::Client;
use aws_sdk_iot::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_iot::types::AttributePayload;
use domain::id::{CertificateId, DeviceId};
use domain::registration::{Registration, Thing, Things as _};

/// What a stack's devices get.
#[derive(Debug)]
pub(crate) struct Things {
    client: Client,
    things: IotThings,
    thing_type: String,
    policy: String,
    drop_old_policies: bool,
}

/// A certificate of a thing.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) id: CertificateId,
    arn: String,
}

impl Things {
    /// Things of the stack.
    pub(crate) fn new(client: Client, stack: &str, drop_old_policies: bool) -> Self {
        // As `infra/src/things.rs` calls them.
        let thing_type = format!("{stack}-SmartProduct");
        Self {
            things: IotThings::new(client.clone(), thing_type.clone()),
            client,
            thing_type,
            policy: format!("{stack}-Device"),
            drop_old_policies,
        }
    }

    /// The certificates of a device in this account.
    pub(crate) async fn certificates(&self, device: &DeviceId) -> Result<Vec<Certificate>> {
        let found = self
            .client
            .list_thing_principals()
            .thing_name(device.as_str())
            .send()
            .await;
        let principals = match found {
            Ok(found) => found.principals.unwrap_or_default(),
            Err(SdkError::ServiceError(it)) if it.err().is_resource_not_found_exception() => {
                return Ok(Vec::new());
            }
            Err(err) => return Err(err).context("could not list the certificates of a thing"),
        };
        Ok(principals
            .into_iter()
            .filter_map(|arn| {
                let (_, id) = arn.split_once(":cert/")?;
                let id = CertificateId::new(id).ok()?;
                Some(Certificate { id, arn })
            })
            .collect())
    }

    /// Makes the thing of a registration this stack's, and gives its
    /// certificate this stack's policy. Repeating it changes nothing.
    pub(crate) async fn take_over(
        &self,
        registration: &Registration,
        certificate: Option<&Certificate>,
    ) -> Result<()> {
        self.thing(registration).await?;
        let Some(certificate) = certificate else {
            return Ok(());
        };
        self.client
            .attach_policy()
            .policy_name(&self.policy)
            .target(&certificate.arn)
            .send()
            .await
            .with_context(|| format!("could not attach the policy `{}`", self.policy))?;
        match self.drop_old_policies {
            true => self.drop_old_policy(certificate).await,
            false => Ok(()),
        }
    }

    async fn thing(&self, registration: &Registration) -> Result<()> {
        let (device, owner) = (&registration.device, &registration.user);
        let made = self
            .things
            .create(device, &registration.model, owner)
            .await?;
        if made == Thing::OfOwner {
            return Ok(());
        }
        // The old attributes go: the name that the owner gave is in the registration.
        let model = AttributePayload::builder()
            .attributes("modelNumber", registration.model.as_str())
            .merge(false);
        self.client
            .update_thing()
            .thing_name(device.as_str())
            .thing_type_name(&self.thing_type)
            .attribute_payload(model.build())
            .send()
            .await
            .context("could not change a thing")?;
        self.things.hand_over(device, owner).await;
        Ok(())
    }

    /// The old solution made a policy for each certificate, called by its id.
    async fn drop_old_policy(&self, certificate: &Certificate) -> Result<()> {
        let name = certificate.id.as_str();
        let detached = self.client.detach_policy().policy_name(name);
        gone(detached.target(&certificate.arn).send().await)
            .context("could not detach an old policy")?;
        gone(self.client.delete_policy().policy_name(name).send().await)
            .context("could not delete an old policy")
    }
}

/// What is not there need not be taken away.
fn gone<T, E, R>(done: Result<T, SdkError<E, R>>) -> Result<(), SdkError<E, R>>
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    match done {
        Err(err) if err.code() != Some("ResourceNotFoundException") => Err(err),
        _ => Ok(()),
    }
}
