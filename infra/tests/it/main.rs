//! The template and the assembly, looked at from outside.

#![expect(
    clippy::unwrap_used,
    reason = "what tests share fails the test, as the tests themselves do"
)]

mod assembly;
mod constructs;
mod cost;
mod defender;
mod input;
mod invariants;
mod live;
mod manifest;
mod monitoring;
mod ownerapp;
mod pipeline;
mod requirements;
mod rules;
mod snapshots;
mod suppressions;
mod telemetry;
mod template;
mod usage_data;
mod users;
