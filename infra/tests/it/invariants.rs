//! What holds for every template, whatever the manifest switches on.

use std::collections::{BTreeMap, BTreeSet};

use contract::env;
use infra::local::Cloud;
use infra::manifest::Manifest;
use serde_json::{Value, json};

use crate::template::{Resource, Template, list, objects, target};

#[test]
fn a_wildcard_has_its_reason_beside_it() {
    for template in Template::stacks() {
        for resource in template.resources() {
            let reasons = list(&resource.attribute("Metadata")["Wildcards"]);
            let explained: BTreeSet<_> = reasons
                .iter()
                .filter(|it| {
                    it["Reason"]
                        .as_str()
                        .is_some_and(|reason| reason.len() > 20)
                })
                .flat_map(|it| [list(&it["Resource"]), list(&it["NotResource"])].concat())
                .map(Value::to_string)
                .collect();
            for statement in resource.statements() {
                if statement["Effect"] == "Deny" {
                    continue;
                }
                let place = format!("{} in {}", resource.id, template.name);
                for action in list(&statement["Action"]) {
                    assert!(!action.to_string().contains('*'), "{action} of {place}");
                }
                for element in ["Resource", "NotResource"] {
                    for pattern in list(&statement[element]) {
                        let pattern = pattern.to_string();
                        let fine = !pattern.contains('*') || explained.contains(&pattern);
                        assert!(fine, "{pattern} of {place} has no reason");
                    }
                }
            }
        }
    }
}

#[test]
fn a_policy_says_what_is_allowed_and_to_whom() {
    for template in Template::stacks() {
        for resource in template.resources() {
            for statement in resource.statements() {
                let place = format!("{statement} of {} in {}", resource.id, template.name);
                assert!(statement.get("NotAction").is_none(), "{place}");
                assert!(statement.get("NotPrincipal").is_none(), "{place}");
                let for_all = statement["Principal"] == "*" || statement["Principal"]["AWS"] == "*";
                assert!(!for_all || statement["Effect"] == "Deny", "{place}");
            }
        }
    }
}

/// Without one it takes messages of everybody in its account.
#[test]
fn a_topic_has_a_policy_of_its_own() {
    for template in Template::all() {
        let policies: Vec<_> = template.of_type("AWS::SNS::TopicPolicy").collect();
        for topic in template.of_type("AWS::SNS::Topic") {
            let of_topic =
                |it: &Resource| it.properties()["Topics"] == json!([{ "Ref": topic.id }]);
            assert_eq!(
                policies.iter().filter(|it| of_topic(it)).count(),
                1,
                "{} in {}",
                topic.id,
                template.name
            );
        }
    }
}

#[test]
fn nothing_hands_out_rights() {
    for template in Template::all() {
        for resource in template.resources() {
            for statement in resource.statements() {
                let place = format!("{statement} of {} in {}", resource.id, template.name);
                let actions = list(&statement["Action"]);
                let mut actions = actions.iter().filter_map(|it| it.as_str());
                // What passes a role on names that role.
                let passes = actions
                    .clone()
                    .any(|it| it.eq_ignore_ascii_case("iam:PassRole"));
                let pattern = statement["Resource"].to_string().contains('*');
                assert!(!passes || !pattern, "{place}");
                assert!(
                    actions.all(|it| !it.starts_with("iam:") || it == "iam:PassRole"),
                    "{place}"
                );
            }
        }
    }
}

#[test]
fn each_rule_keeps_what_its_action_could_not_deliver() {
    for template in Template::all() {
        for rule in template.of_type("AWS::IoT::TopicRule") {
            let action = &rule.properties()["TopicRulePayload"]["ErrorAction"]["Sqs"];
            let queue = target(&action["QueueUrl"]).unwrap();
            assert_eq!(template.resource(queue).kind(), "AWS::SQS::Queue");
            let role = template.resource(target(&action["RoleArn"]).unwrap());
            assert!(
                allows(role, "sqs:SendMessage", queue),
                "{} in {}",
                rule.id,
                template.name
            );
        }
    }
}

#[test]
fn each_function_that_is_invoked_asynchronously_has_a_failure_destination() {
    for template in Template::all() {
        for function in asynchronous(&template) {
            let place = format!("{function} in {}", template.name);
            let failures = template
                .of_type("AWS::Lambda::EventInvokeConfig")
                .find(|it| target(&it.properties()["FunctionName"]) == Some(function))
                .unwrap_or_else(|| panic!("{place} has none"));
            let destination =
                &failures.properties()["DestinationConfig"]["OnFailure"]["Destination"];
            let queue = target(destination).unwrap();
            let role = role_of(&template, function);
            assert!(
                allows(role, "sqs:SendMessage", queue),
                "{place} may not send there"
            );
            assert_eq!(failures.properties()["Qualifier"], "$LATEST", "{place}");
        }
    }
}

#[test]
fn each_schedule_keeps_what_it_could_not_deliver_and_does_not_pile_up() {
    for template in Template::all() {
        for schedule in template.of_type("AWS::Events::Rule") {
            let place = format!("{} in {}", schedule.id, template.name);
            let [delivery] = &list(&schedule.properties()["Targets"])[..] else {
                panic!("{place} has one target");
            };
            assert_eq!(
                delivery["RetryPolicy"]["MaximumEventAgeInSeconds"], 60,
                "{place}"
            );
            let queue = target(&delivery["DeadLetterConfig"]["Arn"]).unwrap();
            let name = schedule.properties()["Name"]["Fn::Sub"].as_str().unwrap();
            let rule = format!(
                "arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:rule/{name}"
            );
            let policy = template
                .of_type("AWS::SQS::QueuePolicy")
                .find(|it| target(&it.properties()["Queues"][0]) == Some(queue))
                .unwrap_or_else(|| panic!("{queue} does not let {place} in"));
            let expected = json!({
                "Effect": "Allow",
                "Principal": { "Service": "events.amazonaws.com" },
                "Action": "sqs:SendMessage",
                "Resource": { "Fn::GetAtt": [queue, "Arn"] },
                "Condition": { "ArnEquals": { "aws:SourceArn": { "Fn::Sub": rule } } },
            });
            assert!(policy.statements().contains(&&expected), "{place}");
        }
    }
}

#[test]
fn five_functions_are_invoked_asynchronously() {
    assert_eq!(
        asynchronous(&Template::full()),
        BTreeSet::from([
            "AlertCleanupService",
            "AlertService",
            "CommandOutcomeService",
            "EventProxyService",
            "JitrService"
        ])
    );
}

#[test]
fn what_cannot_be_made_again_is_kept() {
    /// What each deployment makes again, and what nobody asks for afterwards.
    const DISPOSABLE: &[&str] = &["AWS::Logs::LogGroup"];
    const CONTENT: &str = "ConsoleBucket";
    const STATEFUL: &[&str] = &[
        "AWS::Cognito::UserPool",
        "AWS::Cognito::UserPoolClient",
        "AWS::Cognito::UserPoolGroup",
        "AWS::DynamoDB::Table",
        "AWS::IoT::Policy",
        "AWS::IoT::ThingType",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SQS::Queue",
    ];
    for template in Template::all() {
        for resource in template.resources() {
            let place = format!("{} in {}", resource.id, template.name);
            let kind = resource.kind();
            let policy = if DISPOSABLE.contains(&kind) || resource.id == CONTENT {
                json!("Delete")
            // A quarantine is lifted with the component; no device depends on it.
            } else if resource.id == "QuarantinePolicy" {
                Value::Null
            } else if STATEFUL.contains(&kind) && !resource.id.starts_with(CONTENT) {
                json!("Retain")
            } else {
                Value::Null
            };
            assert_eq!(resource.attribute("DeletionPolicy"), &policy, "{place}");
            assert_eq!(
                resource.attribute("UpdateReplacePolicy"),
                &policy,
                "{place}"
            );
        }
        for table in template.of_type("AWS::DynamoDB::Table") {
            let properties = table.properties();
            assert_eq!(properties["DeletionProtectionEnabled"], true);
            assert_eq!(
                properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"],
                true
            );
            assert_eq!(properties["SSESpecification"]["SSEEnabled"], true);
            assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST");
        }
        let pool = template.resource("UserPool");
        assert_eq!(pool.properties()["DeletionProtection"], "ACTIVE");
    }
}

#[test]
fn the_data_and_the_users_are_there_whatever_is_switched_on() {
    let base = Template::new(&nothing(), Cloud::Aws);
    let base: BTreeSet<_> = base.resources().map(|resource| resource.id).collect();
    for template in Template::all()
        .iter()
        .filter(|it| it.name.starts_with("Aws"))
    {
        let ids: BTreeSet<_> = template.resources().map(|resource| resource.id).collect();
        assert!(ids.is_superset(&base), "{}", template.name);
    }
    for id in [
        "Settings",
        "Registrations",
        "Events",
        "Commands",
        "Reference",
        "UserPool",
        "SmartProduct",
        "TelemetryBucket",
    ] {
        assert!(base.contains(id), "{id}");
    }
}

#[test]
fn switching_a_component_on_changes_nothing_that_is_kept() {
    let full = Template::full();
    let base = Template::new(&nothing(), Cloud::Aws);
    for resource in base
        .resources()
        .filter(|it| it.attribute("DeletionPolicy") == "Retain")
    {
        let mut properties = full.resource(resource.id).properties().clone();
        // The trigger is what the API adds to the pool, and is updated in place.
        properties.as_object_mut().unwrap().remove("LambdaConfig");
        assert_eq!(&properties, resource.properties(), "{}", resource.id);
    }
}

#[test]
fn each_function_gets_exactly_the_environment_it_reads() {
    let read = BTreeMap::from([
        ("AdminService", env::ADMIN),
        ("AlertCleanupService", env::ALERT_CLEANUP),
        ("AlertService", env::ALERT),
        ("CommandOutcomeService", env::COMMAND_OUTCOME),
        ("CommandService", env::COMMAND),
        ("CustomResourceService", env::CUSTOM_RESOURCE),
        ("DeviceService", env::DEVICE),
        ("EventProxyService", env::EVENT_PROXY),
        ("EventService", env::EVENT),
        ("HistoryService", env::HISTORY),
        ("JitrService", env::JITR),
        ("LiveService", env::LIVE),
        ("RegistrationService", env::REGISTRATION),
        ("StatusService", env::STATUS),
        ("TelemetryService", env::TELEMETRY),
    ]);
    let template = Template::full();
    let functions: Vec<_> = template.of_type("AWS::Lambda::Function").collect();
    assert_eq!(functions.len(), read.len());
    for function in functions {
        let variables = function.properties()["Environment"]["Variables"]
            .as_object()
            .unwrap();
        let set: BTreeSet<&str> = variables.keys().map(String::as_str).collect();
        let read: BTreeSet<&str> = read[function.id].iter().copied().collect();
        assert_eq!(set, read, "{}", function.id);
    }
}

#[test]
fn a_function_has_a_role_and_a_log_group_of_its_own() {
    for template in Template::all() {
        let mut roles = BTreeSet::new();
        let mut logs = BTreeSet::new();
        for function in template.of_type("AWS::Lambda::Function") {
            let place = format!("{} in {}", function.id, template.name);
            let role = role_of(&template, function.id);
            assert!(roles.insert(role.id), "{place} shares {}", role.id);
            let group = target(&function.properties()["LoggingConfig"]["LogGroup"]).unwrap();
            assert!(logs.insert(group), "{place} shares {group}");
            assert!(
                allows(role, "logs:PutLogEvents", group),
                "{place} may not write to {group}"
            );

            let group = template.resource(group).properties();
            let function = function.properties();
            let name = function["FunctionName"]["Fn::Sub"].as_str().unwrap();
            assert_eq!(
                group["LogGroupName"]["Fn::Sub"],
                format!("/aws/lambda/{name}"),
                "{place}"
            );
            assert_eq!(group["RetentionInDays"], 365, "{place}");
            assert_eq!(function["LoggingConfig"]["LogFormat"], "JSON", "{place}");
            assert_eq!(function["Runtime"], "provided.al2023", "{place}");
            // API Gateway waits for 30 seconds; nobody waits for a cleanup or a
            // sweep, and CloudFormation as long as the resource says.
            let most = match place.split(' ').next() {
                Some("AlertCleanupService") => 900,
                Some("CommandOutcomeService" | "CustomResourceService" | "TelemetryService") => 60,
                Some("HistoryService") => 25,
                _ => 20,
            };
            assert!(
                function["Timeout"].as_i64().is_some_and(|it| it <= most),
                "{place}"
            );
        }
        for rule in template.of_type("AWS::IoT::TopicRule") {
            let action = &rule.properties()["TopicRulePayload"]["ErrorAction"]["Sqs"];
            let role = target(&action["RoleArn"]).unwrap();
            assert!(
                roles.insert(role),
                "{} in {} shares {role}",
                rule.id,
                template.name
            );
        }
    }
}

#[test]
fn a_service_invokes_a_function_on_behalf_of_one_resource_of_this_account() {
    for template in Template::all() {
        for permission in template.of_type("AWS::Lambda::Permission") {
            let properties = permission.properties();
            let place = format!("{} in {}", permission.id, template.name);
            assert_eq!(
                properties["SourceAccount"],
                json!({ "Ref": "AWS::AccountId" }),
                "{place}"
            );
            assert_ne!(properties["SourceArn"], Value::Null, "{place}");
            assert_ne!(properties["SourceArn"], "*", "{place}");
        }
    }
}

#[test]
fn whoever_invokes_a_function_has_the_permission_to() {
    for template in Template::all() {
        let permitted: BTreeSet<_> = template
            .of_type("AWS::Lambda::Permission")
            .map(|it| {
                let function = target(&it.properties()["FunctionName"]).unwrap();
                // That of the API is a pattern of its routes.
                let caller = target(&it.properties()["SourceArn"]);
                (caller.unwrap_or("HttpApi"), function)
            })
            .collect();
        let invoked = invoked_by_rules(&template).chain(invoked_by_schedules(&template));
        let integrations = template
            .of_type("AWS::ApiGatewayV2::Integration")
            .map(|it| ("HttpApi", &it.properties()["IntegrationUri"]));
        let trigger =
            &template.resource("UserPool").properties()["LambdaConfig"]["PostConfirmation"];
        let triggers = (!trigger.is_null()).then_some(("UserPool", trigger));
        for (caller, function) in invoked.chain(integrations).chain(triggers) {
            let pair = (caller, target(function).unwrap());
            assert!(permitted.contains(&pair), "{pair:?} in {}", template.name);
        }
    }
}

#[test]
fn names_carry_the_name_of_the_stack() {
    const NAMES: &[&str] = &[
        "ActionName",
        "ApiName",
        "ClientName",
        "FunctionName",
        "LogGroupName",
        "Name",
        "PolicyName",
        "QueueName",
        "RoleName",
        "RuleName",
        "ScheduledAuditName",
        "SecurityProfileName",
        "TableName",
        "ThingGroupName",
        "ThingTypeName",
        "TopicName",
        "UserPoolName",
    ];
    for template in Template::all() {
        for resource in template.resources() {
            for name in NAMES {
                let value = &resource.properties()[*name];
                let refers = target(value).is_some_and(|id| id != "AWS::StackName");
                // An authorizer lives inside of its API, a policy of IAM in its role.
                let inside = ["AWS::ApiGatewayV2::Authorizer", "AWS::IAM::Policy"];
                if value.is_null() || refers || inside.contains(&resource.kind()) {
                    continue;
                }
                let named = value.to_string().contains("AWS::StackName");
                assert!(
                    named,
                    "{name} of {} in {}: {value}",
                    resource.id, template.name
                );
            }
        }
    }
}

#[test]
fn what_is_referred_to_exists() {
    for template in Template::stacks() {
        let parameters = template.json["Parameters"].as_object().into_iter();
        let parameters = parameters.flat_map(|it| it.keys().map(String::as_str));
        let ids: BTreeSet<_> = template.resources().map(|resource| resource.id).collect();
        let ids: BTreeSet<_> = ids.into_iter().chain(parameters).collect();
        for resource in template.resources() {
            for id in list(resource.attribute("DependsOn")) {
                assert!(
                    ids.contains(id.as_str().unwrap()),
                    "{id} of {} in {}",
                    resource.id,
                    template.name
                );
            }
        }
        for object in objects(&template.json) {
            let named: Vec<String> = match (target(object), object["Fn::Sub"].as_str()) {
                (Some(id), _) => vec![id.to_owned()],
                (None, Some(pattern)) => placeholders(pattern),
                (None, None) => continue,
            };
            for id in named {
                let exists = id.starts_with("AWS::") || ids.contains(id.as_str());
                assert!(exists, "{id} in {}", template.name);
            }
        }
    }
}

#[test]
fn a_template_is_far_from_the_limits_of_cloudformation() {
    for template in Template::stacks() {
        // 500 resources and 1 MB.
        assert!(template.resources().count() < 250, "{}", template.name);
        assert!(
            template.json.to_string().len() < 500_000,
            "{}",
            template.name
        );
    }
}

/// The combination without any flag, which a manifest may not ask for.
fn nothing() -> Manifest {
    Manifest::combinations(Cloud::Aws).next().unwrap()
}

/// Functions that a rule or a schedule invokes, or another function without
/// waiting.
fn asynchronous(template: &Template) -> BTreeSet<&str> {
    let by_rules = invoked_by_rules(template).chain(invoked_by_schedules(template));
    let by_rules = by_rules.map(|(_, function)| function);
    let of_functions = |role: &Resource<'_>| {
        let trust = &role.properties()["AssumeRolePolicyDocument"]["Statement"][0];
        trust["Principal"]["Service"] == "lambda.amazonaws.com"
    };
    let by_functions = template
        .of_type("AWS::IAM::Role")
        .filter(of_functions)
        .flat_map(Resource::statements)
        .filter(|statement| list(&statement["Action"]).contains(&&json!("lambda:InvokeFunction")))
        .flat_map(|statement| list(&statement["Resource"]));
    by_rules
        .chain(by_functions)
        .map(|function| target(function).unwrap())
        .collect()
}

/// The logical id of each topic rule, and the function of its action.
fn invoked_by_rules(template: &Template) -> impl Iterator<Item = (&str, &Value)> {
    template
        .of_type("AWS::IoT::TopicRule")
        .map(|rule| {
            let actions = &rule.properties()["TopicRulePayload"]["Actions"];
            (rule.id, &actions[0]["Lambda"]["FunctionArn"])
        })
        .filter(|(_, function)| !function.is_null())
}

/// The logical id of each schedule, and its function.
fn invoked_by_schedules(template: &Template) -> impl Iterator<Item = (&str, &Value)> {
    template
        .of_type("AWS::Events::Rule")
        .map(|schedule| (schedule.id, &schedule.properties()["Targets"][0]["Arn"]))
}

fn role_of<'a>(template: &'a Template, function: &str) -> Resource<'a> {
    let role = target(&template.json["Resources"][function]["Properties"]["Role"]).unwrap();
    template.resource(role)
}

/// Whether a role allows an action on a resource of the template.
fn allows(role: Resource<'_>, action: &str, resource: &str) -> bool {
    role.statements().into_iter().any(|statement| {
        statement["Effect"] == "Allow"
            && list(&statement["Action"]).contains(&&json!(action))
            && list(&statement["Resource"])
                .iter()
                .any(|it| target(it) == Some(resource))
    })
}

/// The logical ids in a pattern of `Fn::Sub`.
fn placeholders(pattern: &str) -> Vec<String> {
    let names = pattern
        .split("${")
        .skip(1)
        .filter_map(|rest| rest.split('}').next());
    names
        .filter(|name| !name.starts_with('!'))
        .map(|name| name.split('.').next().unwrap_or(name).to_owned())
        .collect()
}
