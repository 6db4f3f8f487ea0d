//! What an operator may do about findings and violations. Nothing is done by
//! itself.

use contract::{output, resource, topic};
use serde_json::{Value, json};
use stratosphere::services::aws::iot;
use stratosphere::services::aws::iot::{mitigationaction, thinggroup};
use stratosphere::value::ExpString;

use super::{Findings, trust};
use crate::custom_resource::Helper;
use crate::function::define_role;
use crate::manifest::Manifest;
use crate::policy::Statement;
use crate::stack::Stack;
use crate::value::{arn, arn_of, literal, named, reference};

/// Logical ids.
const GROUP: &str = "QuarantineGroup";
const POLICY: &str = "QuarantinePolicy";
const ATTACHMENT: &str = "QuarantineGroupPolicy";
const RIGHTS: &str = "QuarantineGroupPolicyRights";

/// Why neither things nor certificates are named one by one.
const ANY_DEVICE: &str = "devices are not known when the stack is deployed";

/// Defines the quarantine, and the actions: into quarantine, deactivate the
/// certificate, pass the finding on.
///
/// Logical ids: `Quarantine…`, `DeactivateCertificate…`, `PublishFinding`.
pub(super) fn define(stack: &mut Stack, manifest: &Manifest, helper: &Helper, findings: Findings) {
    define_quarantine(stack, manifest, helper);
    quarantine_action(stack);
    certificate_action(stack);
    let publish = mitigationaction::ActionParams! {
        publish_finding_to_sns_params:
            mitigationaction::PublishFindingToSnsParams! { topic_arn: findings.topic() },
    };
    action(
        stack,
        "PublishFinding",
        "publish-finding",
        publish,
        findings.role(),
    );
}

/// A group is a quarantine by the policy that it has: what it denies is denied,
/// whatever the device's own policy allows.
fn define_quarantine(stack: &mut Stack, manifest: &Manifest, helper: &Helper) {
    stack.add(
        GROUP,
        &iot::ThingGroup! {
            thing_group_name: named("Quarantine"),
            thing_group_properties: thinggroup::ThingGroupProperties! {
                thing_group_description:
                    "Devices that may neither tell nor be told anything but their shadow",
            },
        },
    );
    stack.add(
        POLICY,
        &iot::Policy! { policy_name: named("Quarantine"), policy_document: quarantine(manifest) },
    );
    let attach = Statement::allow(&["iot:AttachPolicy", "iot:DetachPolicy"], arn(GROUP));
    helper.allow(stack, RIGHTS, &[attach]);
    let properties = [
        (resource::GROUP, json!(arn(GROUP))),
        (resource::POLICY, json!(reference(POLICY))),
    ];
    helper
        .make(stack, ATTACHMENT, resource::GROUP_POLICY, properties)
        .after(RIGHTS);
    stack.output(
        output::QUARANTINE_GROUP,
        "Thing group whose devices may tell nothing",
        json!(reference(GROUP)),
    );
}

/// No telemetry, event or answer goes in, no command out. The shadow stays, by
/// which a device can be looked at and mended.
fn quarantine(manifest: &Manifest) -> Value {
    let telemetry = &manifest.telemetry.env.telemetry_topic;
    let event = &manifest.events.env.event_topic;
    let topics = [telemetry.as_str(), event, topic::COMMANDS];
    let resources: Vec<ExpString> = topics
        .iter()
        .map(|topic| arn_of("iot", &format!("topic/{topic}/*")))
        .collect();
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Deny",
            "Action": ["iot:Publish", "iot:Receive"],
            "Resource": resources,
        }],
    })
}

fn quarantine_action(stack: &mut Stack) {
    let role = "QuarantineRole";
    let statements = [
        Statement::allow_pattern(
            &["iot:AddThingToThingGroup"],
            vec![arn(GROUP), arn_of("iot", "thing/*")],
            ANY_DEVICE,
        ),
        Statement::allow_pattern(
            &["iot:ListPrincipalThings"],
            vec![literal("*")],
            "the things of a certificate: the call has no resource level",
        ),
    ];
    define_role(stack, role, trust(), &statements);
    let params = mitigationaction::ActionParams! {
        add_things_to_thing_group_params: mitigationaction::AddThingsToThingGroupParams! {
            thing_group_names: vec![reference(GROUP)],
            // A thing in as many groups as there may be leaves a dynamic one.
            override_dynamic_groups: true,
        },
    };
    action(stack, "Quarantine", "quarantine", params, arn(role));
}

fn certificate_action(stack: &mut Stack) {
    let role = "DeactivateCertificateRole";
    let update = Statement::allow_pattern(
        &["iot:UpdateCertificate"],
        vec![arn_of("iot", "cert/*")],
        ANY_DEVICE,
    );
    define_role(stack, role, trust(), &[update]);
    let params = mitigationaction::ActionParams! {
        update_device_certificate_params:
            mitigationaction::UpdateDeviceCertificateParams! { action: "DEACTIVATE" },
    };
    action(
        stack,
        "DeactivateCertificate",
        "deactivate-certificate",
        params,
        arn(role),
    );
}

fn action(
    stack: &mut Stack,
    id: &str,
    name: &str,
    params: mitigationaction::ActionParams_,
    role: ExpString,
) {
    stack.add(
        id,
        &iot::MitigationAction! {
            action_name: named(name),
            action_params: params,
            role_arn: role,
        },
    );
}
