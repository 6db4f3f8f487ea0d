//! What the `cdk` command line hands to the program: the context (`cdk.json`,
//! `--context name=value`) and the folder to write to.
//!
//! | context | default | meaning |
//! |---|---|---|
//! | `stackName` | `SmartProductSolutionStack` | name of the stack, part of every name in it |
//! | `cloud` | `aws` | `aws`, or `local` for the emulator |
//! | `architecture` | `arm64` | instruction set of the binaries: `arm64` or `x86_64` |
//! | `assets` | `target/lambda` | folder with `<service>/bootstrap` for each service |
//! | `console` | `webconsole/dist` | folder of the built web console, with `index.html` |
//! | `manifest` | `cdk-manifest.json` | the manifest |
//! | `@aws-cdk/core:bootstrapQualifier` | `hnb659fds` | as given to `cdk bootstrap --qualifier` |

use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::local::Cloud;
use crate::target::Architecture;

/// Longest stack name, in characters, with which the longest name in a stack,
/// `{stack}-custom-resource` of a function, stays within 64.
const STACK_NAME_MAX: usize = 40;

/// The context, checked.
#[derive(Clone, Debug)]
pub struct Input {
    /// Name of the stack.
    pub stack_name: String,
    /// Where it goes.
    pub cloud: Cloud,
    /// What the functions are compiled for.
    pub architecture: Architecture,
    /// Folder of the function binaries.
    pub assets: PathBuf,
    /// Folder of the built web console.
    pub console: PathBuf,
    /// Path of the manifest.
    pub manifest: PathBuf,
    /// Qualifier of the bootstrap stack.
    pub qualifier: String,
    /// Folder that gets the cloud assembly.
    pub out: PathBuf,
}

/// A context value that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidInput {
    /// The environment holds something else than JSON.
    #[error("CDK_CONTEXT_JSON is not a JSON object: run this program through `cdk`")]
    NotAnObject,
    /// A value of the wrong kind.
    #[error("context `{key}`: found {found}; it has to be {allowed}")]
    Value {
        /// Which value.
        key: &'static str,
        /// What it is, as JSON.
        found: String,
        /// What it may be.
        allowed: &'static str,
    },
}

impl Input {
    /// Reads the environment that `cdk` sets for its app.
    ///
    /// # Errors
    ///
    /// When a context value is not one of those in the table above.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the environment of the program"
    )]
    pub fn from_env() -> Result<Self, InvalidInput> {
        let context = std::env::var("CDK_CONTEXT_JSON").unwrap_or_else(|_| "{}".to_owned());
        let out = std::env::var_os("CDK_OUTDIR").unwrap_or_else(|| "cdk.out".into());
        let context: Map<String, Value> =
            serde_json::from_str(&context).map_err(|_| InvalidInput::NotAnObject)?;
        Self::new(&context, out.into())
    }

    /// Checks a context.
    ///
    /// # Errors
    ///
    /// As [`Self::from_env`].
    pub fn new(context: &Map<String, Value>, out: PathBuf) -> Result<Self, InvalidInput> {
        let text = |key, default| text(context, key, default);
        let stack_name = text("stackName", "SmartProductSolutionStack")?;
        if !is_stack_name(stack_name) {
            return Err(invalid(
                "stackName",
                stack_name,
                "a letter, then up to 39 letters, digits and hyphens",
            ));
        }
        Ok(Self {
            stack_name: stack_name.to_owned(),
            cloud: match text("cloud", "aws")? {
                "aws" => Cloud::Aws,
                "local" => Cloud::Local,
                other => return Err(invalid("cloud", other, "`aws` or `local`")),
            },
            architecture: match text("architecture", "arm64")? {
                "arm64" => Architecture::Arm64,
                "x86_64" => Architecture::X86_64,
                other => return Err(invalid("architecture", other, "`arm64` or `x86_64`")),
            },
            assets: text("assets", "target/lambda")?.into(),
            console: text("console", "webconsole/dist")?.into(),
            manifest: text("manifest", "cdk-manifest.json")?.into(),
            qualifier: text("@aws-cdk/core:bootstrapQualifier", "hnb659fds")?.to_owned(),
            out,
        })
    }
}

fn text<'a>(
    context: &'a Map<String, Value>,
    key: &'static str,
    default: &'a str,
) -> Result<&'a str, InvalidInput> {
    match context.get(key) {
        None => Ok(default),
        Some(Value::String(value)) if !value.is_empty() => Ok(value),
        Some(other) => Err(InvalidInput::Value {
            key,
            found: other.to_string(),
            allowed: "a text that is not empty",
        }),
    }
}

fn is_stack_name(name: &str) -> bool {
    name.len() <= STACK_NAME_MAX
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn invalid(key: &'static str, found: &str, allowed: &'static str) -> InvalidInput {
    InvalidInput::Value {
        key,
        found: format!("\"{found}\""),
        allowed,
    }
}
