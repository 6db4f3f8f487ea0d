//! `Custom::AuditConfiguration`: Device Defender audits the account, while the
//! resource is there.

use adapters::{AuditConfiguration, AuditTarget, IotAudits};
use contract::resource;
use domain::store::StoreError;

use crate::account::Setting;
use crate::answer::Attributes;
use crate::maker::Failure;
use crate::request::Request;

/// Name of the row that remembers what was found.
pub(crate) const ROW: &str = "audit-configuration";

/// What was found, with the checks, the role and the topic that are asked for
/// where there are none.
pub(crate) fn wanted(
    found: AuditConfiguration,
    request: &Request,
) -> Result<AuditConfiguration, Failure> {
    let target = AuditTarget {
        topic: request.read(resource::TOPIC)?,
        role: request.read(resource::TOPIC_ROLE)?,
    };
    let role = request.read(resource::AUDIT_ROLE)?;
    Ok(found.with(role, target, request.read(resource::CHECKS)?))
}

/// Where to hear of audits.
pub(crate) fn attributes(set: &AuditConfiguration) -> Attributes {
    let topic = set.topic().map(str::to_owned);
    topic
        .map(|it| (resource::AUDIT_TOPIC, it))
        .into_iter()
        .collect()
}

impl Setting<AuditConfiguration> for IotAudits {
    async fn get(&self) -> Result<AuditConfiguration, StoreError> {
        Self::get(self).await
    }

    async fn set(&self, value: &AuditConfiguration) -> Result<(), StoreError> {
        Self::set(self, value).await
    }
}

#[cfg(test)]
mod tests;
