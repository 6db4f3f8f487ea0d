//! The check against `cdk-manifest.schema.json`, the schema that editors use.
//!
//! What is allowed is said in the words of the schema's `description`.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::quote;

const SCHEMA: &str = include_str!("../../../cdk-manifest.schema.json");

/// All places where the document is not as the schema wants it.
pub(super) fn check(document: &Value) -> Vec<String> {
    let schema: Value = match serde_json::from_str(SCHEMA) {
        Ok(schema) => schema,
        Err(error) => unreachable!("cdk-manifest.schema.json is not JSON: {error}"),
    };
    let validator = match jsonschema::validator_for(&schema) {
        Ok(validator) => validator,
        Err(error) => unreachable!("cdk-manifest.schema.json is not a schema: {error}"),
    };
    let mut problems: Vec<String> = Vec::new();
    for problem in validator
        .iter_errors(document)
        .flat_map(|error| describe(&schema, &error))
    {
        // A text can break more than one limit of its kind.
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    problems
}

fn describe(schema: &Value, error: &ValidationError<'_>) -> Vec<String> {
    let path = dotted(error.instance_path().as_str());
    let keyword = error.schema_path().as_str();
    let parent = keyword.rsplit_once('/').map_or("", |(parent, _)| parent);
    let rule = schema.pointer(parent).unwrap_or(schema);
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|key| {
                format!(
                    "{}: unknown key; allowed are {}",
                    join(&path, key),
                    keys(rule)
                )
            })
            .collect(),
        ValidationErrorKind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            let allowed = description(&rule["properties"][key]);
            vec![format!(
                "{}: missing; it has to be {allowed}",
                join(&path, key)
            )]
        }
        _ => {
            let found = quote(error.instance());
            let place = if path.is_empty() {
                "the manifest"
            } else {
                &path
            };
            vec![format!(
                "{place}: found {found}; it has to be {}",
                description(rule)
            )]
        }
    }
}

/// `/default/jitr/caCertificateIds/0` as `default.jitr.caCertificateIds[0]`.
fn dotted(pointer: &str) -> String {
    pointer
        .split('/')
        .skip(1)
        .fold(String::new(), |path, step| {
            if step.bytes().all(|byte| byte.is_ascii_digit()) {
                format!("{path}[{step}]")
            } else {
                join(&path, step)
            }
        })
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

fn description(rule: &Value) -> &str {
    rule["description"].as_str().unwrap_or("as the schema says")
}

fn keys(rule: &Value) -> String {
    let names = rule["properties"]
        .as_object()
        .into_iter()
        .flat_map(serde_json::Map::keys);
    names
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
