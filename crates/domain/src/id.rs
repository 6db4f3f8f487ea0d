//! Typed identifiers, parsed where they enter.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

/// Why a text is no identifier: names the field and what it may hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{field}` must be {rule}")]
pub struct InvalidId {
    /// The field as the API and the device contract call it.
    pub field: &'static str,
    /// What would be right.
    pub rule: &'static str,
}

/// A text identifier: its field, its rule, what checks it, and the same as a
/// regular expression of JSON Schema with the most characters.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $field:literal, $rule:literal, $valid:expr, $most:literal, $pattern:expr $(, not $words:expr)?) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses `text`.
            ///
            /// # Errors
            ///
            /// [`InvalidId`] when `text` breaks the rule in this type's description.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                let valid: fn(&str) -> bool = $valid;
                match valid(&text) {
                    true => Ok(Self(text)),
                    false => Err(InvalidId { field: $field, rule: $rule }),
                }
            }

            /// The text as it came.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .min_length(Some(1))
                    .max_length(Some($most))
                    .pattern(Some($pattern))
                    $(.extensions(Some(except($words))))?
                    .description(Some(concat!("Must be ", $rule, ".")))
                    .into()
            }
        }

        impl ToSchema for $name {}

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

text_id!(
    /// A device's serial number, which is its thing name, MQTT client id and
    /// certificate's common name: 1 to 128 of `A-Z a-z 0-9 : _ -`, IoT Core's
    /// rule for thing names. `events` and `alerts` are paths of the API.
    DeviceId,
    "deviceId",
    "1 to 128 of A-Z a-z 0-9 : _ - and none of the words `events` and `alerts`",
    |text| {
        all(text, 128, |c| c.is_ascii_alphanumeric() || ":_-".contains(c))
            && !PATHS.contains(&text)
    },
    128,
    "^[A-Za-z0-9:_-]{1,128}$",
    not PATHS
);

/// What stands in the place of a device's id in paths of the API.
const PATHS: [&str; 2] = ["events", "alerts"];

text_id!(
    /// A user of the user pool: the `sub` of the token that the gateway checked.
    UserId,
    "userId",
    "1 to 64 of A-Z a-z 0-9 -",
    |text| all(text, 64, |c| c.is_ascii_alphanumeric() || c == '-'),
    64,
    "^[A-Za-z0-9-]{1,64}$"
);

text_id!(
    /// A product's model number, also an attribute of its thing: 1 to 128 of
    /// what IoT Core takes in a thing's attribute.
    ModelNumber,
    "modelNumber",
    "1 to 128 of A-Z a-z 0-9 _ . , @ / : # -",
    |text| all(text, 128, |c| c.is_ascii_alphanumeric() || "_.,@/:#-".contains(c)),
    128,
    "^[A-Za-z0-9_.,@/:#-]{1,128}$"
);

text_id!(
    /// What the owner calls the device.
    DeviceName,
    "deviceName",
    "1 to 128 characters, not only spaces, no control characters",
    |text| is_label(text, 128),
    128,
    LABEL
);

text_id!(
    /// The device's own id of a message; the same id twice is the same message.
    MessageId,
    "messageId",
    "1 to 128 characters, not only spaces, no control characters",
    |text| is_label(text, 128),
    128,
    LABEL
);

text_id!(
    /// What a command is called: a word of the product, such as `set-temp`.
    CommandName,
    "command",
    "1 to 128 of A-Z a-z 0-9 _ . : -",
    |text| all(text, 128, |c| c.is_ascii_alphanumeric() || "_.:-".contains(c)),
    128,
    "^[A-Za-z0-9_.:-]{1,128}$"
);

text_id!(
    /// What a model calls something that is measured, such as `lux`.
    FieldName,
    "field",
    "1 to 128 of A-Z a-z 0-9 _ . : -",
    |text| all(text, 128, |c| c.is_ascii_alphanumeric() || "_.:-".contains(c)),
    128,
    "^[A-Za-z0-9_.:-]{1,128}$"
);

text_id!(
    /// What a model calls a threshold of a field, such as `glare`.
    ThresholdName,
    "name",
    "1 to 128 of A-Z a-z 0-9 _ . : -",
    |text| all(text, 128, |c| c.is_ascii_alphanumeric() || "_.:-".contains(c)),
    128,
    "^[A-Za-z0-9_.:-]{1,128}$"
);

text_id!(
    /// What a client calls a request that it may repeat, as the header
    /// `Idempotency-Key` holds it.
    IdempotencyKey,
    "Idempotency-Key",
    "1 to 128 visible ASCII characters, without spaces",
    |text| all(text, 128, |c| c.is_ascii_graphic()),
    128,
    "^[!-~]{1,128}$"
);

text_id!(
    /// The id of a setting: a user's own id, or a name such as the user pool's id.
    SettingId,
    "settingId",
    "1 to 128 of A-Z a-z 0-9 _ . : -",
    |text| all(text, 128, |c| c.is_ascii_alphanumeric() || "_.:-".contains(c)),
    128,
    "^[A-Za-z0-9_.:-]{1,128}$"
);

text_id!(
    /// IoT Core's id of a certificate: the SHA-256 of its DER form.
    CertificateId,
    "certificateId",
    "64 hexadecimal digits",
    |text| text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()),
    64,
    "^[0-9A-Fa-f]{64}$"
);

/// One registration of a device by an owner. Registering again makes a new id,
/// so that nothing of an earlier owner's time is found under it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegistrationId(pub Uuid);

impl fmt::Display for RegistrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// JSON Schema's `not`, which `utoipa` has no name for: a pattern could look
/// ahead, but not every regular expression can.
fn except(words: [&str; 2]) -> Extensions {
    Extensions::from_iter([("not", json!({"enum": words}))])
}

/// [`is_label`] but for the length: a character that is neither a control
/// character nor white space, among some that are no control characters. `\s`
/// would not do: it differs between languages.
const LABEL: &str = concat!(
    "^[^\\u0000-\\u001F\\u007F-\\u009F]*",
    "[^\\u0000-\\u0020\\u007F-\\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000]",
    "[^\\u0000-\\u001F\\u007F-\\u009F]*$",
);

fn all(text: &str, most: usize, valid: impl Fn(char) -> bool) -> bool {
    (1..=most).contains(&text.len()) && text.chars().all(valid)
}

fn is_label(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.chars().count())
        && !text.trim().is_empty()
        && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn device_ids() {
        let valid = |text: &str| DeviceId::new(text).is_ok();
        for text in [
            "a",
            "SN-0001",
            "a:b_c-d",
            &"x".repeat(128),
            "event",
            "Events",
        ] {
            assert!(valid(text), "{text}");
        }
        for text in [
            "",
            "events",
            "alerts",
            &"x".repeat(129),
            "a b",
            "a/b",
            "a#b",
            "a+b",
            "é",
            "a\0",
        ] {
            assert!(!valid(text), "{text}");
        }
    }

    #[test]
    fn names_are_counted_in_characters() {
        assert!(DeviceName::new("é".repeat(128)).is_ok());
        assert!(DeviceName::new("é".repeat(129)).is_err());
        for text in ["", "   ", "a\nb", "a\0b"] {
            assert!(DeviceName::new(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_error_names_field_and_rule() {
        let error = CertificateId::new("xyz").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`certificateId` must be 64 hexadecimal digits"
        );
    }

    proptest! {
        /// Keys are joined with `#`, so no part of a key may hold one.
        #[test]
        fn no_part_of_a_key_holds_the_separator(text in "[ -~]{0,130}") {
            prop_assert!(DeviceId::new(text.clone()).map_or(true, |id| !id.as_str().contains('#')));
            prop_assert!(UserId::new(text).map_or(true, |id| !id.as_str().contains('#')));
        }
    }
}
