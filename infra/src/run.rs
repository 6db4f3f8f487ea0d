//! The two things the program does: an assembly for `cdk`, or templates for
//! linters.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::assembly::{self, WriteError};
use crate::code::{self, MissingBinaries};
use crate::content::{self, MissingContent};
use crate::input::{Input, InvalidInput};
use crate::local::Cloud;
use crate::manifest::{InvalidManifest, Manifest};
use crate::solution;
use crate::target::{Architecture, Code, Target};

/// Why there is no result, in a sentence for whoever ran the command.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// See [`InvalidInput`].
    #[error(transparent)]
    Input(#[from] InvalidInput),
    /// No manifest.
    #[error("cannot read the manifest `{}` (run `cdk` in the folder that holds it)", path.display())]
    NoManifest {
        /// Where it should be.
        path: PathBuf,
        /// Why it cannot be read.
        source: io::Error,
    },
    /// A manifest that is refused.
    #[error("`{}` is refused:\n{problems}", path.display())]
    Manifest {
        /// Where it is.
        path: PathBuf,
        /// All that is wrong with it.
        problems: InvalidManifest,
    },
    /// See [`MissingBinaries`].
    #[error(transparent)]
    Binaries(#[from] MissingBinaries),
    /// See [`MissingContent`].
    #[error(transparent)]
    Content(#[from] MissingContent),
    /// See [`WriteError`].
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Writes the cloud assembly that `cdk` has asked for.
///
/// # Errors
///
/// When the input, the manifest, a binary or the console is not as it should
/// be, or the assembly cannot be written.
pub fn synthesize(input: &Input) -> Result<(), RunError> {
    let mut manifest = read_manifest(&input.manifest)?;
    for flag in manifest.fit(input.cloud) {
        eprintln!(
            "{} is left out: the local cloud does not have it",
            flag.name()
        );
    }
    let mut assets = code::find(&input.assets, &solution::services(&manifest))?;
    if manifest.ownerapp.deploy {
        assets.push(content::find(&input.console)?);
    }
    let target = Target {
        stack_name: input.stack_name.clone(),
        cloud: input.cloud,
        architecture: input.architecture,
        code: Code {
            qualifier: input.qualifier.clone(),
            hashes: assets.iter().map(|it| (it.name, it.hash.clone())).collect(),
        },
    };
    let stack = solution::define(&manifest, target);
    Ok(assembly::write(
        &input.out,
        &input.stack_name,
        &stack,
        &assets,
    )?)
}

/// Writes the template of each combination of flags, of the base alone, and of
/// everything with its options, for AWS and for the emulator:
/// `{cloud}-{flags}.template.json`.
///
/// They refer to binaries that do not exist, so they are good for linters only.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write_templates(folder: &Path) -> Result<(), RunError> {
    assembly::create_dir(folder)?;
    for (cloud, cloud_name) in [(Cloud::Aws, "aws"), (Cloud::Local, "local")] {
        let named =
            Manifest::combinations(cloud).map(|manifest| (manifest.combination(), manifest));
        for (name, manifest) in named.chain([("options".to_owned(), with_options(cloud))]) {
            let stack = solution::define(&manifest, Target::without_binaries(cloud));
            let name = format!("{cloud_name}-{name}.template.json");
            let json = stack.to_json().map_err(WriteError::from)?;
            assembly::write_file(&folder.join(name), &json)?;
        }
    }
    Ok(())
}

/// All that is built, with every option that a default leaves out.
fn with_options(cloud: Cloud) -> Manifest {
    let mut manifest = Manifest {
        tracing: true,
        send_anonymous_usage: true,
        usage_data_url: Some("https://usage.example.com/reports".to_owned()),
        ..Manifest::full(cloud)
    };
    manifest.jitr.ca_certificate_ids = vec!["0123456789abcdef".repeat(4)];
    manifest.api.allow_origins = vec!["https://app.example.com".to_owned()];
    manifest
}

/// Reads the manifest in a file.
///
/// # Errors
///
/// When it is not there, or is refused.
pub fn read_manifest(path: &Path) -> Result<Manifest, RunError> {
    let text = fs::read_to_string(path).map_err(|source| RunError::NoManifest {
        path: path.to_owned(),
        source,
    })?;
    Manifest::parse(&text).map_err(|problems| RunError::Manifest {
        path: path.to_owned(),
        problems,
    })
}

impl Target {
    /// For templates that are looked at, not deployed: each asset's hash is its
    /// name.
    #[must_use]
    pub fn without_binaries(cloud: Cloud) -> Self {
        let mut assets = solution::services(&Manifest::full(cloud));
        assets.push(content::NAME);
        Self {
            stack_name: "SmartProductSolutionStack".to_owned(),
            cloud,
            architecture: Architecture::Arm64,
            code: Code {
                qualifier: "hnb659fds".to_owned(),
                hashes: assets.into_iter().map(|it| (it, it.to_owned())).collect(),
            },
        }
    }
}
