//! Prints the API's description: `cargo run -p api --bin openapi > docs/openapi.json`.

use std::io::{Write, stdout};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let document = serde_json::to_string_pretty(&api::openapi::document())?;
    Ok(writeln!(stdout(), "{document}")?)
}
