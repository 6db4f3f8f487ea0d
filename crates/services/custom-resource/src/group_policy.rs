//! `Custom::GroupPolicy`: a thing group has a policy. CloudFormation attaches
//! policies to certificates and identities only.

use std::fmt;

use adapters::IotGroupPolicies;
use contract::resource;
use domain::store::StoreError;
use serde_json::Value;

use crate::answer::Attributes;
use crate::maker::{Failure, Maker, Making};
use crate::request::{Kind, Request};

/// The account's policies and thing groups.
pub(crate) trait GroupPolicies: Sync {
    /// Attaches the policy to the group; again, it changes nothing.
    fn attach(
        &self,
        policy: &str,
        group: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Detaches it, wherever that has been done before.
    fn detach(
        &self,
        policy: &str,
        group: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Attaches and detaches.
#[derive(Debug)]
pub(crate) struct AttachPolicy<P>(pub(crate) P);

impl<P: GroupPolicies + fmt::Debug + Send> Maker for AttachPolicy<P> {
    fn make<'a>(&'a self, request: &'a Request) -> Making<'a> {
        Box::pin(async move {
            match request.kind {
                Kind::Create | Kind::Update => {
                    let policy: String = request.read(resource::POLICY)?;
                    let group: String = request.read(resource::GROUP)?;
                    self.0.attach(&policy, &group).await?;
                    self.detach_unless(&request.old_properties, Some((&policy, &group)))
                        .await?;
                }
                Kind::Delete => self.detach_unless(&request.properties, None).await?,
            }
            Ok(Attributes::new())
        })
    }
}

impl<P: GroupPolicies> AttachPolicy<P> {
    /// Detaches what `properties` name, if they do, unless it is what is wanted now.
    async fn detach_unless(
        &self,
        properties: &Value,
        wanted: Option<(&str, &str)>,
    ) -> Result<(), Failure> {
        let text = |name: &str| properties[name].as_str();
        if let Some(pair) = text(resource::POLICY).zip(text(resource::GROUP))
            && Some(pair) != wanted
        {
            self.0.detach(pair.0, pair.1).await?;
        }
        Ok(())
    }
}

impl GroupPolicies for IotGroupPolicies {
    async fn attach(&self, policy: &str, group: &str) -> Result<(), StoreError> {
        Self::attach(self, policy, group).await
    }

    async fn detach(&self, policy: &str, group: &str) -> Result<(), StoreError> {
        Self::detach(self, policy, group).await
    }
}

#[cfg(test)]
mod tests;
