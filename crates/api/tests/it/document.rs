//! The document as a whole.

use std::collections::BTreeSet;
use std::fs;

use contract::route;
use serde_json::Value;

use crate::{assert_valid, document, validator};

#[test]
fn the_committed_description_is_fresh() {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let committed = fs::read_to_string(committed).unwrap_or_default();
    let fresh = serde_json::to_string_pretty(&api::openapi::document()).unwrap();
    assert!(
        committed.trim_end() == fresh,
        "docs/openapi.json is stale: cargo run -p api --bin openapi > docs/openapi.json"
    );
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let document = document();
    let described: BTreeSet<String> = operations(&document)
        .map(|(method, path, _)| format!("{} {path}", method.to_uppercase()))
        .collect();
    let routes: BTreeSet<String> = route::ALL.iter().map(|it| it.key.to_owned()).collect();
    assert_eq!(described, routes);
}

#[test]
fn every_operation_is_described_in_full() {
    let document = document();
    let tags: BTreeSet<&str> = list(&document["tags"])
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let place = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].as_str()), "{place}");
        for field in ["operationId", "summary", "description"] {
            assert!(
                operation[field].as_str().unwrap().len() > 5,
                "{place} {field}"
            );
        }
        assert!(
            tags.contains(operation["tags"][0].as_str().unwrap()),
            "{place}"
        );

        let in_path: BTreeSet<&str> = list(&operation["parameters"])
            .iter()
            .filter(|it| it["in"] == "path")
            .map(|it| it["name"].as_str().unwrap())
            .collect();
        let wanted: BTreeSet<&str> = path
            .split('/')
            .filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        assert_eq!(in_path, wanted, "{place}");
        for parameter in list(&operation["parameters"]) {
            assert!(
                !parameter["description"].as_str().unwrap().is_empty(),
                "{place}"
            );
        }

        let statuses: BTreeSet<&str> = operation["responses"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut expected = BTreeSet::from(["200", "400", "401", "429", "500", "503"]);
        if !wanted.is_empty() {
            expected.insert("404");
        }
        if method == "post" {
            expected.insert("409");
        }
        assert_eq!(statuses, expected, "{place}");
        assert_eq!(
            operation["requestBody"].is_object(),
            ["post", "put"].contains(&method),
            "{place}"
        );
    }
}

#[test]
fn every_example_keeps_to_its_schema() {
    let document = document();
    let mut checked = 0;
    for (method, path, operation) in operations(&document) {
        for parameter in list(&operation["parameters"]) {
            if let Some(example) = parameter.get("example") {
                assert_valid(&validator(&document, &parameter["schema"]), example);
            }
        }
        let responses = operation["responses"].as_object().unwrap().values();
        for body in responses.chain(operation.get("requestBody")) {
            let body = match body.get("$ref") {
                Some(reference) => {
                    let pointer = reference.as_str().unwrap().trim_start_matches('#');
                    document.pointer(pointer).unwrap()
                }
                None => body,
            };
            let content = &body["content"]["application/json"];
            let validator = validator(&document, &content["schema"]);
            let examples = content["examples"].as_object().unwrap();
            assert!(!examples.is_empty(), "{method} {path}");
            for example in examples.values() {
                assert_valid(&validator, &example["value"]);
                checked += 1;
            }
        }
    }
    assert!(checked > 100, "{checked}");
    for header in document["components"]["headers"]
        .as_object()
        .unwrap()
        .values()
    {
        assert_valid(&validator(&document, &header["schema"]), &header["example"]);
    }
}

#[test]
fn objects_have_no_other_fields() {
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        if schema.get("properties").is_some() {
            assert_eq!(schema["additionalProperties"], false, "{name}");
        }
        assert!(schema["description"].is_string(), "{name}");
    }
}

#[test]
fn no_machine_is_named() {
    let text = document().to_string();
    for word in ["http://", "https://", "localhost", "127.0.0.1", "amazonaws"] {
        assert!(!text.contains(word), "{word}");
    }
}

/// Each operation: its method, its path and what is said of it.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap();
        methods
            .iter()
            .map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
