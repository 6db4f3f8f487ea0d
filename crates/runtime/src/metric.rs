//! Metrics by CloudWatch's embedded metric format: a log line, no call.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::env;

/// Adds 1 to the count `name` of this function in `namespace`.
pub fn count(namespace: &str, name: &str) {
    count_many(namespace, name, 1);
}

/// Adds `times` to the count; nothing is printed for none.
pub fn count_many(namespace: &str, name: &str, times: usize) {
    if times == 0 {
        return;
    }
    let function = env::optional("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
    let line = embedded(namespace, name, times, &function, Timestamp::now());
    // A metric that cannot be printed is not worth failing the invocation for.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn embedded(namespace: &str, name: &str, times: usize, function: &str, now: Timestamp) -> Value {
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
        name: times,
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
            7,
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
                "EventStored": 7,
            })
        );
    }
}
