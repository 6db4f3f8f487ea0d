//! JSON Schema of a command's value: draft 2020-12, nothing outside of it.
//!
//! Compiling a schema takes some microseconds, far less than the request that
//! asks for it; nothing is kept between two requests.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::{Value, json};

use crate::id::CommandName;
use crate::model::{InvalidModel, Refused, join, short};

/// Most bytes of a compiled regular expression; those of models take a few
/// hundred. Without it one line could ask for gigabytes.
const PATTERN_SIZE: usize = 256 * 1024;

/// Checks that `value` is what `schema` of the command `name` takes.
///
/// # Errors
///
/// - [`Refused::Value`] says what is wrong, and shows the schema.
/// - [`Refused::Model`] when the schema is none.
pub(super) fn accept(schema: &Value, name: &CommandName, value: &Value) -> Result<(), Refused> {
    let place = format!("commands.{name}.value");
    let Err(error) = compiled(schema, &place)?.validate(value) else {
        return Ok(());
    };
    let (path, what) = explained(&error);
    Err(Refused::Value(short(&format!(
        "`value{path}` of `{name}` is not what this product takes: {what}; the schema of `value` is {schema}"
    ))))
}

/// Checks that `schema` is one, at `place` of a model.
///
/// # Errors
///
/// [`InvalidModel`] names the place within the schema.
pub(super) fn check(schema: &Value, place: &str) -> Result<(), InvalidModel> {
    let rules = compiled(&strict(), place)?;
    // What is wrong within a part makes the whole wrong: the innermost says it
    // best.
    let innermost = rules
        .iter_errors(schema)
        .max_by_key(|it| it.instance_path().to_string().matches('/').count());
    if let Some(error) = innermost {
        return Err(invalid(place, &error));
    }
    compiled(schema, place).map(|_| ())
}

/// Formats of the draft that are checked; the others would be ignored.
pub(super) const FORMATS: [&str; 17] = [
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

/// The rules of a value's schema: those of draft 2020-12, no keyword that it
/// does not know, because that is a mistyped one, and no reference to elsewhere.
fn strict() -> Value {
    const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";
    json!({
        "$schema": DRAFT,
        "$id": "urn:smart-product:command-value",
        "$dynamicAnchor": "meta",
        "$ref": DRAFT,
        "unevaluatedProperties": false,
        "properties": {
            "$schema": { "const": DRAFT },
            "$id": false,
            "$ref": { "pattern": "^#" },
            "$dynamicRef": { "pattern": "^#" },
            "format": { "enum": FORMATS },
            // The draft keeps names of earlier ones.
            "$recursiveAnchor": false,
            "$recursiveRef": false,
            "definitions": false,
            "dependencies": false,
        },
    })
}

fn compiled(schema: &Value, place: &str) -> Result<Validator, InvalidModel> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .offline()
        // Linear in the length of the text, whatever the expression.
        .with_pattern_options(
            PatternOptions::regex()
                .size_limit(PATTERN_SIZE)
                .dfa_size_limit(PATTERN_SIZE),
        )
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .build(schema)
        .map_err(|error| invalid(place, &error))
}

fn invalid(place: &str, error: &ValidationError<'_>) -> InvalidModel {
    let (path, what) = explained(error);
    InvalidModel::new(
        format!("{place}{path}"),
        short(&format!("is not JSON Schema 2020-12: {what}")),
    )
}

/// Where an error is, such as `.start.hour`, and what it is, without the value.
fn explained(error: &ValidationError<'_>) -> (String, String) {
    let what = match error.kind() {
        ValidationErrorKind::FalseSchema => "nothing is allowed here".to_owned(),
        ValidationErrorKind::UnevaluatedProperties { unexpected }
        | ValidationErrorKind::AdditionalProperties { unexpected } => {
            let mut names = unexpected.iter().map(|it| format!("`{it}`")).collect();
            format!("it must not have {}", join(&mut names).unwrap_or_default())
        }
        ValidationErrorKind::Enum { options } => format!("it must be one of {options}"),
        // Of the rules of schemas, only those of `type` are alternatives.
        ValidationErrorKind::AnyOf { .. } if is_type_of_schema(error) => {
            "it must be one or a list of array, boolean, integer, null, number, object and string"
                .to_owned()
        }
        _ => error.masked_with("it").to_string(),
    };
    (error.instance_path().to_string().replace('/', "."), what)
}

fn is_type_of_schema(error: &ValidationError<'_>) -> bool {
    error.schema_path().as_str().ends_with("/type/anyOf")
}
