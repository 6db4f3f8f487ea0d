//! What the functions cost, and how long the way of an event is. Reported,
//! never asserted: `scripts/bench` starts and deploys what this needs.
//!
//! Each function's binary runs here as it runs in Lambda: its environment is
//! the deployed function's, its Runtime API is ours ([`runtime_api`]), and its
//! calls to AWS pass a proxy that counts them ([`proxy`]) on their way to the
//! deployed stack. What the local cloud needs to answer a call says nothing
//! about the function, so it is taken off: "own" is the time in which no call
//! was on its way.
//!
//! `BENCH_FUNCTIONS` is the folder that was deployed, `BENCH_HELLO` the binary
//! that does nothing; the rest of the environment is the tests'. With the argument
//! `telemetry` it measures the way of measurements and nothing else.

mod cost;
mod function;
mod gateway;
mod operations;
mod proxy;
mod runtime_api;
mod table;
mod telemetry;
mod way;

use anyhow::Result;
use tests::Stack;

#[tokio::main]
async fn main() -> Result<()> {
    let stack = Stack::connect().await?;
    if std::env::args().nth(1).as_deref() == Some("telemetry") {
        println!("{}", telemetry::report(&stack).await?);
        return Ok(());
    }
    println!("\n{}", operations::report(&stack).await?);
    println!("{}", way::report(&stack).await?);
    println!("{}", telemetry::report(&stack).await?);
    Ok(())
}
