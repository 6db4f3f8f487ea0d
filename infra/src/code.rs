//! The function binaries, as assets of the cloud assembly.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::assembly::hex;

/// The file that the runtime `provided.al2023` starts.
const BOOTSTRAP: &str = "bootstrap";

/// First part of an asset folder's name; its content hash follows.
const FOLDER: &str = "asset.";

/// Everybody may read and execute: Lambda runs functions as a user of its own.
const MODE: u32 = 0o755;

/// One service's binary.
#[derive(Clone, Debug)]
pub struct Binary {
    /// Folder, package and binary of the service.
    pub service: &'static str,
    /// Where the binary is.
    pub path: PathBuf,
    /// SHA-256 over what goes into the zip.
    pub hash: String,
}

/// Binaries that are not there.
#[derive(Debug, thiserror::Error)]
#[error("{} missing: run `scripts/build`, or name the folder of the binaries with `--context assets=<folder>`", quoted(.0))]
pub struct MissingBinaries(Vec<PathBuf>);

/// Finds and hashes the binaries of `services`.
///
/// # Errors
///
/// When some of them are not in `<assets>/<service>/bootstrap`.
pub fn find(assets: &Path, services: &[&'static str]) -> Result<Vec<Binary>, MissingBinaries> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for service in services {
        let path = assets.join(service).join(BOOTSTRAP);
        match fs::read(&path) {
            Ok(content) => found.push(Binary {
                service,
                hash: hash(&content),
                path,
            }),
            Err(_) => missing.push(path),
        }
    }
    if missing.is_empty() {
        Ok(found)
    } else {
        Err(MissingBinaries(missing))
    }
}

impl Binary {
    /// Name of its folder in the assembly.
    #[must_use]
    pub fn folder(&self) -> String {
        format!("{FOLDER}{}", self.hash)
    }

    /// Copies the binary into an assembly, so that the assembly needs nothing
    /// outside of it.
    ///
    /// # Errors
    ///
    /// When the file system refuses.
    pub fn copy_into(&self, out: &Path) -> io::Result<()> {
        let folder = out.join(self.folder());
        let target = folder.join(BOOTSTRAP);
        if target.exists() {
            return Ok(());
        }
        fs::create_dir_all(&folder)?;
        // Under another name first: what has the name is complete.
        let partial = folder.join(".partial");
        fs::copy(&self.path, &partial)?;
        make_executable(&partial)?;
        fs::rename(&partial, &target)
    }
}

/// Removes the binaries of earlier builds from an assembly.
///
/// # Errors
///
/// When the file system refuses.
pub fn remove_stale(out: &Path, binaries: &[&Binary]) -> io::Result<()> {
    let current: Vec<String> = binaries.iter().map(|it| it.folder()).collect();
    for entry in fs::read_dir(out)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours = name
            .strip_prefix(FOLDER)
            .is_some_and(|hash| hash.len() == 64);
        if is_ours && !current.contains(&name) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Name, mode and content: whatever the zip is made from.
fn hash(content: &[u8]) -> String {
    let mut sha256 = Sha256::new();
    sha256.update(format!("{BOOTSTRAP}\0{MODE:o}\0"));
    sha256.update(content);
    hex(&sha256.finalize())
}

fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(MODE))
}

fn quoted(paths: &[PathBuf]) -> String {
    let quoted: Vec<_> = paths
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect();
    let verb = if paths.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", quoted.join(", "))
}
