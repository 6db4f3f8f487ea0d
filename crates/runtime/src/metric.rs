//! Metrics by CloudWatch's embedded metric format: a log line, no call.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::env;

/// Adds 1 to the count `name` of this function in `namespace`.
pub fn count(namespace: &str, name: &str) {
    count_many(namespace, name, 1);
}

/// Adds `times` to the count; nothing is printed for none.
pub fn count_many(namespace: &str, name: &str, times: usize) {
    count_all(namespace, &[(name, times)]);
}

/// Adds to counts of this function in `namespace`, with one line for all of them.
/// The names differ; a 0 is left out, as what did not happen makes no metric.
pub fn count_all(namespace: &str, counts: &[(&str, usize)]) {
    let function = env::optional("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
    if let Some(line) = embedded(namespace, counts, &function, Timestamp::now()) {
        // A metric that cannot be printed is not worth failing the invocation for.
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }
}

fn embedded(
    namespace: &str,
    counts: &[(&str, usize)],
    function: &str,
    now: Timestamp,
) -> Option<Value> {
    let counts = counts.iter().filter(|(_, number)| *number > 0);
    let metrics: Vec<Value> = counts
        .clone()
        .map(|(name, _)| json!({ "Name": name, "Unit": "Count" }))
        .collect();
    if metrics.is_empty() {
        return None;
    }
    let about = json!({
        "Timestamp": now.as_millisecond(),
        "CloudWatchMetrics": [{
            "Namespace": namespace,
            "Dimensions": [["FunctionName"]],
            "Metrics": metrics,
        }],
    });
    let mut line = Map::new();
    line.insert("_aws".to_owned(), about);
    line.insert("FunctionName".to_owned(), function.into());
    line.extend(counts.map(|(name, number)| ((*name).to_owned(), json!(number))));
    Some(Value::Object(line))
}

#[cfg(test)]
mod tests;
