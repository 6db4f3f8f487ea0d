//! Folders of the cloud assembly that `cdk` zips and uploads.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::assembly::hex;

/// First part of an asset folder's name; its content hash follows.
const FOLDER: &str = "asset.";

/// Last part of the name of a folder that is not complete.
const PARTIAL: &str = ".partial";

/// One folder, under a name made of what is in it.
#[derive(Clone, Debug)]
pub struct Asset {
    /// What it is called: a service, or [`crate::content::NAME`].
    pub name: &'static str,
    /// SHA-256 over what goes into the zip.
    pub hash: String,
    mode: u32,
    files: Vec<File>,
}

/// One of its files.
#[derive(Clone, Debug)]
struct File {
    /// Where it is at present.
    source: PathBuf,
    /// Its path in the folder, with slashes.
    path: String,
}

impl Asset {
    /// The asset of these files, each with its path in the folder; all of them
    /// get the permissions `mode`.
    ///
    /// # Errors
    ///
    /// When a file cannot be read.
    pub fn of(
        name: &'static str,
        mode: u32,
        files: impl IntoIterator<Item = (PathBuf, String)>,
    ) -> io::Result<Self> {
        let mut files: Vec<_> = files
            .into_iter()
            .map(|(source, path)| File { source, path })
            .collect();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self {
            name,
            hash: hash(mode, &files)?,
            mode,
            files,
        })
    }

    /// Name of its folder in the assembly.
    #[must_use]
    pub fn folder(&self) -> String {
        format!("{FOLDER}{}", self.hash)
    }

    /// Copies the files into an assembly, so that the assembly needs nothing
    /// outside of it.
    ///
    /// # Errors
    ///
    /// When the file system refuses.
    pub fn copy_into(&self, out: &Path) -> io::Result<()> {
        let folder = out.join(self.folder());
        if folder.exists() {
            return Ok(());
        }
        // Under another name first: what has the name is complete.
        let partial = out.join(format!("{}{PARTIAL}", self.folder()));
        if partial.exists() {
            fs::remove_dir_all(&partial)?;
        }
        for file in &self.files {
            let target = partial.join(&file.path);
            fs::create_dir_all(target.parent().unwrap_or(&partial))?;
            fs::copy(&file.source, &target)?;
            set_mode(&target, self.mode)?;
        }
        fs::rename(&partial, &folder)
    }
}

/// Removes the assets of earlier builds from an assembly.
///
/// # Errors
///
/// When the file system refuses.
pub fn remove_stale(out: &Path, assets: &[Asset]) -> io::Result<()> {
    let current: Vec<String> = assets.iter().map(Asset::folder).collect();
    for entry in fs::read_dir(out)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours = name
            .strip_prefix(FOLDER)
            .is_some_and(|hash| hash.trim_end_matches(PARTIAL).len() == 64);
        if is_ours && !current.contains(&name) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Names, mode and contents: whatever the zip is made from.
fn hash(mode: u32, files: &[File]) -> io::Result<String> {
    let mut sha256 = Sha256::new();
    for File { source, path } in files {
        let content = fs::read(source)?;
        sha256.update(format!("{path}\0{mode:o}\0{}\0", content.len()));
        sha256.update(content);
    }
    Ok(hex(&sha256.finalize()))
}

fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}
