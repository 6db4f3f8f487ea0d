//! What devices, rules and routes look like in the template.

use std::collections::BTreeSet;

use contract::{resource, route, topic};
use infra::local::Cloud;
use infra::manifest::Manifest;
use serde_json::{Value, json};

use crate::template::{Template, list, target};

const THING: &str = "${!iot:Connection.Thing.ThingName}";

#[test]
fn a_device_reaches_nothing_of_another_device() {
    let template = Template::full();
    let policy = &template.resource("DevicePolicy").properties()["PolicyDocument"];
    for statement in list(&policy["Statement"]) {
        for resource in list(&statement["Resource"]) {
            let resource = resource["Fn::Sub"].as_str().unwrap();
            let (before, after) = resource.split_once(THING).unwrap();
            assert!(!before.contains('*'), "{resource}");
            assert!(after.is_empty() || after.starts_with('/'), "{resource}");
        }
    }
}

#[test]
fn a_device_may_do_this_and_nothing_else() {
    let template = Template::full();
    let policy = &template.resource("DevicePolicy").properties()["PolicyDocument"];
    let mut rights = BTreeSet::new();
    for statement in list(&policy["Statement"]) {
        for resource in list(&statement["Resource"]) {
            let arn = resource["Fn::Sub"].as_str().unwrap().replace(THING, "me");
            let name = arn.split_once("AccountId}:").unwrap().1.to_owned();
            rights.insert(format!("{} {name}", statement["Action"].as_str().unwrap()));
        }
    }
    let expected = [
        "iot:Connect client/me",
        "iot:Publish topic/$aws/things/me/shadow/get",
        "iot:Publish topic/$aws/things/me/shadow/update",
        "iot:Publish topic/smartproduct/commands/me/response",
        "iot:Publish topic/smartproduct/event/me",
        "iot:Publish topic/smartproduct/telemetry/me",
        "iot:Receive topic/$aws/things/me/shadow/*",
        "iot:Receive topic/smartproduct/commands/me",
        "iot:Subscribe topicfilter/$aws/things/me/shadow/*",
        "iot:Subscribe topicfilter/smartproduct/commands/me",
    ];
    assert_eq!(
        rights.iter().map(String::as_str).collect::<Vec<_>>(),
        expected
    );
    assert_eq!(
        policy["Statement"][0]["Condition"],
        json!({ "Bool": { "iot:Connection.Thing.IsAttached": "true" } })
    );
}

/// IoT Core's limit for a policy is 2,048 characters without white space.
#[test]
fn the_device_policy_fits_with_the_longest_topics() {
    let mut manifest = Manifest::default();
    manifest.telemetry.env.telemetry_topic = "t".repeat(127);
    manifest.events.env.event_topic = "e".repeat(127);
    let template = Template::new(&manifest, Cloud::Aws);
    let policy = template.resource("DevicePolicy").properties()["PolicyDocument"].clone();
    let policy = resolve(policy).to_string();
    assert!(
        policy.len() <= 2048,
        "{} characters: {policy}",
        policy.len()
    );
}

/// What CloudFormation makes of the document, in the region and partition with
/// the longest names.
pub(crate) fn resolve(value: Value) -> Value {
    if let Some(pattern) = value["Fn::Sub"].as_str() {
        let text = pattern
            .replace("${AWS::Partition}", "aws-us-gov")
            .replace("${AWS::Region}", "ap-southeast-1")
            .replace("${AWS::AccountId}", "123456789012")
            .replace("${!", "${");
        return Value::String(text);
    }
    match value {
        Value::Object(object) => object
            .into_iter()
            .map(|(key, it)| (key, resolve(it)))
            .collect(),
        Value::Array(array) => array.into_iter().map(resolve).collect(),
        other => other,
    }
}

#[test]
fn the_device_id_is_the_segment_after_the_prefix() {
    for (prefix, segment) in [
        ("smartproduct/event", 3),
        ("events", 2),
        ("a/b/c/d/e/f/g", 8),
    ] {
        let mut manifest = Manifest::default();
        manifest.events.env.event_topic = prefix.to_owned();
        let template = Template::new(&manifest, Cloud::Aws);
        let rule = template.resource("EventRule").properties()["TopicRulePayload"].clone();
        assert_eq!(
            rule["Sql"],
            format!(
                "SELECT encode(*, 'base64') AS payload, topic({segment}) AS deviceId, \
                 timestamp() AS receivedAt FROM '{prefix}/+'"
            )
        );
        assert_eq!(rule["AwsIotSqlVersion"], "2016-03-23");
    }
}

#[test]
fn certificates_of_every_ca_are_looked_at() {
    let template = Template::full();
    let rule = template.resource("JitrRule").properties()["TopicRulePayload"].clone();
    assert_eq!(
        rule["Sql"],
        format!("SELECT * FROM '{}/+'", topic::CERTIFICATE_REGISTERED)
    );
}

#[test]
fn the_cas_of_the_manifest_are_what_the_function_gets() {
    let cas = |ids: &[&str]| {
        let mut manifest = Manifest::default();
        manifest.jitr.ca_certificate_ids = ids.iter().map(|&id| id.to_owned()).collect();
        let template = Template::new(&manifest, Cloud::Aws);
        let function = template.resource("JitrService").properties().clone();
        function["Environment"]["Variables"]["CA_CERTIFICATE_IDS"].clone()
    };
    assert_eq!(cas(&[]), "");
    assert_eq!(cas(&["a", "b"]), "a,b");
}

#[test]
fn each_route_checks_the_token_and_leads_to_its_service() {
    let template = Template::full();
    let routes: Vec<_> = template.of_type("AWS::ApiGatewayV2::Route").collect();
    assert_eq!(routes.len(), route::ALL.len());
    for expected in route::ALL {
        let found = routes
            .iter()
            .find(|it| it.properties()["RouteKey"] == expected.key)
            .unwrap();
        let properties = found.properties();
        assert_eq!(properties["AuthorizationType"], "JWT", "{}", found.id);
        assert_eq!(
            target(&properties["AuthorizerId"]),
            Some("HttpApiAuthorizer"),
            "{}",
            found.id
        );

        let integration = properties["Target"]["Fn::Sub"].as_str().unwrap();
        let integration = integration
            .trim_start_matches("integrations/${")
            .trim_end_matches('}');
        let uri = &template.resource(integration).properties()["IntegrationUri"];
        let function = template.resource(target(uri).unwrap()).properties();
        assert_eq!(
            function["FunctionName"]["Fn::Sub"],
            format!("${{AWS::StackName}}-{}", expected.service),
            "{}",
            found.id
        );
    }
}

#[test]
fn the_token_has_to_be_of_our_users_for_our_client() {
    let template = Template::full();
    let authorizer = template.resource("HttpApiAuthorizer").properties();
    assert_eq!(
        authorizer["JwtConfiguration"],
        json!({
            "Audience": [{ "Ref": "UserPoolClient" }],
            "Issuer": { "Fn::Sub": "https://${UserPool.ProviderName}" },
        })
    );
}

#[test]
fn the_access_log_names_no_person() {
    let template = Template::full();
    let format = template.resource("HttpApiStage").properties()["AccessLogSettings"]["Format"]
        .as_str()
        .unwrap();
    assert!(format.contains("$context.requestId"));
    for personal in [
        "identity",
        "claims",
        "path",
        "authorizer.principalId",
        "header",
    ] {
        assert!(!format.contains(personal), "{personal} in {format}");
    }
}

#[test]
fn each_route_that_writes_or_asks_more_than_a_table_has_a_lower_limit() {
    let template = Template::full();
    let stage = template.resource("HttpApiStage");
    let limits = |settings: &Value| {
        let limit = |name: &str| settings[name].as_f64().unwrap();
        (limit("ThrottlingRateLimit"), limit("ThrottlingBurstLimit"))
    };
    let (rate, burst) = limits(&stage.properties()["DefaultRouteSettings"]);
    let settings = stage.properties()["RouteSettings"].as_object().unwrap();
    for (key, own) in settings {
        let own = limits(own);
        assert!(0.0 < own.0 && own.0 < rate, "{key}");
        assert!(own.0 <= own.1 && own.1 < burst, "{key}");
    }

    let limited: BTreeSet<&str> = settings.keys().map(String::as_str).collect();
    let asking = [
        route::DEVICE_LIST,
        route::DEVICE_GET,
        route::HISTORY_GET,
        route::LIVE,
        route::STATUS_GET,
    ];
    let expected = route::ALL
        .iter()
        .map(|route| route.key)
        .filter(|key| !key.starts_with("GET ") || asking.contains(key))
        .collect();
    assert_eq!(limited, expected);

    // CloudFormation refuses the setting of a route that does not exist yet.
    let first = list(stage.attribute("DependsOn")).into_iter();
    let first = first.filter(|it| *it != "Requirements");
    let keys = first.map(|route| {
        let properties = template.resource(route.as_str().unwrap()).properties();
        properties["RouteKey"].as_str().unwrap()
    });
    assert_eq!(keys.collect::<BTreeSet<_>>(), limited);
}

#[test]
fn other_origins_are_let_in_by_name_and_without_credentials() {
    let cors = |origins: &[&str]| {
        let mut manifest = Manifest::default();
        manifest.api.allow_origins = origins.iter().map(|&it| it.to_owned()).collect();
        let template = Template::new(&manifest, Cloud::Aws);
        template.resource("HttpApi").properties()["CorsConfiguration"].clone()
    };
    assert_eq!(cors(&[]), Value::Null);
    assert_eq!(
        cors(&["https://a.example", "https://b.example:8443"]),
        json!({
            "AllowHeaders": ["authorization", "content-type", "idempotency-key"],
            "AllowMethods": ["DELETE", "GET", "POST", "PUT"],
            "AllowOrigins": ["https://a.example", "https://b.example:8443"],
            "ExposeHeaders": ["link", "retry-after"],
            "MaxAge": 7200,
        })
    );
}

#[test]
fn the_functions_of_the_api_may_do_this_in_iot_core_and_nothing_else() {
    let template = Template::full();
    let rights = |role: &str| {
        let mut rights = BTreeSet::new();
        for statement in template.resource(role).statements() {
            for action in list(&statement["Action"]) {
                for resource in list(&statement["Resource"]) {
                    let Some(action) = action.as_str().unwrap().strip_prefix("iot:") else {
                        continue;
                    };
                    let arn = resource["Fn::Sub"].as_str().unwrap();
                    let (_, name) = arn.split_once(":iot:").unwrap();
                    let (_, name) = name.split_once("AccountId}:").unwrap();
                    rights.insert(format!("{action} {name}"));
                }
            }
        }
        rights.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(rights("AdminServiceRole"), [""; 0]);
    assert_eq!(rights("EventServiceRole"), [""; 0]);
    assert_eq!(
        rights("RegistrationServiceRole"),
        ["CreateThing thing/*", "UpdateThing thing/*"]
    );
    assert_eq!(
        rights("DeviceServiceRole"),
        [
            "DeleteCertificate cert/*",
            "DeleteThing thing/*",
            "DeleteThingShadow thing/*",
            "DetachThingPrincipal cert/*",
            "ListThingPrincipals thing/*",
            "SearchIndex index/AWS_Things",
            "UpdateCertificate cert/*",
        ]
    );
    assert_eq!(
        rights("CommandServiceRole"),
        [
            "GetThingShadow thing/*",
            "Publish topic/smartproduct/commands/*",
            "UpdateThingShadow thing/*",
        ]
    );
    assert_eq!(
        rights("CommandOutcomeServiceRole"),
        ["GetThingShadow thing/*", "UpdateThingShadow thing/*"]
    );
    assert_eq!(
        rights("TelemetryServiceRole"),
        [
            "Publish topic/smartproduct/commands/*",
            "UpdateThingShadow thing/*",
        ]
    );
    assert_eq!(rights("LiveServiceRole"), [""; 0]);
    assert_eq!(
        rights("StatusServiceRole"),
        ["GetThingShadow thing/*", "SearchIndex index/AWS_Things"]
    );
}

#[test]
fn the_broker_is_found_and_things_are_indexed_where_there_is_an_api() {
    for template in Template::all() {
        let made: Vec<_> = template
            .resources()
            .filter(|it| [resource::IOT_ENDPOINT, resource::FLEET_INDEXING].contains(&it.kind()))
            .collect();
        let kinds: Vec<_> = made.iter().map(|it| (it.id, it.kind())).collect();
        let broker = ("IotEndpoint", resource::IOT_ENDPOINT);
        let indexing = ("FleetIndexing", resource::FLEET_INDEXING);
        let expected = match template.resources().any(|it| it.id == "HttpApi") {
            true => vec![indexing, broker],
            false => vec![broker],
        };
        assert_eq!(kinds, expected, "{}", template.name);
        for resource in made {
            assert_eq!(
                resource.properties(),
                &json!({
                    "ServiceToken": { "Fn::GetAtt": ["CustomResourceService", "Arn"] },
                    "ServiceTimeout": 300,
                })
            );
        }
    }
}

#[test]
fn the_address_for_devices_is_an_output_whatever_is_switched_on() {
    for template in Template::all() {
        let output = &template.json["Outputs"]["DeviceEndpoint"]["Value"];
        let expected = match template.name.starts_with("Aws") {
            true => json!({ "Fn::GetAtt": ["IotEndpoint", "Address"] }),
            false => json!("localhost"),
        };
        assert_eq!(output, &expected, "{}", template.name);
    }
}

/// CloudFormation deletes what was switched off after it has updated the rest.
#[test]
fn the_helper_can_still_put_back_what_is_switched_off() {
    let statements = |template: &Template| {
        let role = template.resource("CustomResourceServiceRole").statements();
        json!(role)
    };
    for cloud in [Cloud::Aws, Cloud::Local] {
        let full = statements(&Template::new(&Manifest::full(cloud), cloud));
        for manifest in Manifest::combinations(cloud) {
            let template = Template::new(&manifest, cloud);
            assert_eq!(statements(&template), full, "{}", template.name);
        }
    }
}

#[test]
fn the_helper_reaches_no_settings_of_users() {
    let template = Template::full();
    let settings = json!({ "Fn::GetAtt": ["Settings", "Arn"] });
    let statements = template.resource("CustomResourceServiceRole").statements();
    let rows = |it: &&Value| list(&it["Resource"]).contains(&&settings);
    let found: Vec<_> = statements.into_iter().filter(rows).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0]["Condition"],
        json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["found#*"] } })
    );
}

#[test]
fn only_the_counters_of_text_messages_may_be_changed_by_alerts() {
    let template = Template::full();
    let settings = json!({ "Fn::GetAtt": ["Settings", "Arn"] });
    let statements = template.resource("AlertServiceRole").statements();
    let update = statements
        .into_iter()
        .find(|it| it["Resource"][0] == settings && it["Action"][0] == "dynamodb:UpdateItem")
        .unwrap();
    assert_eq!(
        update["Condition"],
        json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["sms#*"] } })
    );
}

#[test]
fn new_users_get_their_settings_where_there_is_an_api() {
    let trigger = |api: bool| {
        let mut manifest = Manifest::default();
        manifest.api.deploy = api;
        let template = Template::new(&manifest, Cloud::Aws);
        let pool = template.resource("UserPool").properties();
        target(&pool["LambdaConfig"]["PostConfirmation"]).map(str::to_owned)
    };
    assert_eq!(trigger(true).as_deref(), Some("AdminService"));
    assert_eq!(trigger(false), None);
}
