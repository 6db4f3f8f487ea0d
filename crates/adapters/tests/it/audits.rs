//! The account's configuration of audits: read, changed as little as possible,
//! put back. The answers have the shapes of the API reference.

use adapters::{AuditConfiguration, AuditTarget, IotAudits};
use domain::store::Cause;
use serde_json::{Value, json};

use crate::service::{Asked, Service};

const OURS: &str = "arn:aws:iam::123456789012:role/Trial-DefenderAuditRole";
const THEIRS: &str = "arn:aws:iam::123456789012:role/service-role/Audit";
const CHECKS: [&str; 2] = ["LOGGING_DISABLED_CHECK", "CONFLICTING_CLIENT_IDS_CHECK"];

#[tokio::test]
async fn the_present_configuration_is_asked_for() {
    let iot = Service::answering(200, &nothing().to_string()).await;
    audits(&iot).get().await.unwrap();
    assert_eq!(iot.asked_once().line, "GET /audit/configuration");
}

#[tokio::test]
async fn only_what_is_missing_is_added() {
    // (found, written)
    for (found, written) in [
        // An account that has never been configured: it lists the checks, without a role.
        (
            nothing(),
            json!({
                "roleArn": OURS,
                "auditNotificationTargetConfigurations": { "SNS": our_target(true) },
                "auditCheckConfigurations": on(&CHECKS),
            }),
        ),
        (
            json!({}),
            json!({
                "roleArn": OURS,
                "auditNotificationTargetConfigurations": { "SNS": our_target(true) },
                "auditCheckConfigurations": on(&CHECKS),
            }),
        ),
        // Somebody has audits, and nobody is told: their role is not named again.
        (
            json!({
                "roleArn": THEIRS,
                "auditNotificationTargetConfigurations": {},
                "auditCheckConfigurations": {
                    "LOGGING_DISABLED_CHECK": { "enabled": true },
                    "CONFLICTING_CLIENT_IDS_CHECK": { "enabled": false },
                    "DEVICE_CERTIFICATE_SHARED_CHECK": { "enabled": true },
                },
            }),
            json!({
                "auditNotificationTargetConfigurations": { "SNS": our_target(true) },
                "auditCheckConfigurations": on(&CHECKS[1..]),
            }),
        ),
        // Somebody is told.
        (
            json!({
                "roleArn": THEIRS,
                "auditNotificationTargetConfigurations": { "SNS": their_target(true) },
                "auditCheckConfigurations": on(&CHECKS[..1]),
            }),
            json!({ "auditCheckConfigurations": on(&CHECKS[1..]) }),
        ),
        // Nobody any more.
        (
            json!({
                "roleArn": THEIRS,
                "auditNotificationTargetConfigurations": { "SNS": their_target(false) },
                "auditCheckConfigurations": on(&CHECKS),
            }),
            json!({ "auditNotificationTargetConfigurations": { "SNS": our_target(true) } }),
        ),
    ] {
        let wanted = wanted(read(&found).await);
        let asked = set(&found, &wanted).await.unwrap();
        assert_eq!(asked.line, "PATCH /audit/configuration", "{found}");
        assert_eq!(asked.json(), written, "{found}");
    }
}

#[tokio::test]
async fn what_is_there_already_is_not_written() {
    let found = json!({
        "roleArn": THEIRS,
        "auditNotificationTargetConfigurations": { "SNS": their_target(true) },
        "auditCheckConfigurations": on(&CHECKS),
    });
    let wanted = wanted(read(&found).await);
    assert!(set(&found, &wanted).await.is_none());
}

#[tokio::test]
async fn a_threshold_stays_when_its_check_is_switched() {
    let setting = json!({ "CERT_AGE_THRESHOLD_IN_DAYS": "90" });
    let found = json!({
        "roleArn": THEIRS,
        "auditNotificationTargetConfigurations": { "SNS": their_target(true) },
        "auditCheckConfigurations": {
            "DEVICE_CERTIFICATE_AGE_CHECK": { "enabled": false, "configuration": setting },
        },
    });
    let before = read(&found).await;
    let checks = vec!["DEVICE_CERTIFICATE_AGE_CHECK".to_owned()];
    let after = before.clone().with(OURS.to_owned(), target(), checks);
    for (present, wanted, enabled) in [(&before, &after, true), (&after, &before, false)] {
        let mut present_json = found.clone();
        present_json["auditCheckConfigurations"]["DEVICE_CERTIFICATE_AGE_CHECK"]["enabled"] =
            (!enabled).into();
        assert_eq!(&read(&present_json).await, present);
        let asked = set(&present_json, wanted).await.unwrap();
        let mut check = json!({ "configuration": setting });
        if enabled {
            check["enabled"] = true.into();
        }
        assert_eq!(
            asked.json()["auditCheckConfigurations"],
            json!({ "DEVICE_CERTIFICATE_AGE_CHECK": check })
        );
    }
}

#[tokio::test]
async fn what_was_found_comes_back() {
    // Nothing: all of it is deleted, but nobody's scheduled audit.
    let present = json!({
        "roleArn": OURS,
        "auditNotificationTargetConfigurations": { "SNS": our_target(true) },
        "auditCheckConfigurations": on(&CHECKS),
    });
    let asked = set(&present, &read(&nothing()).await).await.unwrap();
    assert_eq!(
        asked.line,
        "DELETE /audit/configuration?deleteScheduledAudits=false"
    );

    // Something: a target cannot be taken away, but be switched off.
    let found = json!({
        "roleArn": THEIRS,
        "auditNotificationTargetConfigurations": {},
        "auditCheckConfigurations": on(&CHECKS[..1]),
    });
    let mut present = found.clone();
    present["auditNotificationTargetConfigurations"] = json!({ "SNS": our_target(true) });
    present["auditCheckConfigurations"] = on(&CHECKS);
    let asked = set(&present, &read(&found).await).await.unwrap();
    assert_eq!(asked.line, "PATCH /audit/configuration");
    // `enabled` is false where it is left out, by the model of the API.
    let mut off = our_target(false);
    off.as_object_mut().unwrap().remove("enabled");
    assert_eq!(
        asked.json(),
        json!({
            "auditNotificationTargetConfigurations": { "SNS": off },
            "auditCheckConfigurations": { CHECKS[1]: {} },
        })
    );
    // And that is what was found, to us.
    present["auditNotificationTargetConfigurations"] = json!({ "SNS": our_target(false) });
    present["auditCheckConfigurations"][CHECKS[1]]["enabled"] = false.into();
    assert_eq!(read(&present).await, read(&found).await);
}

#[tokio::test]
async fn what_says_the_same_is_the_same() {
    let short = json!({
        "roleArn": THEIRS,
        "auditCheckConfigurations": {
            "DEVICE_CERTIFICATE_AGE_CHECK": { "enabled": true },
            "DEVICE_CERTIFICATE_EXPIRING_CHECK": { "enabled": true },
        },
    });
    let long = json!({
        "roleArn": THEIRS,
        "auditNotificationTargetConfigurations": { "SNS": their_target(false) },
        "auditCheckConfigurations": {
            "DEVICE_CERTIFICATE_AGE_CHECK": {
                "enabled": true,
                "configuration": { "CERT_AGE_THRESHOLD_IN_DAYS": "365" },
            },
            "DEVICE_CERTIFICATE_EXPIRING_CHECK": {
                "enabled": true,
                "configuration": { "CERT_EXPIRATION_THRESHOLD_IN_DAYS": "30" },
            },
            "LOGGING_DISABLED_CHECK": { "enabled": false, "configuration": {} },
        },
    });
    assert_eq!(read(&short).await, read(&long).await);
    assert_eq!(read(&nothing()).await, AuditConfiguration::default());
}

#[tokio::test]
async fn every_part_of_the_configuration_counts() {
    let whole = json!({
        "roleArn": THEIRS,
        "auditNotificationTargetConfigurations": { "SNS": their_target(true) },
        "auditCheckConfigurations": {
            "DEVICE_CERTIFICATE_AGE_CHECK": {
                "enabled": true,
                "configuration": { "CERT_AGE_THRESHOLD_IN_DAYS": "90" },
            },
        },
    });
    let same = read(&whole).await;
    let targets = "/auditNotificationTargetConfigurations/SNS";
    let check = "/auditCheckConfigurations/DEVICE_CERTIFICATE_AGE_CHECK";
    for (part, value) in [
        ("/roleArn".to_owned(), json!("changed")),
        (format!("{targets}/targetArn"), json!("changed")),
        (format!("{targets}/roleArn"), json!("changed")),
        (format!("{targets}/enabled"), json!(false)),
        (format!("{check}/enabled"), json!(false)),
        (
            format!("{check}/configuration/CERT_AGE_THRESHOLD_IN_DAYS"),
            json!("91"),
        ),
    ] {
        let mut changed = whole.clone();
        *changed.pointer_mut(&part).unwrap() = value;
        assert_ne!(read(&changed).await, same, "{part}");
    }
}

#[tokio::test]
async fn what_is_remembered_is_what_was_read() {
    let found = wanted(read(&nothing()).await);
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(
        serde_json::from_str::<AuditConfiguration>(&text).unwrap(),
        found
    );
}

#[tokio::test]
async fn a_refusal_is_an_error() {
    let present = nothing().to_string();
    let used = r#"{"__type": "InvalidRequestException", "message": "used by a scheduled audit"}"#;
    let iot = Service::answering_in_turn(&[(200, &present), (400, used)]).await;
    let wanted = wanted(read(&nothing()).await);
    let err = audits(&iot).set(&wanted).await.unwrap_err();
    assert_eq!(
        err.to_string(),
        "could not change the configuration of audits"
    );
    assert_eq!(err.cause, Cause::Broken);

    let present = json!({ "roleArn": OURS }).to_string();
    let iot = Service::answering_in_turn(&[(200, &present), (400, used)]).await;
    let err = audits(&iot).set(&AuditConfiguration::default()).await;
    assert_eq!(
        err.unwrap_err().to_string(),
        "could not delete the configuration of audits"
    );

    let busy = r#"{"__type": "ThrottlingException", "message": "slowly"}"#;
    let iot = Service::answering(429, busy).await;
    let err = audits(&iot).get().await.unwrap_err();
    assert_eq!(
        err.to_string(),
        "could not read the configuration of audits"
    );
    assert_eq!(err.cause, Cause::Busy);
}

/// The call by which `present` becomes `wanted`, if one is made.
async fn set(present: &Value, wanted: &AuditConfiguration) -> Option<Asked> {
    let iot = Service::answering_in_turn(&[(200, &present.to_string()), (200, "{}")]).await;
    audits(&iot).set(wanted).await.unwrap();
    let asked = iot.asked();
    assert!(asked.len() <= 2, "{asked:?}");
    asked.get(1).cloned()
}

async fn read(configuration: &Value) -> AuditConfiguration {
    let iot = Service::answering(200, &configuration.to_string()).await;
    audits(&iot).get().await.unwrap()
}

fn wanted(present: AuditConfiguration) -> AuditConfiguration {
    present.with(OURS.to_owned(), target(), CHECKS.map(str::to_owned).into())
}

/// An account without audits.
fn nothing() -> Value {
    let off = CHECKS.map(|name| (name.to_owned(), json!({ "enabled": false })));
    json!({
        "auditNotificationTargetConfigurations": {},
        "auditCheckConfigurations": Value::Object(off.into_iter().collect()),
    })
}

fn on(checks: &[&str]) -> Value {
    let on = checks
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "enabled": true })));
    Value::Object(on.collect())
}

fn target() -> AuditTarget {
    AuditTarget {
        topic: "arn:aws:sns:us-east-1:123456789012:Trial-FindingsTopic".to_owned(),
        role: "arn:aws:iam::123456789012:role/Trial-FindingsRole".to_owned(),
    }
}

fn our_target(enabled: bool) -> Value {
    let AuditTarget { topic, role } = target();
    json!({ "targetArn": topic, "roleArn": role, "enabled": enabled })
}

fn their_target(enabled: bool) -> Value {
    json!({
        "targetArn": "arn:aws:sns:us-east-1:123456789012:ddaudits",
        "roleArn": "arn:aws:iam::123456789012:role/service-role/AWSIoTDeviceDefenderAudit",
        "enabled": enabled,
    })
}

fn audits(iot: &Service) -> IotAudits {
    IotAudits::new(aws_sdk_iot::Client::new(&iot.sdk))
}
