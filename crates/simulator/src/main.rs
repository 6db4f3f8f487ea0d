//! The device's side of the product: simulated devices, and the tools
//! that make and register the certificates and products it needs.

mod answers;
mod aws;
mod backoff;
mod bridge;
mod broker;
mod ca;
mod device;
mod endpoint;
#[cfg(test)]
mod fake_broker;
mod firmware;
mod fleet;
mod message;
mod model;
mod outbox;
mod pki;
mod product;
mod products;
mod progress;
mod serial;
mod simulation;
mod stop;
mod things;
mod topics;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::products::Sample;

/// The simulated product, and the tools that a device engineer needs.
#[derive(Debug, Parser)]
#[command(name = "simulator", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a certificate authority of one's own, and register it in the account.
    #[command(subcommand)]
    Ca(ca::Command),
    /// Make a device's key and certificate, signed by that authority.
    Device(device::Args),
    /// Add a manufactured product to the Reference table, so that an owner can register it.
    AddProduct(product::Args),
    /// Print the configuration of a Mosquitto broker that is a gateway to the cloud.
    BridgeConfig(bridge::Args),
    /// Run a fleet of devices in this process, and report how it went.
    Fleet(Box<fleet::Args>),
    /// Make things whose certificates AWS signs, talk as them, and clean up.
    #[command(subcommand)]
    Things(things::Command),
    /// Read a product's model and say what is in it, or what is wrong with it.
    #[command(subcommand)]
    Model(model::Command),
    /// Run a simulated thermostat until Ctrl-C.
    Thermostat(simulation::Args),
    /// Run a simulated door lock until Ctrl-C.
    Lock(simulation::Args),
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Ca(command) => ca::run(command).await,
        Command::Device(args) => device::run(&args),
        Command::AddProduct(args) => product::run(args).await,
        Command::BridgeConfig(args) => bridge::run(args).await,
        Command::Fleet(args) => fleet::run(*args).await,
        Command::Things(command) => things::run(command).await,
        Command::Model(command) => model::run(&command),
        Command::Thermostat(args) => simulation::run(args, Sample::Thermostat).await,
        Command::Lock(args) => simulation::run(args, Sample::Lock).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("simulator: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
