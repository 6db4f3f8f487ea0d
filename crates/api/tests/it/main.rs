//! The API's description says what is so.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

mod bodies;
mod document;
mod patterns;
mod views;

use jsonschema::Validator;
use serde_json::{Value, json};

/// The description as JSON.
fn document() -> Value {
    serde_json::to_value(api::openapi::document()).unwrap()
}

/// Checks by a schema of the description, which may refer to others.
fn validator(document: &Value, schema: &Value) -> Validator {
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

/// Checks by the schema `name`.
fn schema(name: &str) -> Validator {
    let reference = json!({"$ref": format!("#/components/schemas/{name}")});
    validator(&document(), &reference)
}

/// Panics unless `value` is what `validator` wants.
fn assert_valid(validator: &Validator, value: &Value) {
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|it| format!("{}: {it}", it.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
}
