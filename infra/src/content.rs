//! The files of the web console, as an asset of the cloud assembly.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::asset::Asset;

/// What the asset is called.
pub const NAME: &str = "console";

/// Without it there is no console.
const PAGE: &str = "index.html";

/// Nothing in it is started.
const MODE: u32 = 0o644;

/// Why there is no content.
#[derive(Debug, thiserror::Error)]
pub enum MissingContent {
    /// Nothing was built.
    #[error("`{}` is missing: run `scripts/build`, or name the folder of the built console with `--context console=<folder>`", .0.display())]
    NoPage(PathBuf),
    /// The file system refuses.
    #[error("cannot read the console in `{}`", folder.display())]
    Unreadable {
        /// Where it lies.
        folder: PathBuf,
        /// Why it cannot be read.
        source: io::Error,
    },
}

/// Finds and hashes the files of the console in `folder`.
///
/// # Errors
///
/// When it has no `index.html`, or a file cannot be read.
pub fn find(folder: &Path) -> Result<Asset, MissingContent> {
    let page = folder.join(PAGE);
    if !page.is_file() {
        return Err(MissingContent::NoPage(page));
    }
    let files = files(folder, "").and_then(|files| Asset::of(NAME, MODE, files));
    files.map_err(|source| MissingContent::Unreadable {
        folder: folder.to_owned(),
        source,
    })
}

/// Every file below `folder`, with its path after `prefix`.
fn files(folder: &Path, prefix: &str) -> io::Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            found.extend(files(&path, &format!("{name}/"))?);
        } else {
            found.push((path, name));
        }
    }
    Ok(found)
}
