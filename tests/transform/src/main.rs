//! How fast the function makes rows, beside the least that anybody would need for
//! the same JSON; and rows of a fleet for whoever measures what becomes of them.
//! `scripts/bench telemetry` runs both:
//!
//! - `transform` reports records a second, and asserts nothing;
//! - `transform DEVICES MESSAGES FOLDER` writes rows as files of the dataset.

mod fleet;
mod floor;
mod ports;
mod rows;
mod speed;

/// The function is a program, so what it consists of is taken as it lies there.
#[path = "../../../crates/services/telemetry/src"]
mod function {
    pub(crate) mod firehose;
    pub(crate) mod handler;
}

use std::path::Path;

use function::{firehose, handler};

type Failed = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => speed::report().await,
        [devices, messages, folder] => {
            rows::write(devices.parse()?, messages.parse()?, Path::new(folder)).await
        }
        _ => Err("give nothing, or the number of devices, that of messages, and a folder".into()),
    }
}
