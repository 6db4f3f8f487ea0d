//! The REST API as a client sees it: bodies, answers, errors.
//!
//! What travels has its own types, so that a change inside shows here before a
//! client notices it.

pub mod command;
pub mod device;
pub mod error;
pub mod event;
pub mod history;
pub mod json;
pub mod live;
pub mod openapi;
pub mod page;
pub mod registration;
pub mod setting;
pub mod status;
pub mod threshold;
