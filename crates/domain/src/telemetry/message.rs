//! A device's message, parsed where it enters.

use serde_json::{Map, Value};

/// Most bytes of a message: a row of it fits into the answer beside many others.
pub const LARGEST: usize = 32 * 1024;

/// Parses a payload to the fields of its object.
///
/// # Errors
///
/// [`InvalidMessage`] says what would be right.
pub fn parse(payload: &[u8]) -> Result<Map<String, Value>, InvalidMessage> {
    if payload.len() > LARGEST {
        return Err(InvalidMessage::TooLarge(payload.len()));
    }
    match serde_json::from_slice(payload)? {
        Value::Object(fields) => Ok(fields),
        _ => Err(InvalidMessage::NoObject),
    }
}

/// Why a payload is no telemetry.
#[derive(Debug, thiserror::Error)]
pub enum InvalidMessage {
    /// More than [`LARGEST`].
    #[error("the message has {0} bytes: at most {LARGEST} are accepted")]
    TooLarge(usize),
    /// Not JSON, or nested too deep to be read.
    #[error("the message is not JSON: {0}")]
    NoJson(#[from] serde_json::Error),
    /// JSON, but no object.
    #[error("the message must be a JSON object of measurements")]
    NoObject,
    /// The time is none.
    #[error("`timestamp` must be a whole number of epoch milliseconds")]
    Timestamp,
    /// Nothing in it can be stored.
    #[error("the message has no measurement{}", because(.0))]
    Nothing(Option<String>),
}

fn because(problems: &Option<String>) -> String {
    problems
        .as_ref()
        .map_or_else(String::new, |it| format!(" that can be stored: {it}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_object_is_refused() {
        for (payload, expected) in [
            (
                &b""[..],
                "the message is not JSON: EOF while parsing a value at line 1 column 0",
            ),
            (
                b"{\"a\":1",
                "the message is not JSON: EOF while parsing an object at line 1 column 6",
            ),
            (b"[1]", "the message must be a JSON object of measurements"),
            (b"7", "the message must be a JSON object of measurements"),
        ] {
            assert_eq!(parse(payload).unwrap_err().to_string(), expected);
        }
        let large = vec![b' '; LARGEST + 1];
        assert!(matches!(
            parse(&large),
            Err(InvalidMessage::TooLarge(32_769))
        ));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(payload: Vec<u8>) {
            let _ = parse(&payload);
        }
    }
}
