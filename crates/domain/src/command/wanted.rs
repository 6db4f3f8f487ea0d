//! What a caller wants a device to do, parsed where it enters.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Command;
use crate::id::{CommandName, InvalidId};
use crate::json::{is_flat, is_flat_object, same, same_object};

/// Most bytes of `value` and `details` as JSON, together. A page of 100 such
/// commands fits into the 6 MB that a function may answer, and is read in the
/// steps that a request has; IoT Core would publish four times as much.
pub const LARGEST: usize = 32 * 1024;

/// A command that may be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    pub(super) name: CommandName,
    pub(super) value: Value,
    pub(super) details: Option<Map<String, Value>>,
}

impl Wanted {
    /// Checks what a caller said.
    ///
    /// # Errors
    ///
    /// [`InvalidId`] names the field that is nested too deep or too large.
    pub fn new(
        name: CommandName,
        value: Value,
        details: Option<Map<String, Value>>,
    ) -> Result<Self, InvalidId> {
        let invalid = |field, rule| Err(InvalidId { field, rule });
        if !is_flat(&value) {
            return invalid("value", "JSON of at most 32 levels");
        }
        if !details.as_ref().is_none_or(is_flat_object) {
            return invalid("details", "a JSON object of at most 32 levels");
        }
        let (of_value, of_details) = (bytes(&value), details.as_ref().map_or(0, bytes));
        if of_value > LARGEST {
            return invalid("value", "JSON of at most 32768 bytes");
        }
        if of_value.saturating_add(of_details) > LARGEST {
            return invalid(
                "details",
                "a JSON object of at most 32768 bytes together with `value`",
            );
        }
        Ok(Self {
            name,
            value,
            details,
        })
    }

    /// Whether `command` is what is wanted here.
    pub(super) fn is(&self, command: &Command) -> bool {
        let same_details = match (&self.details, &command.details) {
            (Some(one), Some(other)) => same_object(one, other),
            (one, other) => one.is_none() && other.is_none(),
        };
        self.name == command.name && same(&self.value, &command.value) && same_details
    }
}

fn bytes(json: &impl Serialize) -> usize {
    serde_json::to_vec(json).map_or(usize::MAX, |it| it.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: Value, details: Value) -> Result<Wanted, String> {
        let name = CommandName::new("set-temp").unwrap();
        let details = match details {
            Value::Object(fields) => Some(fields),
            _ => None,
        };
        Wanted::new(name, value, details).map_err(|err| err.to_string())
    }

    #[test]
    fn depth_and_size_have_a_limit() {
        let nested = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert!(check(nested(32), json!(null)).is_ok());
        assert!(check(json!(null), json!({"a": nested(31)})).is_ok());
        let of_size = |bytes: usize| json!("x".repeat(bytes - 2));
        assert!(check(of_size(LARGEST), json!(null)).is_ok());
        assert!(check(of_size(LARGEST - 2), json!({})).is_ok());
        for (value, details, expected) in [
            (
                nested(33),
                json!(null),
                "`value` must be JSON of at most 32 levels",
            ),
            (
                json!(1),
                json!({"a": nested(32)}),
                "`details` must be a JSON object of at most 32 levels",
            ),
            (
                of_size(LARGEST + 1),
                json!(null),
                "`value` must be JSON of at most 32768 bytes",
            ),
            (
                json!("é".repeat(LARGEST / 2)),
                json!(null),
                "`value` must be JSON of at most 32768 bytes",
            ),
            (
                of_size(LARGEST - 1),
                json!({}),
                "`details` must be a JSON object of at most 32768 bytes together with `value`",
            ),
        ] {
            assert_eq!(check(value, details), Err(expected.to_owned()));
        }
    }
}
