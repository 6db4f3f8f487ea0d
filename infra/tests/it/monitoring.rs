//! Alarms and dashboard: they look at what there is, all of it, and nothing else.

use std::collections::BTreeSet;

use contract::metric;
use infra::local::Cloud;
use infra::manifest::Manifest;
use serde_json::{Value, json};

use crate::template::{Template, list, target};

#[test]
fn each_function_has_an_alarm_and_each_alarm_a_function() {
    for template in Template::all() {
        let functions: BTreeSet<String> = template
            .of_type("AWS::Lambda::Function")
            .map(|it| it.properties()["FunctionName"].to_string())
            .collect();
        let watched: BTreeSet<String> = template
            .of_type("AWS::CloudWatch::Alarm")
            .filter(|it| it.properties()["MetricName"] == "Errors")
            .map(|it| it.properties()["Dimensions"][0]["Value"].to_string())
            .collect();
        assert_eq!(watched, functions, "{}", template.name);
        for alarm in template.of_type("AWS::CloudWatch::Alarm") {
            for dimension in list(&alarm.properties()["Dimensions"]) {
                if dimension["Name"] == "FunctionName" {
                    let function = dimension["Value"].to_string();
                    assert!(functions.contains(&function), "{}", alarm.id);
                }
            }
        }
    }
}

#[test]
fn an_alarm_tells_the_operator_what_to_do_and_not_that_nothing_happened() {
    for template in Template::all() {
        for alarm in template.of_type("AWS::CloudWatch::Alarm") {
            let place = format!("{} in {}", alarm.id, template.name);
            let properties = alarm.properties();
            let name = properties["AlarmName"]["Fn::Sub"].as_str().unwrap();
            assert!(name.starts_with("${AWS::StackName}-"), "{place}");
            let description = properties["AlarmDescription"].as_str().unwrap();
            // CloudWatch's own limit is 1,024 characters.
            assert!((40..=1024).contains(&description.len()), "{place}");
            assert_eq!(properties["TreatMissingData"], "notBreaching", "{place}");
            for actions in ["AlarmActions", "OKActions"] {
                assert_eq!(target(&properties[actions][0]), Some("OperatorTopic"));
            }
        }
    }
}

#[test]
fn what_the_contract_asks_for_is_watched() {
    let watched: BTreeSet<(String, String)> = Template::full()
        .of_type("AWS::CloudWatch::Alarm")
        .map(|it| {
            let text = |name: &str| it.properties()[name].as_str().unwrap().to_owned();
            (text("Namespace"), text("MetricName"))
        })
        .collect();
    let expected = [
        ("AWS/ApiGateway", "5xx"),
        ("AWS/Events", "FailedInvocations"),
        ("AWS/Lambda", "Errors"),
        ("AWS/Lambda", "Throttles"),
        ("AWS/SQS", "ApproximateAgeOfOldestMessage"),
        ("AWS/SQS", "NumberOfMessagesSent"),
        (metric::NAMESPACE, metric::REGISTRATION_REFUSED),
    ];
    let expected = expected.map(|(namespace, name)| (namespace.to_owned(), name.to_owned()));
    assert_eq!(watched, BTreeSet::from(expected));
}

#[test]
fn only_alarms_of_this_stack_may_tell_the_operator() {
    for template in Template::all() {
        let policy = template.resource("OperatorTopicPolicy").properties();
        let allowed: Vec<&Value> = list(&policy["PolicyDocument"]["Statement"])
            .into_iter()
            .filter(|it| it["Effect"] == "Allow")
            .collect();
        let [allowed] = allowed[..] else {
            panic!("one statement allows: {policy}");
        };
        assert_eq!(
            allowed["Principal"],
            json!({ "Service": "cloudwatch.amazonaws.com" })
        );
        let source = &allowed["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"];
        let source = source.as_str().unwrap();
        assert!(source.ends_with(":alarm:${AWS::StackName}-*"), "{source}");
    }
}

#[test]
fn the_dashboard_shows_each_metric_of_what_is_deployed_and_no_other() {
    for template in Template::all() {
        let functions: BTreeSet<String> = template
            .of_type("AWS::Lambda::Function")
            .filter_map(|it| it.properties()["FunctionName"]["Fn::Sub"].as_str())
            .map(str::to_owned)
            .collect();
        let mut shown = BTreeSet::new();
        let mut places = BTreeSet::new();
        for widget in widgets(&template) {
            assert!(places.insert((widget["x"].to_string(), widget["y"].to_string())));
            for shows in list(&widget["properties"]["metrics"]) {
                if shows[2] == "FunctionName" {
                    let function = shows[3].as_str().unwrap();
                    assert!(
                        functions.contains(function),
                        "{function} in {}",
                        template.name
                    );
                }
                if shows[0] == metric::NAMESPACE {
                    shown.insert(shows[1].as_str().unwrap().to_owned());
                }
            }
        }
        assert!(shown.iter().all(|it| metric::ALL.contains(&it.as_str())));
        if template.resource("JitrService").properties()["Runtime"].is_null() {
            assert!(!shown.contains(metric::REGISTRATION_REFUSED));
        }
    }
    let shown: BTreeSet<String> = widgets(&Template::full())
        .iter()
        .flat_map(|widget| {
            let metrics = list(&widget["properties"]["metrics"]);
            let ours = metrics.into_iter().filter(|it| it[0] == metric::NAMESPACE);
            ours.map(|it| it[1].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(shown, metric::ALL.iter().map(|&it| it.to_owned()).collect());
}

fn widgets(template: &Template) -> Vec<Value> {
    let body = &template.resource("Dashboard").properties()["DashboardBody"]["Fn::Sub"];
    let body: Value = serde_json::from_str(body.as_str().unwrap()).unwrap();
    body["widgets"].as_array().unwrap().clone()
}

#[test]
fn functions_are_traced_where_the_manifest_says_so() {
    for tracing in [false, true] {
        let manifest = Manifest {
            tracing,
            ..Manifest::default()
        };
        let template = Template::new(&manifest, Cloud::Aws);
        for function in template.of_type("AWS::Lambda::Function") {
            let mode = &function.properties()["TracingConfig"]["Mode"];
            assert_eq!(mode == "Active", tracing, "{}", function.id);
            let role = target(&function.properties()["Role"]).unwrap();
            let traces = template.resource(role).statements().into_iter().any(|it| {
                it["Action"] == json!(["xray:PutTelemetryRecords", "xray:PutTraceSegments"])
            });
            assert_eq!(traces, tracing, "{role}");
        }
    }
}
