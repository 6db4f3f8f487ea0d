//! Run by the `cdk` command line (`cdk.json`); see [`infra::input`] for what it
//! can be told. `infra templates <folder>` writes all templates for linters,
//! `infra combinations` prints the combinations of flags that the local cloud
//! takes, one a line.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use infra::input::Input;
use infra::local::Cloud;
use infra::manifest::Manifest;
use infra::run::{self, RunError};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        [] => synthesize(),
        ["templates", folder] => run::write_templates(Path::new(folder)),
        ["combinations"] => {
            // The first has nothing switched on, and is refused.
            for manifest in Manifest::combinations(Cloud::Local).skip(1) {
                println!("{}", manifest.combination());
            }
            Ok(())
        }
        _ => {
            eprintln!("usage: infra [templates <folder> | combinations]");
            return ExitCode::FAILURE;
        }
    };
    let Err(error) = result else {
        return ExitCode::SUCCESS;
    };
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    let message = causes.fold(error.to_string(), |message, cause| {
        format!("{message}: {cause}")
    });
    eprintln!("{message}");
    ExitCode::FAILURE
}

fn synthesize() -> Result<(), RunError> {
    run::synthesize(&Input::from_env()?)
}
