//! Metrics by CloudWatch's embedded metric format: a log line, no call.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::env;

/// Adds 1 to the count `name` of this function in `namespace`.
pub fn count(namespace: &str, name: &str) {
    let function = env::optional("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
    let line = embedded(namespace, name, &function, Timestamp::now());
    // A metric that cannot be printed is not worth failing the invocation for.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn embedded(namespace: &str, name: &str, function: &str, now: Timestamp) -> Value {
    json!({
        "_aws": {
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": namespace,
                "Dimensions": [["FunctionName"]],
                "Metrics": [{ "Name": name, "Unit": "Count" }],
            }],
        },
        "FunctionName": function,
        name: 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_names_metric_dimension_and_value() {
        let line = embedded(
            "SmartProduct",
            "EventStored",
            "stack-event",
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(
            line,
            json!({
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
            })
        );
    }
}
