//! A question in Athena's words.
//!
//! Nothing in it is text that could end a quotation: an id, times and numbers are
//! printed, columns come from the template, and names of models and fields have no
//! quotation mark among their signs.
//! Only what the local engine understands as well is used.

use contract::telemetry::{DAY, EXTRA, MODEL, REGISTRATION_ID, TABLE, TIMESTAMP};
use domain::model::FieldKind;
use domain::telemetry::history::{Asked, MOST_POINTS, Question};
use domain::time;
use jiff::Timestamp;

/// For each step that has messages, in order: when it begins in epoch seconds, how
/// many messages there are, and for each field its mean, least and greatest number
/// or its last value.
///
/// The rows are those of one registration, in folders of the days in question. A file
/// holds one model, so of the others' files only the ends are read.
pub(super) fn sql(question: &Question) -> String {
    let Question {
        registration,
        model,
        span,
        fields,
    } = question;
    let values: Vec<String> = fields.iter().enumerate().map(values).collect();
    let columns: Vec<String> = fields.iter().enumerate().map(column).collect();
    let (step, last) = (
        span.resolution,
        Timestamp::from_nanosecond(span.to.as_nanosecond() - 1),
    );
    format!(
        "SELECT second - second % {step} AS step, count(*) AS messages, {}\n\
         FROM (\n  SELECT date_diff('second', TIMESTAMP '1970-01-01 00:00:00', \"{TIMESTAMP}\") AS second, \
         \"{TIMESTAMP}\", {}\n  FROM {TABLE}\n  \
         WHERE {REGISTRATION_ID} = '{registration}' AND {MODEL} = '{model}' AND {DAY} BETWEEN '{}' AND '{}'\n    \
         AND \"{TIMESTAMP}\" >= {} AND \"{TIMESTAMP}\" < {}\n)\n\
         GROUP BY 1 ORDER BY 1 LIMIT {}",
        values.join(", "),
        columns.join(", "),
        day(span.from),
        day(last.unwrap_or(span.to)),
        moment(span.from),
        moment(span.to),
        MOST_POINTS + 1,
    )
}

fn values((index, field): (usize, &Asked)) -> String {
    let name = format!("f{index}");
    match field.kind {
        FieldKind::Number | FieldKind::Integer => {
            format!(
                "avg({name}) AS {name}_mean, min({name}) AS {name}_min, max({name}) AS {name}_max"
            )
        }
        FieldKind::Boolean | FieldKind::String => format!(
            "max_by({name}, \"{TIMESTAMP}\") FILTER (WHERE {name} IS NOT NULL) AS {name}_last"
        ),
    }
}

fn column((index, field): (usize, &Asked)) -> String {
    let column = match &field.column {
        Some(column) => format!("\"{column}\""),
        None => {
            let text = format!("json_extract_scalar({EXTRA}, '$[\"{}\"]')", field.name);
            match field.kind {
                FieldKind::Number | FieldKind::Integer => format!("TRY_CAST({text} AS double)"),
                FieldKind::Boolean => format!("TRY_CAST({text} AS boolean)"),
                FieldKind::String => text,
            }
        }
    };
    format!("{column} AS f{index}")
}

fn day(time: Timestamp) -> String {
    time::text(time).chars().take("2026-11-24".len()).collect()
}

fn moment(time: Timestamp) -> String {
    let text = time::text(time).replace('T', " ");
    format!("TIMESTAMP '{}'", text.trim_end_matches('Z'))
}
