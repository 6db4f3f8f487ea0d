//! The dashboard: what the product does, and whether it does it well.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html>

use std::collections::BTreeSet;

use contract::{metric, route};
use serde_json::{Value, json};
use stratosphere::services::aws::cloudwatch;

use crate::api;
use crate::base::Base;
use crate::manifest::Manifest;
use crate::solution;
use crate::stack::Stack;
use crate::value::sub;

/// Columns of a dashboard's grid, by CloudWatch.
const COLUMNS: usize = 24;
/// Size of one widget: three beside each other.
const WIDTH: usize = 8;
const HEIGHT: usize = 6;

/// Seconds of a point.
const PERIOD: u32 = 300;

/// What the product itself counts: title, and the function that counts each
/// metric. A function that is off leaves its metrics out.
const OUTCOMES: &[(&str, &[(&str, &str)])] = &[
    (
        "Certificates of devices",
        &[
            ("jitr", metric::REGISTRATION_COMPLETED),
            ("jitr", metric::REGISTRATION_REFUSED),
        ],
    ),
    (
        "Owners and devices",
        &[
            ("admin", metric::USER_CONFIRMED),
            ("registration", metric::DEVICE_REGISTERED),
            ("device", metric::DEVICE_DELETED),
            ("live", metric::LIVE_OPENED),
        ],
    ),
    (
        "Events and alerts",
        &[
            ("event-proxy", metric::EVENT_STORED),
            ("event-proxy", metric::MESSAGE_REJECTED),
            ("alert", metric::ALERT_SENT),
            ("event", metric::ALERT_ACKNOWLEDGED),
            ("alert-cleanup", metric::ALERT_SUPPRESSED),
        ],
    ),
    (
        "Commands",
        &[
            ("command", metric::COMMAND_SENT),
            ("command-outcome", metric::COMMAND_ANSWERED),
            ("command-outcome", metric::COMMAND_TIMED_OUT),
            ("command-outcome", metric::MESSAGE_REJECTED),
            ("command-outcome", metric::SHADOW_REPAIRED),
        ],
    ),
    (
        "Telemetry",
        &[
            ("telemetry", metric::TELEMETRY_STORED),
            ("telemetry", metric::TELEMETRY_FAILED),
            ("telemetry", metric::ANOMALY_FOUND),
            ("telemetry", metric::THRESHOLD_PASSED),
            ("telemetry", metric::COMMAND_SENT),
            ("telemetry", metric::MESSAGE_REJECTED),
        ],
    ),
    (
        "Custom resources",
        &[
            ("custom-resource", metric::RESOURCE_DONE),
            ("custom-resource", metric::RESOURCE_FAILED),
        ],
    ),
];

/// What becomes of requests to the API, each by the functions that answer them.
const REQUESTS: &[(&str, &str)] = &[
    ("Requests that were answered", metric::REQUEST_ANSWERED),
    ("Requests that were refused (4xx)", metric::REQUEST_REFUSED),
    (
        "Requests that may work in a moment (503)",
        metric::REQUEST_UNAVAILABLE,
    ),
    (
        "Requests that failed on our side (500)",
        metric::REQUEST_FAILED,
    ),
];

/// Defines the dashboard, `{stack}`, of what is deployed.
pub(super) fn define(stack: &mut Stack, manifest: &Manifest, base: &Base) {
    let services = solution::services(manifest);
    let widgets: Vec<Value> = outcomes(&services)
        .chain(
            manifest
                .api
                .deploy
                .then(|| requests(&services))
                .into_iter()
                .flatten(),
        )
        .chain(functions(&services))
        .chain([queues(base)])
        .enumerate()
        .map(place)
        .collect();
    let body = json!({ "widgets": widgets }).to_string();
    stack.add(
        "Dashboard",
        &cloudwatch::Dashboard! {
            dashboard_name: stratosphere::value::AWS_STACK_NAME,
            dashboard_body: sub(body),
        },
    );
}

fn outcomes(services: &[&str]) -> impl Iterator<Item = Value> {
    OUTCOMES.iter().filter_map(move |(title, metrics)| {
        let metrics: Vec<Value> = metrics
            .iter()
            .filter(|(service, _)| services.contains(service))
            .map(|(service, name)| count_of(service, name))
            .collect();
        (!metrics.is_empty()).then(|| widget(title, "Sum", &metrics))
    })
}

fn requests(services: &[&str]) -> Vec<Value> {
    let answering: BTreeSet<&str> = route::ALL.iter().map(|it| it.service).collect();
    let answering: Vec<_> = services
        .iter()
        .filter(|it| answering.contains(*it))
        .collect();
    let by_function = REQUESTS.iter().map(|(title, name)| {
        let metrics: Vec<Value> = answering
            .iter()
            .map(|service| count_of(service, name))
            .collect();
        widget(title, "Sum", &metrics)
    });
    of_gateway().into_iter().chain(by_function).collect()
}

fn of_gateway() -> [Value; 2] {
    let of_api = |name: &str| {
        let id = format!("${{{}}}", api::API);
        json!(["AWS/ApiGateway", name, "ApiId", id])
    };
    [
        widget(
            "Requests to the API",
            "Sum",
            &["Count", "4xx", "5xx"].map(of_api),
        ),
        widget(
            "Slowest 5 % of requests (ms)",
            "p95",
            &["Latency", "IntegrationLatency"].map(of_api),
        ),
    ]
}

fn functions(services: &[&str]) -> Vec<Value> {
    [
        ("Invocations", "Invocations", "Sum"),
        ("Failed invocations", "Errors", "Sum"),
        ("Throttled invocations", "Throttles", "Sum"),
        ("Slowest 5 % of invocations (ms)", "Duration", "p95"),
    ]
    .iter()
    .map(|(title, name, statistic)| {
        let metrics: Vec<Value> = services
            .iter()
            .map(|service| json!(["AWS/Lambda", name, "FunctionName", function(service)]))
            .collect();
        widget(title, statistic, &metrics)
    })
    .collect()
}

fn queues(base: &Base) -> Value {
    let waiting = [base.failed, base.rejected].map(|queue| {
        json!([
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            "QueueName",
            queue.name_in_pattern()
        ])
    });
    widget("Messages that wait for an operator", "Maximum", &waiting)
}

fn widget(title: &str, statistic: &str, metrics: &[Value]) -> Value {
    json!({
        "type": "metric",
        "width": WIDTH,
        "height": HEIGHT,
        "properties": {
            "title": title,
            "region": "${AWS::Region}",
            "stat": statistic,
            "period": PERIOD,
            "view": "timeSeries",
            "stacked": false,
            "metrics": metrics,
        },
    })
}

/// From left to right, row by row.
fn place((index, mut widget): (usize, Value)) -> Value {
    let beside = COLUMNS / WIDTH;
    widget["x"] = json!(index % beside * WIDTH);
    widget["y"] = json!(index / beside * HEIGHT);
    widget
}

/// One of our own metrics.
fn count_of(service: &str, name: &str) -> Value {
    json!([metric::NAMESPACE, name, "FunctionName", function(service)])
}

/// Name of a service's function, in a pattern of `Fn::Sub`.
fn function(service: &str) -> String {
    format!("${{AWS::StackName}}-{service}")
}
