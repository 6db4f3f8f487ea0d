//! What the product does: types, rules and the ports it needs.
//!
//! No AWS, no clock, no randomness, no environment: time and ids are arguments,
//! storage is a port that `adapters` implements.

pub mod alert;
pub mod command;
pub mod connectivity;
pub mod device;
pub mod event;
pub mod id;
pub mod jitr;
mod json;
pub mod live;
#[cfg(any(test, feature = "memory"))]
pub mod memory;
pub mod model;
pub mod owner;
pub mod page;
pub mod registration;
pub mod settings;
pub mod status;
pub mod store;
pub mod telemetry;
pub mod threshold;
pub mod time;
