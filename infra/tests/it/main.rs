//! The template and the assembly, looked at from outside.

#![expect(
    clippy::unwrap_used,
    reason = "what tests share fails the test, as the tests themselves do"
)]

mod assembly;
mod constructs;
mod input;
mod invariants;
mod live;
mod manifest;
mod monitoring;
mod rules;
mod snapshots;
mod suppressions;
mod template;
mod users;
