//! Adapters on a real DynamoDB engine and against recorded answers of AWS.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows test functions, not what they call"
)]

mod alerts;
mod audits;
mod calls;
mod channels;
mod closings;
mod command_calls;
mod command_topic;
mod commands;
mod connectivity;
mod devices;
mod endpoint;
mod engine;
mod events;
mod files;
mod fleet_indexing;
mod found;
mod group_policies;
mod histories;
mod history;
mod interleavings;
mod live_sessions;
mod offers;
mod owners;
mod registrations;
mod registry;
mod repository;
mod row_count;
mod service;
mod settings;
mod shadows;
mod single_events;
mod sources;
mod stacks;
mod successor;
mod text_messages;
mod thresholds;
mod throttling;
mod watches;
