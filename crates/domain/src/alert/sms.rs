//! The text of a message to a phone. Part of it was written by a device.

use crate::event::Event;

/// Most characters of a text message.
const LONGEST: usize = 140;

/// Most characters of the device's name in it.
const LONGEST_NAME: usize = 40;

/// What the owner of `alert`'s device reads: who says it, then what it says,
/// in quotes, so that a device cannot pass its words off as ours.
pub(super) fn text(alert: &Event) -> String {
    let kind = alert.event_type.as_str();
    let name = quotable(alert.device_name.as_str(), LONGEST_NAME);
    let start = format!("Alert ({kind}) from \"{name}\"");
    let frame = start.chars().count() + ": \"\"".len();
    match quotable(&alert.message, LONGEST - frame) {
        message if message.is_empty() => start,
        message => format!("{start}: \"{message}\""),
    }
}

/// At most `most` characters of `text` that can stand in quotes: no control or
/// invisible characters, no quotation marks, one space where there were more.
fn quotable(text: &str, most: usize) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .map(|c| if c == '"' { '\'' } else { c })
        .collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    words.join(" ").chars().take(most).collect()
}

/// Characters that change how others are shown: directions, joiners, tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::DeviceName;
    use crate::memory::record;

    fn sms(name: &str, message: &str) -> String {
        let mut event = record("anna", "SN-1", "m-1", 0).event;
        event.device_name = DeviceName::new(name).unwrap();
        event.message = message.into();
        text(&event)
    }

    #[test]
    fn lesson_7_the_words_of_a_device_are_quoted() {
        for (name, message, expected) in [
            (
                "Hall",
                "Too hot",
                r#"Alert (warning) from "Hall": "Too hot""#,
            ),
            ("Hall", "", r#"Alert (warning) from "Hall""#),
            ("Hall", " \n\t ", r#"Alert (warning) from "Hall""#),
            (
                "Hall",
                "a\" - Your bank: \"b",
                r#"Alert (warning) from "Hall": "a' - Your bank: 'b""#,
            ),
            ("H\"a", "x", r#"Alert (warning) from "H'a": "x""#),
            (
                "Hall",
                "a\r\nb\0c\u{1b}[0m\u{202e}d",
                r#"Alert (warning) from "Hall": "a bc[0md""#,
            ),
        ] {
            assert_eq!(sms(name, message), expected);
        }
    }

    proptest! {
        #[test]
        fn lesson_7_no_text_is_too_long_or_has_control_characters(
            name in "[A-Za-z0-9é\" ]{0,127}x",
            message in "(?s).{0,1024}",
        ) {
            let text = sms(&name, &message);
            prop_assert!(text.chars().count() <= LONGEST);
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert!(text.ends_with('"'));
            prop_assert_eq!(text.matches('"').count() % 2, 0);
        }
    }
}
