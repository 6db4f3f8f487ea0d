//! Times as rows, messages and answers show them.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde::Serializer;

/// `time` as RFC 3339 in UTC with milliseconds, always of the same length, so
/// that the texts sort by time: `2026-11-21T04:17:00.000Z`.
#[must_use]
pub fn text(time: Timestamp) -> String {
    const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
    PRINTER.timestamp_to_string(&time)
}

/// [`text`] for `#[serde(serialize_with)]`; reading needs nothing of ours.
///
/// # Errors
///
/// Those of the serializer.
pub fn serialize<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&text(*time))
}

/// The same for a time that may be absent.
///
/// # Errors
///
/// Those of the serializer.
pub fn serialize_option<S: Serializer>(time: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serialize(time, to),
        None => to.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_one_length() {
        for (milliseconds, expected) in [
            (1_790_000_000_000, "2026-09-21T14:13:20.000Z"),
            (1_790_000_000_007, "2026-09-21T14:13:20.007Z"),
        ] {
            let time = Timestamp::from_millisecond(milliseconds).unwrap();
            assert_eq!(text(time), expected);
        }
    }
}
