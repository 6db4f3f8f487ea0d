//! Moves what the AWS solution *Smart Product Solution* (SO0046) has in its
//! tables into those of this product. `docs/migration.md` says how.

mod account;
mod convert;
mod id;
mod old;
mod progress;
mod report;
mod source;
mod tables;
mod target;
#[cfg(test)]
mod tests;
mod things;
mod users;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Moves the tables of the Smart Product Solution into those of this product.
#[derive(Debug, Parser)]
#[command(name = "migrate", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print which user of the old pool is which of the new one, by e-mail address.
    Users(users::Args),
    /// Look what would become of each row of the old tables; with `--write`, move them.
    Tables(Box<tables::Args>),
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Users(args) => users::run(args).await,
        Command::Tables(args) => tables::run(*args).await,
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("migrate: {error:#}");
            ExitCode::FAILURE
        }
    }
}
