//! What the program does: an assembly for `cdk`, templates for linters, a table
//! of what is suppressed in those, or the template that others launch.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::assembly::{self, Part, Source, WriteError};
use crate::asset::Asset;
use crate::code::{self, MissingBinaries};
use crate::content::{self, MissingContent};
use crate::input::{Input, InvalidInput};
use crate::local::Cloud;
use crate::manifest::{InvalidManifest, Manifest};
use crate::parts;
use crate::pipeline::{self, PipelineProps};
use crate::solution;
use crate::stack::Stack;
use crate::suppression;
use crate::target::{Architecture, Code, Store, Target};

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
    let target = target(input, &input.stack_name, &assets, input.boundary.clone());
    let stack = solution::define(&manifest, target);
    let pipeline = pipeline(input)?;
    let mut parts = vec![Part {
        name: &input.stack_name,
        stack: &stack,
        assets: &assets,
        source: None,
    }];
    parts.extend(pipeline.as_ref().map(|(stack, assets, source)| Part {
        name: pipeline::STACK,
        stack,
        assets,
        source: Some(source),
    }));
    Ok(assembly::write(&input.out, &parts)?)
}

/// The pipeline's stack, where there is a commit to put into its repository. A
/// pipeline deploys from an archive without one, and the emulator has no pipelines.
fn pipeline(input: &Input) -> Result<Option<(Stack, Vec<Asset>, Source)>, RunError> {
    let commit = input.commit.as_deref();
    let Some(commit) = commit.filter(|_| input.cloud == Cloud::Aws) else {
        return Ok(None);
    };
    let assets = code::find(&input.assets, pipeline::SERVICES)?;
    let source = Source::of_commit(commit);
    let props = PipelineProps {
        source: &source.key,
        published: None,
    };
    let target = target(input, pipeline::STACK, &assets, None);
    Ok(Some((pipeline::define(target, &props), assets, source)))
}

fn target(input: &Input, stack: &str, assets: &[Asset], boundary: Option<String>) -> Target {
    Target {
        stack_name: stack.to_owned(),
        cloud: input.cloud,
        architecture: input.architecture,
        code: Code {
            store: input.store.clone(),
            hashes: hashes(assets),
        },
        boundary,
    }
}

fn hashes(assets: &[Asset]) -> BTreeMap<&'static str, String> {
    assets.iter().map(|it| (it.name, it.hash.clone())).collect()
}

/// Writes `smart-product-solution.template`, for others to launch, into a folder.
/// Returns the name that the zip of the pipeline's function has to have beside it.
///
/// `bucket` is what the names of the buckets have in common that all of it is
/// uploaded to, one for each region; `prefix` what the keys have in common.
///
/// # Errors
///
/// When the binary of the function is not in `assets`, or a file cannot be written.
pub fn write_solution_template(
    folder: &Path,
    bucket: &str,
    prefix: &str,
    assets: &Path,
) -> Result<String, RunError> {
    let assets = code::find(assets, pipeline::SERVICES)?;
    let mut target = Target::without_binaries(Cloud::Aws);
    pipeline::STACK.clone_into(&mut target.stack_name);
    target.code = Code {
        store: Store::Published,
        hashes: hashes(&assets),
    };
    let zip = target.code.key(pipeline::SERVICES[0]);
    let stack = pipeline::define(
        target,
        &PipelineProps {
            source: PUBLISHED_SOURCE,
            published: Some((bucket, prefix)),
        },
    );
    assembly::create_dir(folder)?;
    let json = stack.to_json().map_err(WriteError::from)?;
    assembly::write_file(&folder.join("smart-product-solution.template"), &json)?;
    Ok(zip)
}

/// The zip of the source, beside the published template.
const PUBLISHED_SOURCE: &str = "source.zip";

/// Writes the templates that linters have to look at, `{cloud}-{flags}.template.json`:
/// of each combination of flags, of the base alone, and of everything with its
/// options, for AWS and for the emulator, but of each that is a part of another
/// one only that other one; and of the pipeline. Returns how many there are, and how many it has written.
///
/// They refer to binaries that do not exist, so they are good for linters only.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write_templates(folder: &Path) -> Result<(usize, usize), RunError> {
    assembly::create_dir(folder)?;
    let all = stacks();
    let whole = parts::whole(&all)?;
    for (name, stack) in &whole {
        let json = stack.to_json().map_err(WriteError::from)?;
        assembly::write_file(&folder.join(format!("{name}.template.json")), &json)?;
    }
    Ok((all.len(), whole.len()))
}

/// What all templates suppress, and their wildcards, as a page of Markdown.
///
/// # Errors
///
/// When a template cannot be written as JSON.
pub fn suppressions() -> Result<String, RunError> {
    let templates: Vec<_> = stacks()
        .iter()
        .map(|(_, stack)| Ok((stack.target().cloud, serde_json::to_value(stack)?)))
        .collect::<Result<_, serde_json::Error>>()
        .map_err(WriteError::from)?;
    Ok(suppression::page(templates))
}

/// Every stack that may be deployed, with its name.
fn stacks() -> Vec<(String, Stack)> {
    let of = |(cloud, cloud_name): (Cloud, &'static str)| {
        let options = [("options".to_owned(), with_options(cloud))];
        Manifest::combinations(cloud)
            .map(|manifest| (manifest.combination(), manifest))
            .chain(options)
            .map(move |(name, manifest)| {
                let stack = solution::define(&manifest, Target::without_binaries(cloud));
                (format!("{cloud_name}-{name}"), stack)
            })
    };
    [(Cloud::Aws, "aws"), (Cloud::Local, "local")]
        .into_iter()
        .flat_map(of)
        .chain(pipelines())
        .collect()
}

/// The pipeline's stack, as `cdk` deploys it and as others launch it.
fn pipelines() -> [(String, Stack); 2] {
    let define = |target, published| {
        let source = PUBLISHED_SOURCE;
        pipeline::define(target, &PipelineProps { source, published })
    };
    let own = Target::without_binaries(Cloud::Aws);
    let mut launched = own.clone();
    launched.code.store = Store::Published;
    [
        ("aws-pipeline".to_owned(), define(own, None)),
        (
            "aws-pipeline-published".to_owned(),
            define(launched, Some(("assets", "v0.0.1"))),
        ),
    ]
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
                store: Store::Bootstrap("hnb659fds".to_owned()),
                hashes: assets.into_iter().map(|it| (it, it.to_owned())).collect(),
            },
            boundary: None,
        }
    }
}
