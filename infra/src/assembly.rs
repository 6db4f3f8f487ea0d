//! The cloud assembly: what the `cdk` command line reads instead of running a
//! CDK application.
//!
//! - `manifest.json`: for each stack one asset artifact and one stack artifact;
//! - `{stack}.assets.json`: what to upload where;
//! - `{stack}.template.json`: the template, itself an asset;
//! - `asset.{hash}/bootstrap`: the binary of each service;
//! - `asset.{hash}/…`: the files of the web console.
//!
//! The stack names no role to assume and no execution role, so `cdk` uploads
//! and deploys with the caller's own credentials, on AWS and locally: what a
//! deployment may do is decided in one place, the caller's IAM policy.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::asset::{self, Asset};
use crate::stack::Stack;
use crate::target::Store;

/// Version of the cloud assembly schema; newer command lines read older
/// versions.
const SCHEMA_VERSION: &str = "36.0.0";

/// Oldest bootstrap stack with the bucket that is used.
const BOOTSTRAP_VERSION: u32 = 6;

/// Why an assembly could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file system refused.
    #[error("could not write `{}`", path.display())]
    File {
        /// What was being written.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A document has no JSON form.
    #[error("could not write the template as JSON")]
    Json(#[from] serde_json::Error),
}

/// A stack, and what it is uploaded with.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Name of the stack.
    pub name: &'a str,
    /// The stack.
    pub stack: &'a Stack,
    /// Its functions, and the console.
    pub assets: &'a [Asset],
    /// The source, if it has to be there.
    pub source: Option<&'a Source>,
}

/// The source as a zip, which `cdk` has made only where it uploads it.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its key in the assets bucket.
    pub key: String,
}

impl Source {
    /// What git has stored as this commit.
    #[must_use]
    pub fn of_commit(commit: &str) -> Self {
        Self {
            key: format!("source-{commit}.zip"),
        }
    }
}

/// Writes the assembly of some stacks into `out`.
///
/// The same stacks and assets give the same bytes, wherever they lie.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write(out: &Path, parts: &[Part<'_>]) -> Result<(), WriteError> {
    create_dir(out)?;
    let files: Vec<Asset> = parts.iter().flat_map(|it| it.assets).cloned().collect();
    asset::remove_stale(out, &files).map_err(|source| failed(out, source))?;
    for asset in &files {
        asset
            .copy_into(out)
            .map_err(|source| failed(&out.join(asset.folder()), source))?;
    }
    let mut artifacts = Map::new();
    for part in parts {
        let template = part.stack.to_json()?;
        let template_hash = hex(&Sha256::digest(&template));
        write_file(&out.join(template_file(part.name)), &template)?;
        let assets = assets(part, &template_hash);
        write_json(&out.join(assets_file(part.name)), &assets)?;
        artifacts.extend(self::artifacts(part, &template_hash));
    }
    let manifest = json!({ "version": SCHEMA_VERSION, "artifacts": artifacts });
    write_json(&out.join("manifest.json"), &manifest)
}

fn assets(part: &Part<'_>, template_hash: &str) -> Value {
    let bucket = part.stack.target().code.bucket_pattern();
    let file = |name: String, source: Value, key: String| {
        json!({
            "displayName": name,
            "source": source,
            "destinations": {
                "current_account-current_region": { "bucketName": bucket, "objectKey": key },
            },
        })
    };
    let mut files = Map::new();
    for asset in part.assets {
        let source = json!({ "path": asset.folder(), "packaging": "zip" });
        let key = format!("{}.zip", asset.hash);
        files.insert(asset.hash.clone(), file(asset.name.to_owned(), source, key));
    }
    if let Some(source) = part.source {
        let command = json!({ "executable": ["scripts/package", "source"] });
        let key = source.key.clone();
        files.insert(key.clone(), file("source".to_owned(), command, key));
    }
    let source = json!({ "path": template_file(part.name), "packaging": "file" });
    files.insert(
        template_hash.to_owned(),
        file(
            format!("{} template", part.name),
            source,
            format!("{template_hash}.json"),
        ),
    );
    json!({ "version": SCHEMA_VERSION, "files": files, "dockerImages": {} })
}

fn artifacts(part: &Part<'_>, template_hash: &str) -> [(String, Value); 2] {
    let name = part.name;
    let code = &part.stack.target().code;
    let assets_id = format!("{name}.assets");
    let mut assets = json!({
        "type": "cdk:asset-manifest",
        "properties": { "file": assets_file(name) },
    });
    let mut stack = json!({
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {
            "templateFile": template_file(name),
            "stackTemplateAssetObjectUrl":
                format!("s3://{}/{template_hash}.json", code.bucket_pattern()),
            "additionalDependencies": [&assets_id],
        },
        "dependencies": [&assets_id],
        "displayName": name,
    });
    // Any other bucket is there without the bootstrap stack.
    if let Store::Bootstrap(qualifier) = &code.store {
        for artifact in [&mut assets, &mut stack] {
            let properties = &mut artifact["properties"];
            properties["requiresBootstrapStackVersion"] = BOOTSTRAP_VERSION.into();
            properties["bootstrapStackVersionSsmParameter"] =
                format!("/cdk-bootstrap/{qualifier}/version").into();
        }
    }
    [(assets_id, assets), (name.to_owned(), stack)]
}

fn template_file(stack_name: &str) -> String {
    format!("{stack_name}.template.json")
}

fn assets_file(stack_name: &str) -> String {
    format!("{stack_name}.assets.json")
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Creates a folder and those above it.
///
/// # Errors
///
/// When the file system refuses.
pub fn create_dir(path: &Path) -> Result<(), WriteError> {
    fs::create_dir_all(path).map_err(|source| failed(path, source))
}

/// Writes a text.
///
/// # Errors
///
/// When the file system refuses.
pub fn write_file(path: &Path, text: &str) -> Result<(), WriteError> {
    fs::write(path, text).map_err(|source| failed(path, source))
}

fn write_json(path: &Path, value: &Value) -> Result<(), WriteError> {
    let mut json = serde_json::to_string_pretty(value)?;
    json.push('\n');
    write_file(path, &json)
}

fn failed(path: &Path, source: io::Error) -> WriteError {
    WriteError::File {
        path: path.to_owned(),
        source,
    }
}
