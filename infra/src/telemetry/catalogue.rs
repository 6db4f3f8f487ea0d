//! The dataset in the Glue catalogue: a table over the files, and the view that
//! people and tools ask.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::output;
use contract::telemetry::{DAY, REGISTRATION_ID, TABLE, VIEW};
use serde_json::{Value, json};
use stratosphere::services::aws::glue;
use stratosphere::services::aws::glue::{database, table};
use stratosphere::value::{AWS_ACCOUNT_ID, ExpString};

use super::Column;
use super::store::Store;
use crate::stack::Stack;
use crate::value::{literal, reference, sub};

const DATABASE: &str = "TelemetryDatabase";

/// The first day that may have telemetry; the partitions of a question begin
/// there, so that nobody has to add them.
const FIRST_DAY: &str = "2026-01-01";

/// Defines the database, the table and the view.
///
/// Logical ids: `TelemetryDatabase`, `TelemetryTable`, `TelemetryView`.
pub(super) fn define(stack: &mut Stack, store: Store, columns: &[Column]) {
    let name = stack.target().plain_name();
    stack.add(
        DATABASE,
        &glue::Database! {
            catalog_id: AWS_ACCOUNT_ID,
            database_input: database::DatabaseInput! {
                name: name.as_str(),
                description: "What smart products measure",
            },
        },
    );
    define_table(stack, store, columns);
    define_view(stack, &name, columns);
    stack.output(
        output::TELEMETRY_DATABASE,
        "Database with the dataset",
        json!(reference(DATABASE)),
    );
}

fn define_table(stack: &mut Stack, store: Store, columns: &[Column]) {
    let projection = json!({
        "EXTERNAL": "TRUE",
        "classification": "parquet",
        "projection.enabled": "true",
        format!("projection.{DAY}.type"): "date",
        format!("projection.{DAY}.format"): "yyyy-MM-dd",
        // A device's clock may be ahead, and so a day.
        format!("projection.{DAY}.range"): format!("{FIRST_DAY},NOW+1DAYS"),
        format!("projection.{DAY}.interval"): "1",
        format!("projection.{DAY}.interval.unit"): "DAYS",
        "storage.location.template": sub(format!("{}{DAY}=${{!{DAY}}}/", store.data())),
    });
    stack.add(
        "TelemetryTable",
        &glue::Table! {
            catalog_id: AWS_ACCOUNT_ID,
            database_name: reference(DATABASE),
            table_input: table::TableInput! {
                name: TABLE,
                description: "A row for each message",
                table_type: "EXTERNAL_TABLE",
                parameters: projection,
                partition_keys: vec![table::Column! { name: DAY, r#type: "string" }],
                storage_descriptor: table::StorageDescriptor! {
                    columns: columns.iter().map(in_table).collect::<Vec<_>>(),
                    location: sub(store.data()),
                    input_format: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                    output_format: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                    serde_info: table::SerdeInfo! {
                        serialization_library:
                            "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                        parameters: json!({ "serialization.format": "1" }),
                    },
                },
            },
        },
    );
}

/// Whose device it was is nobody's business who asks for measurements, so the
/// view leaves it out.
fn define_view(stack: &mut Stack, database: &str, columns: &[Column]) {
    let shown: Vec<&Column> = columns
        .iter()
        .filter(|it| it.name != REGISTRATION_ID)
        .collect();
    let names: Vec<String> = shown.iter().map(|it| format!("\"{}\"", it.name)).collect();
    let query = format!(
        "SELECT {}, \"{DAY}\" FROM {database}.{TABLE}",
        names.join(", ")
    );
    let types = shown.iter().map(|it| (it.name.as_str(), it.kind.athena()));
    let types: Vec<Value> = types
        .chain([(DAY, "varchar")])
        .map(|(name, kind)| json!({ "name": name, "type": kind }))
        .collect();
    let view = json!({
        "originalSql": query,
        "catalog": "awsdatacatalog",
        "schema": database,
        "columns": types,
    });
    let day = table::Column! { name: DAY, r#type: "string" };
    let columns = shown.into_iter().map(in_table).chain([day]);
    stack
        .add(
            "TelemetryView",
            &glue::Table! {
                catalog_id: AWS_ACCOUNT_ID,
                database_name: reference(DATABASE),
                table_input: table::TableInput! {
                    name: VIEW,
                    description: "What smart products measure",
                    table_type: "VIRTUAL_VIEW",
                    parameters: json!({ "presto_view": "true", "comment": "Presto View" }),
                    storage_descriptor: table::StorageDescriptor! {
                        columns: columns.collect::<Vec<_>>(),
                        serde_info: table::SerdeInfo! {},
                    },
                    view_original_text: presto(&view),
                    view_expanded_text: "/* Presto View */",
                },
            },
        )
        .after("TelemetryTable");
}

/// A view as Athena keeps it.
fn presto(view: &Value) -> ExpString {
    literal(format!(
        "/* Presto View: {} */",
        STANDARD.encode(view.to_string())
    ))
}

fn in_table(column: &Column) -> table::Column_ {
    table::Column! { name: column.name.as_str(), r#type: column.kind.glue() }
}
