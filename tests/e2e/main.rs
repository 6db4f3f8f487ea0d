//! End-to-end tests: a deployed stack, driven by real clients.

mod settings;
