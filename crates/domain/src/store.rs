//! What can go wrong behind a port.

use std::error::Error;

/// Something outside that did not do what it was asked.
///
/// `Display` does not print the source: the chain is printed once, by the handler.
#[derive(Debug, thiserror::Error)]
#[error("could not {operation}")]
pub struct StoreError {
    /// What was tried, as a phrase: `register the device`.
    pub operation: &'static str,
    /// Whether the same call may work in a moment.
    pub cause: Cause,
    /// The cause as its library tells it.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

/// Kinds of failure a caller treats differently.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cause {
    /// Throttled, timed out, in conflict or away: a repeat may work.
    Busy,
    /// Anything else: a repeat will fail as well.
    Broken,
}
