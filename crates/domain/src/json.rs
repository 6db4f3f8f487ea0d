//! Limits of JSON that clients and devices choose.

use serde_json::{Map, Value};

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
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
