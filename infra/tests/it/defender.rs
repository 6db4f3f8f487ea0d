//! Device Defender: who may do what, and in which order things come and go.

use std::collections::BTreeSet;

use infra::flag::Flag;
use infra::local::Cloud;
use infra::manifest::Manifest;
use serde_json::json;

use crate::template::{Template, list, target};

#[test]
fn an_audit_comes_after_its_checks_are_switched_on_and_goes_before() {
    let template = defender();
    let audit = template.resource("DailyAudit");
    assert_eq!(audit.properties()["Frequency"], "DAILY");
    assert_eq!(audit.attribute("DependsOn")[0], "AuditConfiguration");
    let configuration = template.resource("AuditConfiguration");
    let checks = &audit.properties()["TargetCheckNames"];
    assert_eq!(checks, &configuration.properties()["Checks"]);
    let names: BTreeSet<_> = list(checks).iter().map(|it| it.to_string()).collect();
    assert_eq!(names.len(), 17, "each of Device Defender's checks, once");
}

/// What is deleted in the cleanup of an update finds its rights still there.
#[test]
fn rights_come_before_what_needs_them_and_go_after_it() {
    let template = defender();
    for (resource, rights) in [
        ("AuditConfiguration", "AuditConfigurationRights"),
        ("QuarantineGroupPolicy", "QuarantineGroupPolicyRights"),
    ] {
        let after = list(template.resource(resource).attribute("DependsOn"));
        assert!(after.contains(&&json!(rights)), "{resource}");
        let roles = &template.resource(rights).properties()["Roles"];
        assert_eq!(target(&roles[0]), Some("CustomResourceServiceRole"));
    }
}

#[test]
fn only_roles_of_the_stack_are_passed_on_and_only_to_iot() {
    let template = defender();
    let passing: Vec<_> = template
        .resources()
        .flat_map(|it| it.statements())
        .filter(|it| list(&it["Action"]).contains(&&json!("iam:PassRole")))
        .collect();
    let roles: BTreeSet<_> = passing
        .iter()
        .flat_map(|it| list(&it["Resource"]))
        .map(|it| target(it).unwrap())
        .collect();
    assert_eq!(roles, BTreeSet::from(["AuditRole", "FindingsRole"]));
    for statement in passing {
        assert_eq!(
            statement["Condition"],
            json!({ "StringEquals": { "iam:PassedToService": "iot.amazonaws.com" } })
        );
    }
}

#[test]
fn iot_assumes_each_role_for_this_account_alone() {
    let template = defender();
    for role in [
        "AuditRole",
        "DeactivateCertificateRole",
        "FindingsRole",
        "QuarantineRole",
    ] {
        let trust = &template.resource(role).properties()["AssumeRolePolicyDocument"];
        assert_eq!(
            trust["Statement"],
            json!([{
                "Effect": "Allow",
                "Principal": { "Service": "iot.amazonaws.com" },
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": { "aws:SourceAccount": { "Ref": "AWS::AccountId" } },
                },
            }]),
            "{role}"
        );
    }
}

#[test]
fn findings_are_told_by_one_role_on_one_encrypted_topic() {
    let template = defender();
    let topic = template.resource("FindingsTopic").properties();
    assert_eq!(topic["KmsMasterKeyId"], "alias/aws/sns");
    let policy = template.resource("FindingsTopicPolicy");
    assert_eq!(
        policy.statements(),
        [&json!({
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": { "Ref": "FindingsTopic" },
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        })]
    );
    assert_eq!(
        template.resource("FindingsRole").statements()[1],
        &json!({
            "Effect": "Allow",
            "Action": ["sns:Publish"],
            "Resource": [{ "Ref": "FindingsTopic" }],
        })
    );
    let configuration = template.resource("AuditConfiguration").properties();
    assert_eq!(target(&configuration["Topic"]), Some("FindingsTopic"));
    assert_eq!(target(&configuration["TopicRole"]), Some("FindingsRole"));
    let alerts = &template.resource("DeviceProfile").properties()["AlertTargets"]["SNS"];
    assert_eq!(target(&alerts["AlertTargetArn"]), Some("FindingsTopic"));
    assert_eq!(target(&alerts["RoleArn"]), Some("FindingsRole"));
}

#[test]
fn what_devices_do_is_watched_where_the_account_may() {
    for (detect, profiles) in [(true, 1), (false, 0)] {
        let mut manifest = only_defender();
        manifest.defender.detect = detect;
        let template = Template::new(&manifest, Cloud::Aws);
        assert_eq!(
            template.of_type("AWS::IoT::SecurityProfile").count(),
            profiles
        );
        assert_eq!(template.of_type("AWS::IoT::ScheduledAudit").count(), 1);
        assert_eq!(template.of_type("AWS::IoT::MitigationAction").count(), 3);
    }
    let template = defender();
    let profile = template.resource("DeviceProfile").properties();
    let limits: Vec<_> = list(&profile["Behaviors"])
        .into_iter()
        .map(|it| {
            let criteria = &it["Criteria"];
            assert_eq!(criteria["ComparisonOperator"], "less-than-equals");
            let metric = it["Metric"].as_str().unwrap();
            let most = criteria["Value"]["Count"].as_str().unwrap();
            (metric, most, criteria["DurationSeconds"].as_i64())
        })
        .collect();
    assert_eq!(
        limits,
        [
            ("aws:num-authorization-failures", "3", Some(300)),
            ("aws:num-connection-attempts", "30", Some(300)),
            ("aws:num-disconnects", "30", Some(300)),
            ("aws:num-messages-sent", "600", Some(300)),
            // One message, so there is no time in it.
            ("aws:message-byte-size", "32768", None),
        ]
    );
}

#[test]
fn each_action_has_a_role_that_can_do_that_and_no_more() {
    let template = defender();
    for (action, role, allowed) in [
        (
            "Quarantine",
            "QuarantineRole",
            vec!["iot:AddThingToThingGroup", "iot:ListPrincipalThings"],
        ),
        (
            "DeactivateCertificate",
            "DeactivateCertificateRole",
            vec!["iot:UpdateCertificate"],
        ),
        ("PublishFinding", "FindingsRole", vec!["sns:Publish"]),
    ] {
        let properties = template.resource(action).properties();
        assert_eq!(target(&properties["RoleArn"]), Some(role));
        let actions: Vec<_> = template
            .resource(role)
            .statements()
            .into_iter()
            .filter(|it| it.get("Principal").is_none())
            .flat_map(|it| list(&it["Action"]))
            .collect();
        assert_eq!(actions, allowed, "{role}");
        assert_eq!(
            properties["ActionParams"].as_object().unwrap().len(),
            1,
            "{action}"
        );
    }
}

#[test]
fn the_quarantine_denies_the_topics_of_the_manifest_and_leaves_the_shadow() {
    let mut manifest = only_defender();
    manifest.events.env.event_topic = "acme/events".to_owned();
    let template = Template::new(&manifest, Cloud::Aws);
    let topics = [
        "smartproduct/telemetry",
        "acme/events",
        "smartproduct/commands",
    ]
    .map(|topic| {
        let topic = format!(
            "arn:${{AWS::Partition}}:iot:${{AWS::Region}}:${{AWS::AccountId}}:topic/{topic}/*"
        );
        json!({ "Fn::Sub": topic })
    });
    let policy = template.resource("QuarantinePolicy");
    assert_eq!(
        policy.statements(),
        [&json!({
            "Effect": "Deny",
            "Action": ["iot:Publish", "iot:Receive"],
            "Resource": topics,
        })]
    );
    let attached = template.resource("QuarantineGroupPolicy").properties();
    assert_eq!(target(&attached["Group"]), Some("QuarantineGroup"));
    assert_eq!(target(&attached["Policy"]), Some("QuarantinePolicy"));
}

#[test]
fn without_the_flag_and_in_the_local_cloud_there_is_nothing_of_it() {
    for template in Template::all() {
        let on = template.name.contains("defender");
        assert_eq!(
            template.resources().any(|it| it.id == "DailyAudit"),
            on,
            "{}",
            template.name
        );
        assert!(!on || template.name.starts_with("Aws"), "{}", template.name);
        for rights in ["AuditConfigurationRights", "QuarantineGroupPolicyRights"] {
            let there = template.resources().any(|it| it.id == rights);
            assert_eq!(there, on, "{rights} in {}", template.name);
        }
    }
}

fn only_defender() -> Manifest {
    let mut manifest = Manifest::full(Cloud::Aws);
    for flag in Flag::ALL {
        manifest.switch(flag, flag == Flag::Defender);
    }
    manifest
}

fn defender() -> Template {
    Template::new(&only_defender(), Cloud::Aws)
}
