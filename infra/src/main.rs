//! Run by the `cdk` command line (`cdk.json`); see [`infra::input`] for what it
//! can be told. `infra templates <folder>` writes all templates for linters;
//! `infra solution-template …` is for `scripts/package`.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use infra::input::Input;
use infra::run::{self, RunError};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        [] => synthesize(),
        ["templates", folder] => run::write_templates(Path::new(folder)),
        ["solution-template", folder, bucket, prefix, assets] => {
            run::write_solution_template(Path::new(folder), bucket, prefix, Path::new(assets))
                .map(|zip| println!("{zip}"))
        }
        _ => {
            eprintln!(
                "usage: infra [templates <folder> | solution-template <folder> <bucket> <prefix> <assets>]"
            );
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
