//! The only place that reads the environment.

/// A variable that the template should have set.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("environment variable `{0}` is not set: the template sets it on every deploy")]
pub struct Missing(String);

/// The value of `name`, which may be empty.
///
/// # Errors
///
/// [`Missing`] when it is not set, or is no UTF-8.
pub fn required(name: &str) -> Result<String, Missing> {
    optional(name).ok_or_else(|| Missing(name.to_owned()))
}

/// The value of `name`, where it is set.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the function that the ban names"
)]
pub fn optional(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
