//! JSON logs on standard output.

use tracing_subscriber::EnvFilter;

/// Starts logging: one JSON object a line, with the fields of the span that
/// `lambda_runtime` opens for each invocation (its request id among them).
///
/// `RUST_LOG` sets the level, `info` where it is not set. The time is left to
/// CloudWatch, which stamps each line.
pub fn init_logs() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .without_time()
        .with_env_filter(filter)
        .init();
}
