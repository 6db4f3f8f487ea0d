//! Where questions to the dataset are asked, and three that are often asked.

use contract::output;
use contract::telemetry::VIEW;
use serde_json::json;
use stratosphere::services::aws::athena;
use stratosphere::services::aws::athena::workgroup;

use super::Column;
use super::store::Store;
use crate::stack::Stack;
use crate::value::{literal, named, reference};

/// Logical id.
pub(super) const WORK_GROUP: &str = "TelemetryWorkGroup";

/// Most bytes that a question may read: about 5 cents.
const SCAN_LIMIT: i64 = 10 * 1024 * 1024 * 1024;

/// The last week, in words that Athena reads days by.
const LAST_WEEK: &str = "day >= CAST(CAST(current_date - interval '7' day AS date) AS varchar)";

/// Defines the work group and the queries.
///
/// Logical ids: `TelemetryWorkGroup`, `LatestPerDeviceQuery`, `HourlyAveragesQuery`,
/// `FleetByModelQuery`.
pub(super) fn define(stack: &mut Stack, store: Store, columns: &[Column]) {
    let encryption = workgroup::EncryptionConfiguration! { encryption_option: "SSE_S3" };
    stack
        .add(
            WORK_GROUP,
            &athena::WorkGroup! {
                name: named("telemetry"),
                description: "Questions about what smart products measure",
                state: "ENABLED",
                // What it holds are answers and how often was asked.
                recursive_delete_option: true,
                work_group_configuration: workgroup::WorkGroupConfiguration! {
                    bytes_scanned_cutoff_per_query: SCAN_LIMIT,
                    enforce_work_group_configuration: true,
                    publish_cloud_watch_metrics_enabled: true,
                    engine_version: workgroup::EngineVersion! {
                        selected_engine_version: "Athena engine version 3",
                    },
                    result_configuration: workgroup::ResultConfiguration! {
                        output_location: store.answers(),
                        encryption_configuration: encryption,
                    },
                },
            },
        )
        .suppress(
            "athena_workgroup_results_encrypted_at_rest_kms_check",
            "answers are encrypted like the bucket they are kept in for a week",
        );
    for (id, name, description, query) in [
        (
            "LatestPerDeviceQuery",
            "latest-per-device",
            "The last measurements of each device, of the last week",
            latest_per_device(columns),
        ),
        (
            "HourlyAveragesQuery",
            "hourly-averages",
            "Averages of each device and hour, of the last week",
            hourly_averages(columns),
        ),
        (
            "FleetByModelQuery",
            "fleet-by-model",
            "Devices, messages and averages of each model, of the last week",
            fleet_by_model(columns),
        ),
    ] {
        let database = stack.target().plain_name();
        stack
            .add(
                id,
                &athena::NamedQuery! {
                    name: named(name),
                    description: description,
                    database: database.as_str(),
                    query_string: literal(query),
                    work_group: reference(WORK_GROUP),
                },
            )
            .after("TelemetryView");
    }
    stack.output(
        output::TELEMETRY_WORK_GROUP,
        "Work group for questions to the dataset",
        json!(reference(WORK_GROUP)),
    );
}

fn latest_per_device(columns: &[Column]) -> String {
    let measured = columns.iter().filter(|it| it.measured);
    let latest = measured.map(|it| {
        let name = &it.name;
        format!("max_by(\"{name}\", \"timestamp\") AS \"{name}\"")
    });
    select(
        &["device_id", "model", "max(\"timestamp\") AS \"timestamp\""],
        latest,
        "GROUP BY device_id, model ORDER BY device_id",
    )
}

fn hourly_averages(columns: &[Column]) -> String {
    select(
        &[
            "device_id",
            "date_trunc('hour', \"timestamp\") AS hour",
            "count(*) AS messages",
        ],
        averages(columns),
        "GROUP BY device_id, date_trunc('hour', \"timestamp\") ORDER BY device_id, hour",
    )
}

fn fleet_by_model(columns: &[Column]) -> String {
    select(
        &[
            "model",
            "count(DISTINCT device_id) AS devices",
            "count(*) AS messages",
            "max(\"timestamp\") AS latest",
        ],
        averages(columns),
        "GROUP BY model ORDER BY model",
    )
}

fn averages(columns: &[Column]) -> impl Iterator<Item = String> {
    let numbers = columns
        .iter()
        .filter(|it| it.measured && it.kind.is_numeric());
    numbers.map(|it| format!("avg(\"{0}\") AS \"{0}\"", it.name))
}

fn select(first: &[&str], then: impl Iterator<Item = String>, last: &str) -> String {
    let shown: Vec<String> = first
        .iter()
        .map(|it| (*it).to_owned())
        .chain(then)
        .collect();
    format!(
        "SELECT {}\nFROM {VIEW}\nWHERE {LAST_WEEK}\n{last}",
        shown.join(",\n  ")
    )
}
