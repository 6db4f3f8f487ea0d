//! The account is audited every day.

use contract::{output, resource};
use serde_json::json;
use stratosphere::services::aws::{iam, iot};

use super::{Findings, trust};
use crate::custom_resource::Helper;
use crate::policy::Statement;
use crate::stack::Stack;
use crate::value::{arn, attribute, literal, named, sub};

/// All checks that Device Defender has.
///
/// <https://docs.aws.amazon.com/iot-device-defender/latest/devguide/device-defender-audit-checks.html>
pub(super) const CHECKS: &[&str] = &[
    "AUTHENTICATED_COGNITO_ROLE_OVERLY_PERMISSIVE_CHECK",
    "CA_CERTIFICATE_EXPIRING_CHECK",
    "CA_CERTIFICATE_KEY_QUALITY_CHECK",
    "CONFLICTING_CLIENT_IDS_CHECK",
    "DEVICE_CERTIFICATE_AGE_CHECK",
    "DEVICE_CERTIFICATE_EXPIRING_CHECK",
    "DEVICE_CERTIFICATE_KEY_QUALITY_CHECK",
    "DEVICE_CERTIFICATE_SHARED_CHECK",
    "INTERMEDIATE_CA_REVOKED_FOR_ACTIVE_DEVICE_CERTIFICATES_CHECK",
    "IOT_POLICY_OVERLY_PERMISSIVE_CHECK",
    "IOT_POLICY_POTENTIAL_MISCONFIGURATION_CHECK",
    "IOT_ROLE_ALIAS_ALLOWS_ACCESS_TO_UNUSED_SERVICES_CHECK",
    "IOT_ROLE_ALIAS_OVERLY_PERMISSIVE_CHECK",
    "LOGGING_DISABLED_CHECK",
    "REVOKED_CA_CERTIFICATE_STILL_ACTIVE_CHECK",
    "REVOKED_DEVICE_CERTIFICATE_STILL_ACTIVE_CHECK",
    "UNAUTHENTICATED_COGNITO_ROLE_OVERLY_PERMISSIVE_CHECK",
];

/// Logical ids.
const ROLE: &str = "AuditRole";
const RIGHTS: &str = "AuditConfigurationRights";
const CONFIGURATION: &str = "AuditConfiguration";

/// Defines the configuration of the account's audits, and the daily audit. The
/// audit goes first: a check that an audit makes cannot be switched off.
///
/// Logical ids: `AuditRole`, `AuditConfiguration`, `AuditConfigurationRights`,
/// `DailyAudit`.
pub(super) fn define(stack: &mut Stack, helper: &Helper, findings: Findings) {
    // What an audit reads is known to whoever makes the checks.
    stack.add(
        ROLE,
        &iam::Role! {
            assume_role_policy_document: trust(),
            managed_policy_arns: vec![sub(
                "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSIoTDeviceDefenderAudit",
            )],
        },
    );
    helper.allow(stack, RIGHTS, &rights(findings));
    let properties = [
        (resource::AUDIT_ROLE, json!(arn(ROLE))),
        (resource::CHECKS, json!(CHECKS)),
        (resource::TOPIC, json!(findings.topic())),
        (resource::TOPIC_ROLE, json!(findings.role())),
    ];
    helper
        .make(
            stack,
            CONFIGURATION,
            resource::AUDIT_CONFIGURATION,
            properties,
        )
        .after(RIGHTS);
    stack
        .add(
            "DailyAudit",
            &iot::ScheduledAudit! {
                scheduled_audit_name: named("daily"),
                frequency: "DAILY",
                target_check_names: CHECKS.iter().map(|it| literal(*it)).collect::<Vec<_>>(),
            },
        )
        .after(CONFIGURATION);
    stack.output(
        output::AUDIT_TOPIC_ARN,
        "Topic that tells of audits: that of findings, or the one the account had before",
        json!(attribute(CONFIGURATION, resource::AUDIT_TOPIC)),
    );
}

/// What the helper needs to change the configuration and to put it back. It passes
/// on roles of this stack only: those of others stay where they are.
fn rights(findings: Findings) -> [Statement; 3] {
    let pass = |role| {
        Statement::allow(&["iam:PassRole"], role).when(json!({
            "StringEquals": { "iam:PassedToService": "iot.amazonaws.com" }
        }))
    };
    [
        Statement::allow_pattern(
            &[
                "iot:DeleteAccountAuditConfiguration",
                "iot:DescribeAccountAuditConfiguration",
                "iot:UpdateAccountAuditConfiguration",
            ],
            vec![literal("*")],
            "the configuration of audits is one of the whole account, which has no ARN",
        )
        .suppress(
            "PERMISSIONS_MANAGEMENT_ACTIONS",
            "a role is handed to IoT Core with the configuration, one of two that are named; \
             nobody's rights change by it",
        ),
        pass(arn(ROLE)),
        pass(findings.role()),
    ]
}
