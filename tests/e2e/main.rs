//! End-to-end tests: a deployed stack, driven by real clients.

mod alerts;
mod bad_bodies;
mod bad_messages;
mod bad_requests;
mod by_hand;
mod changing_hands;
mod commands;
mod deletion;
mod devices;
mod events;
mod failures;
mod load;
mod matrix;
mod ownership;
mod paging;
mod privileges;
mod refusals;
mod registration;
mod settings;
mod simulator;
mod text_messages;
mod tokens;
