//! Progress for whoever watches: one line for what happened, with its time.

use std::fmt;
use std::io::{self, Write};

use jiff::Timestamp;

/// Prints one line about `who`. A closed standard output is no reason for a
/// device to stop, so a failure to write is ignored.
pub(crate) fn say(who: impl fmt::Display, what: impl fmt::Display) {
    let _ = writeln!(io::stdout(), "{:.3} {who} {what}", Timestamp::now());
}
