//! Run by the `cdk` command line (`cdk.json`); see [`infra::input`] for what it
//! can be told. `infra templates <folder>` writes the templates for linters,
//! `infra suppressions` prints what is suppressed in them.

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
        ["templates", folder] => run::write_templates(Path::new(folder)).map(|(all, whole)| {
            println!("{all} templates; {whole} to look at, the others are parts of these");
        }),
        ["suppressions"] => run::suppressions().map(|page| print!("{page}")),
        _ => {
            eprintln!("usage: infra [templates <folder> | suppressions]");
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
