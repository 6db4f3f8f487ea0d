//! JSON that clients and devices choose: its limits, and when it is the same.

use serde_json::{Map, Number, Value};

/// Deepest nesting: what others read and store must not be a burden to them.
pub(crate) const DEEPEST: usize = 32;

/// Whether `value` has at most [`DEEPEST`] levels of arrays and objects.
pub(crate) fn is_flat(value: &Value) -> bool {
    depth(value) <= DEEPEST
}

/// The same for an object, which is a level itself.
pub(crate) fn is_flat_object(fields: &Map<String, Value>) -> bool {
    fields.values().all(|it| depth(it) < DEEPEST)
}

/// Levels of arrays and objects, 0 for a plain value. The parser lets no more
/// than 128 through, so this cannot run out of stack.
pub(crate) fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Whether both are the same JSON, numbers compared as numbers: who writes 72
/// may read 72.0.
pub(crate) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => same_number(one, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => same_object(one, other),
        (one, other) => one == other,
    }
}

/// The same for objects; the order of fields says nothing.
pub(crate) fn same_object(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .all(|(name, value)| other.get(name).is_some_and(|it| same(value, it)))
}

fn same_number(one: &Number, other: &Number) -> bool {
    one == other || (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers() {
        for (one, other, expected) in [
            (json!(72), json!(72.0), true),
            (json!(-0.0), json!(0), true),
            (json!(72), json!(72.5), false),
            (json!(u64::MAX), json!(u64::MAX - 1), false),
            (
                json!([1, {"a": 2, "b": null}]),
                json!([1.0, {"b": null, "a": 2.0}]),
                true,
            ),
            (json!([1, 2]), json!([1]), false),
            (json!({"a": 1}), json!({"a": 1, "b": null}), false),
            (json!({"a": 1}), json!({"b": 1}), false),
            (json!("1"), json!(1), false),
            (json!(null), json!(false), false),
        ] {
            assert_eq!(same(&one, &other), expected, "{one} {other}");
            assert_eq!(same(&other, &one), expected, "{other} {one}");
        }
    }
}
