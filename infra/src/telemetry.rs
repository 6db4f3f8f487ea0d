//! Telemetry: a rule hands each message to Data Firehose, which has the function
//! `telemetry` make a row of it and writes rows as Parquet; Athena answers
//! questions about them.

mod catalogue;
mod history;
mod queries;
mod store;
mod stream;

pub use self::store::Store;

use contract::telemetry::{self, ColumnKind, column, twin};
use contract::{env, index, table, topic};

use crate::base::Base;
use crate::function::Function;
use crate::manifest::Manifest;
use crate::policy::Statement;
use crate::rule::{self, StreamRuleProps};
use crate::stack::Stack;
use crate::value::{arn_of, literal};

/// The binaries it needs.
pub const SERVICES: &[&str] = &["telemetry"];
/// The binaries that the API needs to tell of it.
pub const API_SERVICES: &[&str] = &["history"];

/// Seconds that a batch may take: its lookups are the most of it. Firehose waits
/// for five minutes.
const TIMEOUT: i32 = 60;

/// Defines the function, the stream, the rule and the dataset. The bucket is
/// always there, so that it is found again: see [`Store`].
///
/// Logical ids: `TelemetryService…`, `TelemetryStream…`, `TelemetryRule…`,
/// `TelemetryDatabase`, `TelemetryTable`, `TelemetryView`, `TelemetryWorkGroup`,
/// `…Query`.
///
/// `alert` is told of what owners are told; where events are not deployed, nobody is.
/// Thresholds send commands where the API is, which commands are a part of.
pub fn define(stack: &mut Stack, manifest: &Manifest, base: &Base, alert: Option<&Function>) {
    let columns = columns(manifest);
    let transform = define_transform(stack, manifest, base, alert);
    catalogue::define(stack, base.telemetry, &columns);
    stream::define(stack, manifest, base.telemetry, &transform);
    queries::define(stack, base.telemetry, &columns);
    let props = StreamRuleProps {
        id: "TelemetryRule",
        description: "What devices measure",
        sql: select(&manifest.telemetry.env.telemetry_topic),
        stream: stream::STREAM,
        failures: base.failed,
    };
    rule::define_to_stream(stack, &props);
}

/// Defines the API's function that answers with what was measured.
///
/// Logical ids: `HistoryService…`.
pub fn define_history(stack: &mut Stack, manifest: &Manifest, base: &Base) -> Function {
    history::define(stack, base, fields(manifest))
}

/// The fields with a column of their own, as functions read them.
fn fields(manifest: &Manifest) -> String {
    let fields = manifest.telemetry.columns.iter();
    let fields: Vec<_> = fields
        .map(|(field, kind)| format!("{field}={kind}"))
        .collect();
    fields.join(",")
}

/// The payload goes on as it is, so that one that is not JSON can be kept with
/// the reason; who sent it is the segment of the topic after the prefix.
fn select(prefix: &str) -> String {
    let device = prefix.split('/').count() + 1;
    format!(
        "SELECT encode(*, 'base64') AS payload, topic({device}) AS deviceId, \
         timestamp() AS receivedAt FROM '{prefix}/+'"
    )
}

/// Firehose waits for its answer, so it needs no failure destination.
fn define_transform(
    stack: &mut Stack,
    manifest: &Manifest,
    base: &Base,
    alert: Option<&Function>,
) -> Function {
    let mut transform = Function::new(
        "TelemetryService",
        "telemetry",
        "Makes rows of the dataset from telemetry",
        TIMEOUT,
    );
    transform.env(env::TELEMETRY_COLUMNS, literal(fields(manifest)));
    transform.env(env::REGISTRATIONS_TABLE, base.tables.registrations.name());
    transform.env(env::REJECTED_QUEUE_URL, base.rejected.url());
    base.tables
        .registrations
        .grant_query_index(&mut transform, index::REGISTRATIONS_BY_DEVICE);
    base.rejected.grant_send(&mut transform);
    let tables = &base.tables;
    transform.env(env::EVENTS_TABLE, tables.events.name());
    transform.env(env::SETTINGS_TABLE, tables.settings.name());
    transform.env(
        env::ALERT_FUNCTION,
        alert.map_or_else(|| literal(""), Function::name),
    );
    transform.env(
        env::COMMANDS_TABLE,
        match manifest.api.deploy {
            true => tables.commands.name(),
            false => literal(""),
        },
    );
    if let Some(alert) = alert {
        tables.events.grant_put(&mut transform);
        alert.grant_invoke(&mut transform);
    }
    if manifest.api.deploy {
        grant_commands(&mut transform, base);
    }
    if alert.is_some() || manifest.api.deploy {
        tables.settings.grant_rows(
            &mut transform,
            &["dynamodb:GetItem", "dynamodb:UpdateItem"],
            table::WATCH,
        );
    }
    transform.define(stack);
    transform
}

/// What sending a command takes; what becomes of it is up to others.
fn grant_commands(transform: &mut Function, base: &Base) {
    base.tables.registrations.grant_get(transform);
    base.tables.commands.grant_put(transform);
    for (action, kind) in [
        ("iot:Publish", format!("topic/{}/*", topic::COMMANDS)),
        ("iot:UpdateThingShadow", "thing/*".to_owned()),
    ] {
        transform.grant(Statement::allow_pattern(
            &[action],
            vec![arn_of("iot", &kind)],
            "devices are not known when the stack is deployed",
        ));
    }
}

/// A column of the dataset.
#[derive(Clone, Debug)]
struct Column {
    name: String,
    kind: ColumnKind,
    /// Whether it is a measurement, as it came.
    measured: bool,
}

/// All columns of the table but the partition, in order.
fn columns(manifest: &Manifest) -> Vec<Column> {
    let fixed = telemetry::FIXED.iter().map(|(name, kind)| Column {
        name: (*name).to_owned(),
        kind: *kind,
        measured: false,
    });
    let fields = manifest.telemetry.columns.iter();
    let measured = fields.filter_map(|(field, word)| {
        let kind = ColumnKind::measured(word)?;
        let measured = Column {
            name: column(field),
            kind,
            measured: true,
        };
        let twin = kind.is_numeric().then(|| Column {
            name: twin(&measured.name),
            kind: ColumnKind::Number,
            measured: false,
        });
        Some([measured].into_iter().chain(twin))
    });
    fixed.chain(measured.flatten()).collect()
}
