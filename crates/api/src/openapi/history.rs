//! The operation on what a device has measured.

use domain::telemetry::history::{LONGEST, MOST_FIELDS, MOST_POINTS};
use serde_json::{Value, json};
use utoipa::openapi::path::ParameterStyle;
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type};

use super::answer::named;
use super::draft::Draft;
use super::parameter::{Declared, optional};
use super::{example, failure};
use crate::history::HistoryView;

pub(super) fn history_get() -> Draft {
    let days = LONGEST.as_hours() / 24;
    let description = format!(
        "What the device has measured since it is the caller's, by its own clock, in steps of equal length: of numbers \
         the mean, the least and the greatest value, of everything else the last one. At most {days} days, {MOST_POINTS} \
         steps and {MOST_FIELDS} fields. Telemetry is gathered before it is stored, so the last minutes are missing here: \
         `GET /live` has them. An answer takes seconds and may be five minutes old; a 503 means that it takes longer, \
         and the same request once more may find it ready. There is no such operation where telemetry is not deployed.",
    );
    Draft::of_device(
        "getTelemetry",
        "Read what a device has measured",
        &description,
    )
    .parameter(time(
        "from",
        "When it begins; a day before `to` where it is missing.",
        "2026-11-20T04:00:00Z",
    ))
    .parameter(time(
        "to",
        "When it ends; now where it is missing.",
        "2026-11-21T04:00:00Z",
    ))
    .parameter(fields())
    .parameter(resolution())
    .fails(failure::bad_time())
    .fails(failure::bad_fields())
    .fails(failure::bad_resolution())
    .fails(failure::too_much())
    .knows::<HistoryView>("History")
    .answers(
        "What was measured.",
        named("History"),
        [("hour", "steps of five minutes", example::history())],
    )
}

fn time(name: &str, description: &str, example: &str) -> Declared {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
    let parameter = optional(name, description, schema);
    Declared::alone(parameter.example(Some(json!(example))))
}

/// With commas, as ids of a list and not as a parameter for each.
fn fields() -> Declared {
    let schema = ArrayBuilder::new()
        .items(ObjectBuilder::new().schema_type(Type::String))
        .min_items(Some(1))
        .max_items(Some(MOST_FIELDS))
        .unique_items(true);
    let description = "Fields of the product's model, with commas between them; the first ten of it where it is missing.";
    let parameter = optional("fields", description, schema)
        .style(Some(ParameterStyle::Form))
        .explode(Some(false));
    Declared::alone(parameter.example(Some(json!(["actualTemperature", "powerStatus"]))))
}

fn resolution() -> Declared {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(86_400));
    let description =
        "Seconds of a step; chosen so that there are at most 300 steps where it is missing.";
    let parameter = optional("resolution", description, schema);
    Declared::alone(parameter.example(Some(Value::from(300))))
}
