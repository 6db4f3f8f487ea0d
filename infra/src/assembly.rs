//! The cloud assembly: what the `cdk` command line reads instead of running a
//! CDK application.
//!
//! - `manifest.json`: one asset artifact and one stack artifact;
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

/// Writes the assembly of one stack into `out`.
///
/// The same stack and assets give the same bytes, wherever they lie.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write(
    out: &Path,
    stack_name: &str,
    stack: &Stack,
    files: &[Asset],
) -> Result<(), WriteError> {
    let template = stack.to_json()?;
    let template_hash = hex(&Sha256::digest(&template));
    create_dir(out)?;
    asset::remove_stale(out, files).map_err(|source| failed(out, source))?;
    for asset in files {
        asset
            .copy_into(out)
            .map_err(|source| failed(&out.join(asset.folder()), source))?;
    }
    let bucket = stack.target().code.bucket_pattern();
    let assets = assets(stack_name, &template_hash, files, &bucket);
    write_file(&out.join(template_file(stack_name)), &template)?;
    write_json(&out.join(assets_file(stack_name)), &assets)?;
    let manifest = manifest(stack_name, &template_hash, stack);
    write_json(&out.join("manifest.json"), &manifest)
}

fn assets(stack_name: &str, template_hash: &str, folders: &[Asset], bucket: &str) -> Value {
    let file = |name: String, path: String, packaging: &str, key: String| {
        json!({
            "displayName": name,
            "source": { "path": path, "packaging": packaging },
            "destinations": {
                "current_account-current_region": { "bucketName": bucket, "objectKey": key },
            },
        })
    };
    let mut files = Map::new();
    for asset in folders {
        files.insert(
            asset.hash.clone(),
            file(
                asset.name.to_owned(),
                asset.folder(),
                "zip",
                format!("{}.zip", asset.hash),
            ),
        );
    }
    files.insert(
        template_hash.to_owned(),
        file(
            format!("{stack_name} template"),
            template_file(stack_name),
            "file",
            format!("{template_hash}.json"),
        ),
    );
    json!({ "version": SCHEMA_VERSION, "files": files, "dockerImages": {} })
}

fn manifest(stack_name: &str, template_hash: &str, stack: &Stack) -> Value {
    let code = &stack.target().code;
    let parameter = format!("/cdk-bootstrap/{}/version", code.qualifier);
    let assets_id = format!("{stack_name}.assets");
    json!({
        "version": SCHEMA_VERSION,
        "artifacts": {
            &assets_id: {
                "type": "cdk:asset-manifest",
                "properties": {
                    "file": assets_file(stack_name),
                    "requiresBootstrapStackVersion": BOOTSTRAP_VERSION,
                    "bootstrapStackVersionSsmParameter": &parameter,
                },
            },
            stack_name: {
                "type": "aws:cloudformation:stack",
                "environment": "aws://unknown-account/unknown-region",
                "properties": {
                    "templateFile": template_file(stack_name),
                    "stackTemplateAssetObjectUrl":
                        format!("s3://{}/{template_hash}.json", code.bucket_pattern()),
                    "requiresBootstrapStackVersion": BOOTSTRAP_VERSION,
                    "bootstrapStackVersionSsmParameter": &parameter,
                    "additionalDependencies": [&assets_id],
                },
                "dependencies": [&assets_id],
                "displayName": stack_name,
            },
        },
    })
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
