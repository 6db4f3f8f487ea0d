//! What every function does first and last: logs, configuration, SDK clients,
//! HTTP answers, the error chain.

mod chain;
mod columns;
pub mod env;
pub mod http;
mod logs;
mod metric;
mod sdk;

pub use chain::Chain;
pub use columns::{InvalidColumns, columns};
pub use logs::init_logs;
pub use metric::{count, count_all, count_many};
pub use sdk::sdk_config;
