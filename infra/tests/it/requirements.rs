//! What the region has to offer is looked up first.

use std::collections::BTreeMap;

use serde_json::json;

use crate::template::{Template, list};

/// Types of resources, by the service that has to be there.
const KINDS: &[(&str, &str)] = &[
    ("apigateway", "AWS::ApiGatewayV2::"),
    ("athena", "AWS::Athena::"),
    ("cognito-idp", "AWS::Cognito::"),
    ("firehose", "AWS::KinesisFirehose::"),
    ("glue", "AWS::Glue::"),
    ("iot", "AWS::IoT::"),
    ("iotdevicedefender", "Custom::AuditConfiguration"),
    ("iotdevicemanagement", "Custom::FleetIndexing"),
    ("sns", "AWS::SNS::"),
    ("sqs", "AWS::SQS::"),
];

#[test]
fn nothing_of_a_required_service_is_made_before_the_region_was_looked_at() {
    for template in Template::all() {
        let services = &template.resource("Requirements").properties()["Services"];
        let services: BTreeMap<_, _> = list(services)
            .into_iter()
            .map(|it| (it["Id"].as_str().unwrap(), it["Flag"].as_str()))
            .collect();
        for resource in template.resources() {
            for (service, kind) in KINDS {
                if resource.kind().starts_with(kind) {
                    let place = format!("{} in {}", resource.id, template.name);
                    assert!(services.contains_key(service), "{service} of {place}");
                    let after = list(resource.attribute("DependsOn"));
                    assert!(after.contains(&&json!("Requirements")), "{place}");
                }
            }
        }
        for (service, flag) in services {
            if let Some(flag) = flag {
                assert!(template.name.contains(flag), "{service}: {}", template.name);
            }
            assert!(KINDS.iter().any(|(it, _)| *it == service), "{service}");
        }
    }
}

#[test]
fn what_looks_at_the_region_waits_for_nothing_that_waits_for_it() {
    for template in Template::all() {
        for id in [
            "CustomResourceService",
            "CustomResourceServiceLogs",
            "CustomResourceServiceRole",
            "Settings",
        ] {
            let after = template.resource(id).attribute("DependsOn");
            assert!(after.is_null(), "{id} in {}", template.name);
        }
    }
}
