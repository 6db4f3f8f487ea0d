//! The text of `cdk-manifest.json`: single values are set, and every other byte
//! stays as its authors have written it.

use std::ops::Range;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Deserializer, Value};

/// Sets the value at `path` in `text`, a JSON document whose objects on the way
/// exist, except the last one. `None` if they do not.
pub(crate) fn set(text: &str, path: &[&str], value: &Value) -> Option<String> {
    let (&key, rest) = path.split_first()?;
    set_in(text, skip(text, 0), key, rest, value)
}

fn set_in(text: &str, object: usize, key: &str, rest: &[&str], value: &Value) -> Option<String> {
    if !text[object..].starts_with('{') {
        return None;
    }
    let place = member(text, object, key);
    match (place, rest.split_first()) {
        (Some(place), None) => Some(replaced(text, place, &value.to_string())),
        (Some(place), Some((&next, rest))) => set_in(text, place.start, next, rest, value),
        (None, _) => {
            let value = rest.iter().rev().fold(value.to_string(), |inner, key| {
                format!("{{ {}: {inner} }}", Value::from(*key))
            });
            let start = object + 1;
            let comma = if text[skip(text, start)..].starts_with('}') {
                " "
            } else {
                ","
            };
            let added = format!(" {}: {value}{comma}", Value::from(key));
            Some(replaced(text, start..start, &added))
        }
    }
}

fn replaced(text: &str, place: Range<usize>, by: &str) -> String {
    format!("{}{by}{}", &text[..place.start], &text[place.end..])
}

/// Where the value of `key` is in the object that begins at `object`.
fn member(text: &str, object: usize, key: &str) -> Option<Range<usize>> {
    let mut at = skip(text, object + 1);
    loop {
        let (name, end) = read::<String>(text, at)?;
        let start = skip(text, end);
        let (IgnoredAny, end) = read(text, start)?;
        if name == key {
            return Some(start..end);
        }
        at = skip(text, end);
    }
}

/// The value that begins at `at`, and where it ends; none at the end of an object.
fn read<T: DeserializeOwned>(text: &str, at: usize) -> Option<(T, usize)> {
    let mut values = Deserializer::from_str(text.get(at..)?).into_iter();
    let value = values.next()?.ok()?;
    Some((value, at + values.byte_offset()))
}

/// The next place that is neither white space nor between two members.
fn skip(text: &str, at: usize) -> usize {
    let between = |c: char| c.is_ascii_whitespace() || c == ',' || c == ':';
    let rest = text[at..].trim_start_matches(between);
    text.len() - rest.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = r#"{
  "$schema": "./x.json",
  "default": {
    "version": "v0.0.1",
    "a{\"": { "deploy": true, "env": { "deploy": [1, {"deploy": 2}] } },
    "empty": {},
    "other": 1.50
  }
}
"#;

    #[test]
    fn a_value_is_set_and_nothing_else_changes() {
        for (path, value, before, after) in [
            (
                &["default", "version"][..],
                json!("v1.2.3"),
                "v0.0.1",
                "v1.2.3",
            ),
            (
                &["default", "a{\"", "deploy"],
                json!(false),
                "\"deploy\": true",
                "\"deploy\": false",
            ),
            (
                &["default", "empty", "deploy"],
                json!(false),
                "\"empty\": {}",
                "\"empty\": { \"deploy\": false }",
            ),
            (
                &["default", "new", "deploy"],
                json!(true),
                "\"default\": {\n",
                "\"default\": { \"new\": { \"deploy\": true },\n",
            ),
            (&["default", "other"], json!(2), "1.50", "2"),
        ] {
            let found = set(TEXT, path, &value).unwrap();
            assert_eq!(found, TEXT.replacen(before, after, 1), "{path:?}");
            let pointer = format!("/{}", path.join("/"));
            let parsed: Value = serde_json::from_str(&found).unwrap();
            assert_eq!(parsed.pointer(&pointer), Some(&value));
        }
    }

    #[test]
    fn what_is_no_object_cannot_get_a_value() {
        for text in [
            "[]",
            "1",
            "",
            "{\"default\": 1}",
            "{\"default\": {\"api\": null}}",
        ] {
            let found = set(text, &["default", "api", "deploy"], &json!(true));
            assert_eq!(found, None, "{text}");
        }
    }
}
