//! The function binaries, as assets of the cloud assembly.

use std::path::{Path, PathBuf};

use crate::asset::Asset;

/// The file that the runtime `provided.al2023` starts.
const BOOTSTRAP: &str = "bootstrap";

/// Everybody may read and execute: Lambda runs functions as a user of its own.
const MODE: u32 = 0o755;

/// Binaries that are not there.
#[derive(Debug, thiserror::Error)]
#[error("{} missing: run `scripts/build`, or name the folder of the binaries with `--context assets=<folder>`", quoted(.0))]
pub struct MissingBinaries(Vec<PathBuf>);

/// Finds and hashes the binaries of `services`.
///
/// # Errors
///
/// When some of them are not in `<assets>/<service>/bootstrap`.
pub fn find(assets: &Path, services: &[&'static str]) -> Result<Vec<Asset>, MissingBinaries> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for service in services {
        let path = assets.join(service).join(BOOTSTRAP);
        match Asset::of(service, MODE, [(path.clone(), BOOTSTRAP.to_owned())]) {
            Ok(asset) => found.push(asset),
            Err(_) => missing.push(path),
        }
    }
    if missing.is_empty() {
        Ok(found)
    } else {
        Err(MissingBinaries(missing))
    }
}

fn quoted(paths: &[PathBuf]) -> String {
    let quoted: Vec<_> = paths
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect();
    let verb = if paths.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", quoted.join(", "))
}
