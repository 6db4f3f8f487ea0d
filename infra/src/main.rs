//! Run by the `cdk` command line (`cdk.json`) without arguments; see
//! [`infra::input`] for what it can be told. People run its subcommands.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use infra::cost;
use infra::input::Input;
use infra::local::Cloud;
use infra::manifest::Manifest;
use infra::run;

/// Makes the templates of the stack, and estimates what it costs.
#[derive(Debug, Parser)]
#[command(name = "infra", version)]
struct Cli {
    /// Without one: write the cloud assembly that `cdk` asks for.
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write the templates for linters.
    Templates {
        /// Folder to write to.
        folder: PathBuf,
    },
    /// Print what is suppressed in the templates, and why.
    Suppressions,
    /// Print the combinations of flags that the local cloud takes, one a line.
    Combinations,
    /// Write the pipeline's template for others to launch, and print the name that
    /// the zip of its function has to have; `scripts/package` does the rest.
    SolutionTemplate {
        /// Folder to write to.
        folder: PathBuf,
        /// What the names of the buckets have in common, before the region.
        bucket: String,
        /// What the keys in them have in common.
        prefix: String,
        /// Folder with the binary of the function.
        assets: PathBuf,
    },
    /// Estimate what a month costs, by service.
    Cost(Box<cost::Args>),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        None => synthesize(),
        Some(Command::Templates { folder }) => write_templates(&folder),
        Some(Command::Suppressions) => print_suppressions(),
        Some(Command::Combinations) => {
            // The first has nothing switched on, and is refused.
            for manifest in Manifest::combinations(Cloud::Local).skip(1) {
                println!("{}", manifest.combination());
            }
            Ok(())
        }
        Some(Command::SolutionTemplate {
            folder,
            bucket,
            prefix,
            assets,
        }) => run::write_solution_template(&folder, &bucket, &prefix, &assets)
            .map(|zip| println!("{zip}"))
            .map_err(Box::from),
        Some(Command::Cost(args)) => print_cost(&args),
    };
    let Err(error) = done else {
        return ExitCode::SUCCESS;
    };
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    let message = causes.fold(error.to_string(), |message, cause| {
        format!("{message}: {cause}")
    });
    eprintln!("{message}");
    ExitCode::FAILURE
}

fn synthesize() -> Result<(), Box<dyn Error>> {
    Ok(run::synthesize(&Input::from_env()?)?)
}

fn write_templates(folder: &Path) -> Result<(), Box<dyn Error>> {
    let (all, written) = run::write_templates(folder)?;
    println!("{all} templates; {written} to look at, the others are parts of these");
    Ok(())
}

fn print_suppressions() -> Result<(), Box<dyn Error>> {
    print!("{}", run::suppressions()?);
    Ok(())
}

fn print_cost(args: &cost::Args) -> Result<(), Box<dyn Error>> {
    println!("{}", args.run()?);
    Ok(())
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
