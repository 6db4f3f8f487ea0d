//! Who may assume the role of live data, and what any of its sessions may do.

use std::collections::BTreeSet;

use infra::local::Cloud;
use infra::manifest::Manifest;
use serde_json::json;

use crate::template::{Template, list};

#[test]
fn only_the_function_may_assume_the_role() {
    let template = Template::full();
    let trust = &template.resource("LiveRole").properties()["AssumeRolePolicyDocument"];
    assert_eq!(
        trust["Statement"],
        json!([{
            "Effect": "Allow",
            "Principal": { "AWS": { "Fn::GetAtt": ["LiveServiceRole", "Arn"] } },
            "Action": "sts:AssumeRole",
        }])
    );
    let role = json!({ "Fn::GetAtt": ["LiveRole", "Arn"] });
    let mut assuming = Vec::new();
    for resource in template.resources() {
        for statement in resource.statements() {
            if list(&statement["Resource"]).contains(&&role) {
                assert_eq!(statement["Action"], json!(["sts:AssumeRole"]));
                assuming.push(resource.id);
            }
        }
    }
    assert_eq!(assuming, ["LiveServiceAssume"]);
    let assume = template.resource("LiveServiceAssume").properties();
    assert_eq!(assume["Roles"], json!([{ "Ref": "LiveServiceRole" }]));
}

/// What one session may do is the part of this that its own policy names.
#[test]
fn no_session_may_publish_or_read_what_is_not_for_owners() {
    let rights = |manifest: &Manifest| {
        let template = Template::new(manifest, Cloud::Aws);
        let mut rights = BTreeSet::new();
        for statement in template.resource("LiveRole").statements() {
            if statement.get("Principal").is_some() {
                continue;
            }
            for resource in list(&statement["Resource"]) {
                let arn = resource["Fn::Sub"].as_str().unwrap();
                let name = arn.split_once("AccountId}:").unwrap().1;
                let [action] = &list(&statement["Action"])[..] else {
                    panic!("{statement} allows one action");
                };
                rights.insert(format!("{} {name}", action.as_str().unwrap()));
            }
        }
        rights.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(
        rights(&Manifest::default()),
        [
            "iot:Connect client/console-*",
            "iot:Receive topic/$aws/things/*/shadow/update/documents",
            "iot:Receive topic/smartproduct/alerts/*",
            "iot:Receive topic/smartproduct/commands/*",
            "iot:Receive topic/smartproduct/telemetry/*",
            "iot:Subscribe topicfilter/$aws/things/*/shadow/update/documents",
            "iot:Subscribe topicfilter/smartproduct/alerts/*",
            "iot:Subscribe topicfilter/smartproduct/commands/*",
            "iot:Subscribe topicfilter/smartproduct/telemetry/*",
        ]
    );
    let mut manifest = Manifest::default();
    manifest.telemetry.env.telemetry_topic = "measured/now".to_owned();
    let other = rights(&manifest);
    assert!(other.contains(&"iot:Receive topic/measured/now/*".to_owned()));
    assert_eq!(other.len(), 9);
}

#[test]
fn pages_connect_to_the_account_s_broker_over_tls_where_there_is_tls() {
    for (cloud, expected) in [
        (Cloud::Aws, "wss://${IotEndpoint.Address}"),
        (Cloud::Local, "ws://${IotEndpoint.Address}"),
    ] {
        let template = Template::new(&Manifest::default(), cloud);
        let service = template.resource("LiveService").properties();
        let variables = &service["Environment"]["Variables"];
        assert_eq!(variables["LIVE_ENDPOINT"], json!({ "Fn::Sub": expected }));
    }
}
