//! How Device Defender audits the account: one configuration of the whole
//! account and region, which others in it may use as well.
//!
//! <https://docs.aws.amazon.com/iot/latest/apireference/API_UpdateAccountAuditConfiguration.html>

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iot::Client;
use aws_sdk_iot::operation::describe_account_audit_configuration::DescribeAccountAuditConfigurationOutput;
use aws_sdk_iot::types::{
    AuditCheckConfiguration, AuditNotificationTarget, AuditNotificationType, ConfigName,
};
use domain::store::StoreError;
use serde::{Deserialize, Serialize};

use crate::aws::{failed, unreadable};

/// What a check's setting is while nobody has set it. The service may write it
/// out or leave it out; to us both are the same.
const DEFAULTS: &[(ConfigName, &str)] = &[
    (ConfigName::CertAgeThresholdInDays, "365"),
    (ConfigName::CertExpirationThresholdInDays, "30"),
];

/// The configuration, all that can be set of it. Nothing in it has an order.
///
/// Without a role it is that of an account which has never been configured.
/// A target that is switched off counts as none.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditConfiguration {
    role: Option<String>,
    target: Option<AuditTarget>,
    checks: BTreeMap<String, Check>,
}

/// The SNS topic that tells of audits, and the role that publishes on it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditTarget {
    /// ARN.
    pub topic: String,
    /// ARN.
    pub role: String,
}

/// A check; one that is off and has no settings is left out of the map.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Check {
    enabled: bool,
    settings: BTreeMap<String, String>,
}

impl AuditConfiguration {
    /// The least change after which `checks` are made and somebody is told: a
    /// role and a target that others have set stay.
    #[must_use]
    pub fn with(mut self, role: String, target: AuditTarget, checks: Vec<String>) -> Self {
        self.role.get_or_insert(role);
        self.target.get_or_insert(target);
        for name in checks {
            self.checks.entry(name).or_default().enabled = true;
        }
        self
    }

    /// ARN of the topic that tells of audits.
    #[must_use]
    pub fn topic(&self) -> Option<&str> {
        self.target.as_ref().map(|it| it.topic.as_str())
    }

    fn read(found: DescribeAccountAuditConfigurationOutput) -> Self {
        let targets = found.audit_notification_target_configurations;
        let sns = targets.and_then(|mut it| it.remove(&AuditNotificationType::Sns));
        let target = sns.filter(|it| it.enabled).and_then(|it| {
            let (topic, role) = (it.target_arn?, it.role_arn?);
            Some(AuditTarget { topic, role })
        });
        let checks = found.audit_check_configurations.unwrap_or_default();
        let checks = checks
            .into_iter()
            .map(|(name, check)| (name, Check::read(check)));
        Self {
            role: found.role_arn.filter(|role| !role.is_empty()),
            target,
            checks: checks.filter(|(_, it)| *it != Check::default()).collect(),
        }
    }
}

impl Check {
    fn read(found: AuditCheckConfiguration) -> Self {
        let settings = found.configuration.unwrap_or_default();
        let settings = settings
            .into_iter()
            .filter(|(name, value)| {
                let default = DEFAULTS.iter().find(|(it, _)| it == name);
                default.is_none_or(|(_, default)| default != value)
            })
            .map(|(name, value)| (name.as_str().to_owned(), value));
        Self {
            enabled: found.enabled,
            settings: settings.collect(),
        }
    }

    fn write(&self) -> AuditCheckConfiguration {
        let settings = self.settings.iter();
        let settings = settings.map(|(name, value)| (name.as_str().into(), value.clone()));
        AuditCheckConfiguration::builder()
            .enabled(self.enabled)
            .set_configuration((!self.settings.is_empty()).then(|| settings.collect()))
            .build()
    }
}

/// The configuration of the account that `client` works in.
#[derive(Clone, Debug)]
pub struct IotAudits {
    client: Client,
}

impl IotAudits {
    /// The configuration behind `client`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The present configuration.
    ///
    /// # Errors
    ///
    /// When Device Defender does not answer.
    pub async fn get(&self) -> Result<AuditConfiguration, StoreError> {
        let found = self.client.describe_account_audit_configuration().send();
        let found = found
            .await
            .map_err(|err| failed("read the configuration of audits", err))?;
        Ok(AuditConfiguration::read(found))
    }

    /// Replaces the configuration; one without a role is deleted. Scheduled audits
    /// stay as they are.
    ///
    /// Only what differs is written, since whoever names a role needs the right to
    /// pass it, and others' roles are none of ours.
    ///
    /// # Errors
    ///
    /// When Device Defender does not take it: a check that a scheduled audit makes
    /// cannot be switched off, for one.
    pub async fn set(&self, configuration: &AuditConfiguration) -> Result<(), StoreError> {
        let present = self.get().await?;
        if present == *configuration {
            return Ok(());
        }
        let Some(role) = &configuration.role else {
            return self.delete().await;
        };
        const OPERATION: &str = "change the configuration of audits";
        let mut update = self.client.update_account_audit_configuration();
        if present.role.as_ref() != Some(role) {
            update = update.role_arn(role);
        }
        if present.target != configuration.target {
            let target = configuration.target.as_ref();
            let target = target.map(|it| (it, true));
            let Some((target, enabled)) = target.or(present.target.as_ref().map(|it| (it, false)))
            else {
                return Err(unreadable(OPERATION, "there is no target to switch off"));
            };
            let target = AuditNotificationTarget::builder()
                .target_arn(&target.topic)
                .role_arn(&target.role)
                .enabled(enabled);
            update = update.audit_notification_target_configurations(
                AuditNotificationType::Sns,
                target.build(),
            );
        }
        let off = Check::default();
        let names: BTreeSet<_> = present
            .checks
            .keys()
            .chain(configuration.checks.keys())
            .collect();
        for name in names {
            let check = configuration.checks.get(name).unwrap_or(&off);
            if present.checks.get(name).unwrap_or(&off) != check {
                update = update.audit_check_configurations(name, check.write());
            }
        }
        let updated = update.send().await;
        updated.map_err(|err| failed(OPERATION, err))?;
        Ok(())
    }

    async fn delete(&self) -> Result<(), StoreError> {
        self.client
            .delete_account_audit_configuration()
            .delete_scheduled_audits(false)
            .send()
            .await
            .map_err(|err| failed("delete the configuration of audits", err))?;
        Ok(())
    }
}
