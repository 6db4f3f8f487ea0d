//! The names that the template and the functions must agree on.
//!
//! `infra` writes them into the template, the functions, the simulator and the
//! end-to-end tests read them. A name lives here when a typo on one side would
//! deploy and then fail; everything else belongs to its own crate.

pub mod env;
pub mod index;
pub mod metric;
pub mod output;
pub mod resource;
pub mod route;
pub mod table;
pub mod telemetry;
pub mod timeout;
pub mod topic;
