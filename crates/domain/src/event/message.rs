//! A device's message, parsed where it enters.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::id::{InvalidId, MessageId};
use crate::json::{is_flat, is_flat_object};
use crate::settings::EventType;

/// Most bytes of a message. A page of 100 events of this size fits into the
/// 6 MB that a function may answer.
pub const LARGEST: usize = 32 * 1024;

/// Most characters of `message`.
const LONGEST_TEXT: usize = 1_024;

/// The years 2000 to 2100: a clock outside was never set.
const SANE: std::ops::Range<i64> = 946_684_800_000..4_102_444_800_000;

/// What a device said about one event.
///
/// Only these fields are read. Who said it is known from the topic, so a
/// `deviceId` in the payload is as unknown as any other field.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// `messageId`: the same twice is the same message.
    pub id: MessageId,
    /// `type`.
    pub event_type: EventType,
    /// `message`: text for people, empty where there is none.
    pub text: String,
    /// `value`: any JSON but `null`.
    pub value: Option<Value>,
    /// `details`.
    pub details: Option<Map<String, Value>>,
    /// `timestamp`: the device's clock in epoch milliseconds.
    pub timestamp: Option<i64>,
    /// `sentAt`.
    pub sent_at: Option<Timestamp>,
}

impl Message {
    /// Parses a payload. A field that is `null` counts as absent.
    ///
    /// # Errors
    ///
    /// [`InvalidMessage`] says which field is wrong and what would be right.
    pub fn parse(payload: &[u8]) -> Result<Self, InvalidMessage> {
        if payload.len() > LARGEST {
            return Err(InvalidMessage::TooLarge(payload.len()));
        }
        let mut fields = match serde_json::from_slice(payload)? {
            Value::Object(fields) => fields,
            _ => return Err(InvalidMessage::NoObject),
        };
        let mut take = |name| fields.remove(name).filter(|it| !it.is_null());
        Ok(Self {
            event_type: event_type(take("type"))?,
            id: message_id(take("messageId"))?,
            text: text(take("message"))?,
            value: value(take("value"))?,
            details: details(take("details"))?,
            timestamp: timestamp(take("timestamp"))?,
            sent_at: sent_at(take("sentAt"))?,
        })
    }
}

fn event_type(field: Option<Value>) -> Result<EventType, InvalidMessage> {
    let known = match field {
        Some(Value::String(word)) => EventType::parse(&word),
        _ => None,
    };
    known.ok_or(invalid("type", "one of error, warning, info, diagnostic"))
}

fn message_id(field: Option<Value>) -> Result<MessageId, InvalidMessage> {
    match field {
        Some(Value::String(text)) => Ok(MessageId::new(text)?),
        _ => Err(invalid("messageId", "a text of 1 to 128 characters")),
    }
}

fn text(field: Option<Value>) -> Result<String, InvalidMessage> {
    match field {
        None => Ok(String::new()),
        Some(Value::String(text)) if text.chars().count() <= LONGEST_TEXT => Ok(text),
        Some(_) => Err(invalid("message", "a text of at most 1024 characters")),
    }
}

fn value(field: Option<Value>) -> Result<Option<Value>, InvalidMessage> {
    match field {
        Some(value) if !is_flat(&value) => Err(invalid("value", "JSON of at most 32 levels")),
        field => Ok(field),
    }
}

fn details(field: Option<Value>) -> Result<Option<Map<String, Value>>, InvalidMessage> {
    match field {
        None => Ok(None),
        Some(Value::Object(fields)) if is_flat_object(&fields) => Ok(Some(fields)),
        Some(_) => Err(invalid("details", "a JSON object of at most 32 levels")),
    }
}

fn timestamp(field: Option<Value>) -> Result<Option<i64>, InvalidMessage> {
    let Some(value) = field else { return Ok(None) };
    match value.as_i64() {
        Some(time) if SANE.contains(&time) => Ok(Some(time)),
        _ => Err(invalid(
            "timestamp",
            "a whole number of epoch milliseconds between the years 2000 and 2100",
        )),
    }
}

fn sent_at(field: Option<Value>) -> Result<Option<Timestamp>, InvalidMessage> {
    let Some(value) = field else { return Ok(None) };
    match value.as_str().and_then(|it| it.parse::<Timestamp>().ok()) {
        Some(time) if SANE.contains(&time.as_millisecond()) => Ok(Some(time)),
        _ => Err(invalid(
            "sentAt",
            "an RFC 3339 time between the years 2000 and 2100",
        )),
    }
}

/// Why a payload is no event: says what would be right.
#[derive(Debug, thiserror::Error)]
pub enum InvalidMessage {
    /// More than [`LARGEST`].
    #[error("the message has {0} bytes: at most {LARGEST} are accepted")]
    TooLarge(usize),
    /// Not JSON, or nested too deep to be read.
    #[error("the message is not JSON: {0}")]
    NoJson(#[from] serde_json::Error),
    /// JSON, but no object.
    #[error("the message must be a JSON object")]
    NoObject,
    /// A field that breaks its rule.
    #[error(transparent)]
    Field(#[from] InvalidId),
}

fn invalid(field: &'static str, rule: &'static str) -> InvalidMessage {
    InvalidMessage::Field(InvalidId { field, rule })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn reason(payload: impl AsRef<[u8]>) -> String {
        Message::parse(payload.as_ref()).unwrap_err().to_string()
    }

    #[test]
    fn the_shortest_message_has_a_type_and_an_id() {
        let message = Message::parse(br#"{"type":"info","messageId":"1"}"#).unwrap();
        assert_eq!(
            message,
            Message {
                id: MessageId::new("1").unwrap(),
                event_type: EventType::Info,
                text: String::new(),
                value: None,
                details: None,
                timestamp: None,
                sent_at: None,
            }
        );
    }

    #[test]
    fn every_field_is_read() {
        let payload = json!({
            "type": "error", "messageId": "m-1", "message": "Zu heiß", "value": [1, 1e300],
            "details": {"sensor": {"id": 7}}, "timestamp": 1_790_000_000_007_i64,
            "sentAt": "2026-09-21T16:13:20+02:00",
        });
        let message = Message::parse(payload.to_string().as_bytes()).unwrap();
        assert_eq!(message.event_type, EventType::Error);
        assert_eq!(message.text, "Zu heiß");
        assert_eq!(message.value, Some(json!([1, 1e300])));
        assert_eq!(
            message.details,
            json!({"sensor": {"id": 7}}).as_object().cloned()
        );
        assert_eq!(message.timestamp, Some(1_790_000_000_007));
        assert_eq!(message.sent_at, Timestamp::from_second(1_790_000_000).ok());
    }

    #[test]
    fn lesson_3_a_device_id_in_the_payload_is_as_unknown_as_any_field() {
        let plain = Message::parse(br#"{"type":"info","messageId":"1"}"#).unwrap();
        let posing =
            br#"{"type":"info","messageId":"1","deviceId":"SN-2","userId":"eve","ack":true}"#;
        assert_eq!(Message::parse(posing).unwrap(), plain);
    }

    #[test]
    fn null_counts_as_absent() {
        let nulls = br#"{"type":"info","messageId":"1","message":null,"value":null,
            "details":null,"timestamp":null,"sentAt":null}"#;
        let plain = br#"{"type":"info","messageId":"1"}"#;
        assert_eq!(
            Message::parse(nulls).unwrap(),
            Message::parse(plain).unwrap()
        );
    }

    #[test]
    fn a_payload_that_is_no_object_is_refused() {
        for (payload, expected) in [
            (
                &b""[..],
                "the message is not JSON: EOF while parsing a value at line 1 column 0",
            ),
            (
                b"hello",
                "the message is not JSON: expected value at line 1 column 1",
            ),
            (
                b"{\"type\":\"info\"",
                "the message is not JSON: EOF while parsing an object at line 1 column 14",
            ),
            (
                b"{} {}",
                "the message is not JSON: trailing characters at line 1 column 4",
            ),
            (
                b"\"\xff\"",
                "the message is not JSON: invalid unicode code point at line 1 column 2",
            ),
            (b"[]", "the message must be a JSON object"),
            (b"null", "the message must be a JSON object"),
            (b"7", "the message must be a JSON object"),
        ] {
            assert_eq!(reason(payload), expected);
        }
    }

    #[test]
    fn size_and_depth_have_a_limit() {
        let of_size = |bytes: usize| {
            let start = r#"{"type":"info","messageId":"1","value":""#;
            format!("{start}{}\"}}", "x".repeat(bytes - start.len() - 2))
        };
        assert!(Message::parse(of_size(LARGEST).as_bytes()).is_ok());
        assert_eq!(
            reason(of_size(LARGEST + 1)),
            "the message has 32769 bytes: at most 32768 are accepted"
        );

        let nested = |levels: usize| {
            let (open, close) = ("[".repeat(levels), "]".repeat(levels));
            format!(r#"{{"type":"info","messageId":"1","value":{open}{close}}}"#)
        };
        assert!(Message::parse(nested(32).as_bytes()).is_ok());
        assert_eq!(
            reason(nested(33)),
            "`value` must be JSON of at most 32 levels"
        );
        assert!(reason(nested(10_000)).contains("recursion limit exceeded"));
    }

    #[test]
    fn a_wrong_field_is_named_with_what_would_be_right() {
        let long = |length| json!("é".repeat(length));
        for (field, wrong, rule) in [
            (
                "type",
                json!(null),
                "one of error, warning, info, diagnostic",
            ),
            (
                "type",
                json!("fatal"),
                "one of error, warning, info, diagnostic",
            ),
            (
                "type",
                json!("ERROR"),
                "one of error, warning, info, diagnostic",
            ),
            ("type", json!(1), "one of error, warning, info, diagnostic"),
            ("messageId", json!(null), "a text of 1 to 128 characters"),
            ("messageId", json!(1), "a text of 1 to 128 characters"),
            (
                "messageId",
                json!(""),
                "1 to 128 characters, not only spaces, no control characters",
            ),
            (
                "messageId",
                long(129),
                "1 to 128 characters, not only spaces, no control characters",
            ),
            (
                "messageId",
                json!("a\0"),
                "1 to 128 characters, not only spaces, no control characters",
            ),
            (
                "message",
                json!(["text"]),
                "a text of at most 1024 characters",
            ),
            ("message", long(1_025), "a text of at most 1024 characters"),
            (
                "details",
                json!("text"),
                "a JSON object of at most 32 levels",
            ),
            ("details", json!([]), "a JSON object of at most 32 levels"),
            (
                "timestamp",
                json!("1790000000000"),
                "a whole number of epoch milliseconds between the years 2000 and 2100",
            ),
            (
                "timestamp",
                json!(1.5),
                "a whole number of epoch milliseconds between the years 2000 and 2100",
            ),
            (
                "timestamp",
                json!(946_684_799_999_i64),
                "a whole number of epoch milliseconds between the years 2000 and 2100",
            ),
            (
                "timestamp",
                json!(4_102_444_800_000_i64),
                "a whole number of epoch milliseconds between the years 2000 and 2100",
            ),
            (
                "timestamp",
                json!(1_790_000_000),
                "a whole number of epoch milliseconds between the years 2000 and 2100",
            ),
            (
                "sentAt",
                json!("yesterday"),
                "an RFC 3339 time between the years 2000 and 2100",
            ),
            (
                "sentAt",
                json!("2026-09-21"),
                "an RFC 3339 time between the years 2000 and 2100",
            ),
            (
                "sentAt",
                json!("1999-12-31T23:59:59Z"),
                "an RFC 3339 time between the years 2000 and 2100",
            ),
            (
                "sentAt",
                json!(1_790_000_000),
                "an RFC 3339 time between the years 2000 and 2100",
            ),
        ] {
            let mut message = json!({"type": "info", "messageId": "1"});
            message[field] = wrong;
            assert_eq!(
                reason(message.to_string()),
                format!("`{field}` must be {rule}"),
                "{message}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_with_a_reason(payload: Vec<u8>) {
            prop_assert!(!reason(payload).is_empty());
        }

        #[test]
        fn what_is_within_the_limits_is_read_as_sent(
            kind in 0usize..4,
            id in "[ -~]{0,8}[!-~][ -~]{0,119}",
            text in "\\PC{0,1024}",
            value in "\\PC{0,64}",
            timestamp in SANE,
        ) {
            let event_type = EventType::ALL[kind];
            let sent = json!({
                "type": event_type, "messageId": id, "message": text, "value": {"a": value},
                "timestamp": timestamp, "other": value,
            });
            let message = Message::parse(sent.to_string().as_bytes()).unwrap();
            prop_assert_eq!(message.event_type, event_type);
            prop_assert_eq!(message.id.as_str(), id);
            prop_assert_eq!(message.text, text);
            prop_assert_eq!(message.value, Some(json!({"a": value})));
            prop_assert_eq!(message.timestamp, Some(timestamp));
        }
    }
}
