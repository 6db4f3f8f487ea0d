//! Policies of thing groups, which all devices in the group have besides their
//! own.

use aws_sdk_iot::Client;
use aws_sdk_iot::operation::detach_policy::DetachPolicyError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use domain::store::StoreError;

use crate::aws::failed;

/// The policies and groups of the account that `client` works in.
#[derive(Clone, Debug)]
pub struct IotGroupPolicies {
    client: Client,
}

impl IotGroupPolicies {
    /// The policies behind `client`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Attaches the policy to the group with this ARN; again, it changes nothing.
    ///
    /// # Errors
    ///
    /// When IoT Core does not do it.
    pub async fn attach(&self, policy: &str, group: &str) -> Result<(), StoreError> {
        let request = self.client.attach_policy();
        let attached = request.policy_name(policy).target(group).send().await;
        attached.map_err(|err| failed("attach the policy to the thing group", err))?;
        Ok(())
    }

    /// Detaches it. A policy or a group that is not there is as good as detached.
    ///
    /// # Errors
    ///
    /// When IoT Core does not do it.
    pub async fn detach(&self, policy: &str, group: &str) -> Result<(), StoreError> {
        let request = self.client.detach_policy();
        let detached = request.policy_name(policy).target(group).send().await;
        match detached {
            Ok(_) => Ok(()),
            Err(err) if err.as_service_error().is_some_and(is_gone) => Ok(()),
            Err(err) => Err(failed("detach the policy from the thing group", err)),
        }
    }
}

/// The API has no type for it, but says so.
fn is_gone(err: &DetachPolicyError) -> bool {
    err.code() == Some("ResourceNotFoundException")
}
