//! Serial numbers.

use std::fmt;
use std::str::FromStr;

/// A product's serial number: thing name, MQTT client id and the common name
/// of its certificate at once, so it obeys the strictest rule of the three.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Serial(String);

/// X.509's upper bound for a common name; a thing name may be twice as long.
const MAX_LENGTH: usize = 64;

impl Serial {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Serial {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b":_-".contains(&byte);
        if (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "a serial number has 1 to {MAX_LENGTH} letters, digits, `:`, `_` or `-`"
            ))
        }
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_is_a_thing_name_and_a_common_name() {
        let longest = "x".repeat(64);
        for good in ["1", "SN-000_1:a", &longest] {
            assert_eq!(
                good.parse::<Serial>().map(|it| it.to_string()),
                Ok(good.to_owned())
            );
        }
    }

    #[test]
    fn refuses_what_would_change_a_topic_or_a_path() {
        let too_long = "x".repeat(65);
        for bad in ["", "a b", "a/b", "a+", "#", "..", "é", &too_long] {
            assert!(bad.parse::<Serial>().is_err(), "{bad:?}");
        }
    }
}
