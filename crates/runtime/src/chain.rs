//! An error with its causes, for the one place that logs it.

use std::error::Error;
use std::fmt;

/// Prints an error and each of its sources, joined with `: `.
#[derive(Debug)]
pub struct Chain<'a>(
    /// The outermost error.
    pub &'a (dyn Error + 'static),
);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::store::{Cause, StoreError};

    use super::*;

    #[test]
    fn each_cause_is_printed_once() {
        let error = StoreError {
            operation: "read the settings",
            cause: Cause::Broken,
            source: Box::new(std::io::Error::other("no route")),
        };
        assert_eq!(
            Chain(&error).to_string(),
            "could not read the settings: no route"
        );
    }
}
