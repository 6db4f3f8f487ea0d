//! A device's answer to a command, parsed where it enters.

use serde_json::Value;

use super::{CommandId, Ending};
use crate::id::InvalidId;

/// Most bytes of an answer.
const LARGEST: usize = 8 * 1024;

/// Most characters of `reason` that are kept.
const LONGEST_REASON: usize = 1_024;

/// What a device said about one command.
///
/// Only these fields are read. Who said it is known from the topic, so a
/// `deviceId` in the payload is as unknown as any other field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Answer {
    /// `commandId`: which command.
    pub command: CommandId,
    /// `status` and `reason`. A longer reason is cut: to refuse the answer for
    /// it would turn what the device knows into a timeout.
    pub ending: Ending,
}

impl Answer {
    /// Parses a payload. A field that is `null` counts as absent.
    ///
    /// # Errors
    ///
    /// [`InvalidAnswer`] says which field is wrong and what would be right.
    pub fn parse(payload: &[u8]) -> Result<Self, InvalidAnswer> {
        if payload.len() > LARGEST {
            return Err(InvalidAnswer::TooLarge(payload.len()));
        }
        let mut fields = match serde_json::from_slice(payload)? {
            Value::Object(fields) => fields,
            _ => return Err(InvalidAnswer::NoObject),
        };
        let mut take = |name| fields.remove(name).filter(|it| !it.is_null());
        let command = match take("commandId") {
            Some(Value::String(text)) => CommandId::new(&text)?,
            _ => CommandId::new("")?,
        };
        let status = take("status");
        let reason = reason(take("reason"))?;
        let ending = match status.as_ref().and_then(Value::as_str) {
            Some("success") => Ending::Done { reason },
            Some("failed") => Ending::Refused { reason },
            _ => return Err(invalid("status", "`success` or `failed`")),
        };
        Ok(Self { command, ending })
    }
}

fn reason(field: Option<Value>) -> Result<Option<String>, InvalidAnswer> {
    match field {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.chars().take(LONGEST_REASON).collect())),
        Some(_) => Err(invalid("reason", "a text")),
    }
}

/// Why a payload is no answer: says what would be right.
#[derive(Debug, thiserror::Error)]
pub enum InvalidAnswer {
    /// More than [`LARGEST`].
    #[error("the answer has {0} bytes: at most {LARGEST} are accepted")]
    TooLarge(usize),
    /// Not JSON, or nested too deep to be read.
    #[error("the answer is not JSON: {0}")]
    NoJson(#[from] serde_json::Error),
    /// JSON, but no object.
    #[error("the answer must be a JSON object")]
    NoObject,
    /// A field that breaks its rule.
    #[error(transparent)]
    Field(#[from] InvalidId),
}

fn invalid(field: &'static str, rule: &'static str) -> InvalidAnswer {
    InvalidAnswer::Field(InvalidId { field, rule })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::memory::command;

    const DONE: Ending = Ending::Done { reason: None };

    fn parse(answer: &Value) -> Result<Ending, String> {
        let parsed = Answer::parse(answer.to_string().as_bytes());
        parsed.map(|it| it.ending).map_err(|err| err.to_string())
    }

    fn id() -> String {
        command("anna", "SN-1", 7).id.to_string()
    }

    #[test]
    fn an_answer_is_a_status_and_perhaps_a_reason() {
        let reason = |text: &str| Some(text.to_owned());
        let too_long = "ü".repeat(1_025);
        for (answer, expected) in [
            (json!({"status": "success"}), DONE),
            (json!({"status": "success", "reason": null}), DONE),
            (
                json!({"status": "success", "reason": "was on"}),
                Ending::Done {
                    reason: reason("was on"),
                },
            ),
            (
                json!({"status": "failed"}),
                Ending::Refused { reason: None },
            ),
            (
                json!({"status": "failed", "reason": "jammed"}),
                Ending::Refused {
                    reason: reason("jammed"),
                },
            ),
            (
                json!({"status": "failed", "reason": too_long}),
                Ending::Refused {
                    reason: Some("ü".repeat(1_024)),
                },
            ),
            (
                json!({"status": "success", "deviceId": "SN-2", "x": [1]}),
                DONE,
            ),
        ] {
            let mut answer = answer;
            answer["commandId"] = json!(id());
            assert_eq!(parse(&answer), Ok(expected), "{answer}");
            let parsed = Answer::parse(answer.to_string().as_bytes()).unwrap();
            assert_eq!(parsed.command.to_string(), id());
        }
    }

    #[test]
    fn what_is_wrong_with_an_answer_is_said() {
        let id = id();
        for (answer, expected) in [
            (json!([]), "the answer must be a JSON object"),
            (json!({}), "`commandId` must be a UUID"),
            (
                json!({"commandId": 7, "status": "success"}),
                "`commandId` must be a UUID",
            ),
            (
                json!({"commandId": "7", "status": "success"}),
                "`commandId` must be a UUID",
            ),
            (
                json!({"commandId": id}),
                "`status` must be `success` or `failed`",
            ),
            (
                json!({"commandId": id, "status": "pending"}),
                "`status` must be `success` or `failed`",
            ),
            (
                json!({"commandId": id, "status": "failed", "reason": {"why": 1}}),
                "`reason` must be a text",
            ),
            (
                json!({"commandId": id, "status": "failed", "reason": "x".repeat(9_000)}),
                "at most 8192 are accepted",
            ),
        ] {
            let error = parse(&answer).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        let error = Answer::parse(b"ok").unwrap_err().to_string();
        assert!(error.starts_with("the answer is not JSON: "), "{error}");
    }

    proptest! {
        #[test]
        fn no_payload_is_a_panic(payload in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Answer::parse(&payload);
        }
    }
}
