use std::collections::BTreeSet;

use super::*;

#[test]
fn the_line_names_metric_dimension_and_value() {
    assert_eq!(
        line(&[("EventStored", 1)]),
        Some(json!({
            "_aws": {
                "Timestamp": 0,
                "CloudWatchMetrics": [{
                    "Namespace": "SmartProduct",
                    "Dimensions": [["FunctionName"]],
                    "Metrics": [{ "Name": "EventStored", "Unit": "Count" }],
                }],
            },
            "FunctionName": "stack-event",
            "EventStored": 1,
        }))
    );
}

#[test]
fn each_line_is_as_cloudwatch_wants_it() {
    let cases: [&[(&str, usize)]; 4] = [
        &[("EventStored", 1)],
        &[("CommandTimedOut", 1_000)],
        &[("RequestAnswered", 1), ("DeviceRegistered", 1)],
        &[("EventStored", 0), ("MessageRejected", usize::MAX)],
    ];
    for counts in cases {
        assert_eq!(mistakes(&line(counts).unwrap()), [""; 0], "{counts:?}");
    }
    let all: Vec<(&str, usize)> = contract::metric::ALL.iter().map(|it| (*it, 1)).collect();
    assert_eq!(mistakes(&line(&all).unwrap()), [""; 0]);
}

#[test]
fn the_check_of_these_tests_finds_mistakes() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 6] = [
        (|it| it["_aws"]["Timestamp"] = json!("now"), "Timestamp"),
        (|it| it["EventStored"] = json!("1"), "EventStored"),
        (|it| it["FunctionName"] = json!(""), "FunctionName"),
        (|it| it["FunctionName"] = json!(1), "FunctionName"),
        (
            |it| it["_aws"]["CloudWatchMetrics"][0]["Namespace"] = json!(""),
            "Namespace",
        ),
        (
            |it| it["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Unit"] = json!("Pieces"),
            "Unit",
        ),
    ];
    for (change, expected) in cases {
        let mut line = line(&[("EventStored", 1)]).unwrap();
        change(&mut line);
        assert_eq!(mistakes(&line), [expected]);
    }
}

#[test]
fn what_did_not_happen_is_no_metric() {
    assert_eq!(line(&[]), None);
    assert_eq!(line(&[("CommandTimedOut", 0)]), None);
    let some = line(&[("CommandTimedOut", 0), ("EventStored", 2)]).unwrap();
    assert_eq!(some.get("CommandTimedOut"), None);
    assert_eq!(some["EventStored"], 2);
}

fn line(counts: &[(&str, usize)]) -> Option<Value> {
    embedded("SmartProduct", counts, "stack-event", Timestamp::UNIX_EPOCH)
}

/// What is not as the specification has it: CloudWatch drops such a line and says
/// so nowhere but in a metric of its own.
fn mistakes(line: &Value) -> Vec<&str> {
    let mut mistakes = Vec::new();
    let mut expect = |holds: bool, what| {
        if !holds {
            mistakes.push(what);
        }
    };
    let text = |value: &Value, most: usize| {
        let text = value.as_str();
        text.is_some_and(|it| (1..=most).contains(&it.len()))
    };
    expect(line["_aws"]["Timestamp"].is_u64(), "Timestamp");
    for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
        expect(text(&directive["Namespace"], 1024), "Namespace");
        for dimensions in directive["Dimensions"].as_array().unwrap() {
            let dimensions = dimensions.as_array().unwrap();
            expect((1..=30).contains(&dimensions.len()), "Dimensions");
            for name in dimensions {
                let name = name.as_str().unwrap();
                expect(text(&line[name], 1024), name);
            }
        }
        let metrics = directive["Metrics"].as_array().unwrap();
        expect((1..=100).contains(&metrics.len()), "Metrics");
        let names: BTreeSet<_> = metrics.iter().map(|it| it["Name"].as_str()).collect();
        expect(names.len() == metrics.len(), "Name");
        for metric in metrics {
            expect(text(&metric["Name"], 1024), "Name");
            expect(metric["Unit"] == "Count", "Unit");
            let name = metric["Name"].as_str().unwrap();
            expect(line[name].is_number(), name);
        }
    }
    mistakes
}
