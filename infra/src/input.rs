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
//! | `bucket` | that of `cdk bootstrap` | name of the bucket that binaries and templates go to |
//! | `permissionsBoundary` | none | ARN of a policy that bounds every role of the solution |
//! | `@aws-cdk/core:bootstrapQualifier` | `hnb659fds` | as given to `cdk bootstrap --qualifier` |

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Map, Value};

use crate::local::Cloud;
use crate::target::{Architecture, Store};

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
    /// The bucket for what is uploaded.
    pub store: Store,
    /// ARN of the policy that bounds every role.
    pub boundary: Option<String>,
    /// The commit that is checked out, where this is a git clone.
    pub commit: Option<String>,
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
        let mut input = Self::new(&context, out.into())?;
        input.commit = head();
        Ok(input)
    }

    /// Checks a context, outside of a git clone.
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
            store: store(context)?,
            boundary: boundary(context)?,
            commit: None,
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

fn store(context: &Map<String, Value>) -> Result<Store, InvalidInput> {
    const KEY: &str = "bucket";
    let qualifier = text(context, "@aws-cdk/core:bootstrapQualifier", "hnb659fds")?;
    if !context.contains_key(KEY) {
        return Ok(Store::Bootstrap(qualifier.to_owned()));
    }
    let name = text(context, KEY, "")?;
    let fits = (3..=63).contains(&name.len())
        && name
            .bytes()
            .all(|it| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-'));
    if !fits {
        let allowed = "the name of a bucket: 3 to 63 of a-z, 0-9, `.` and `-`";
        return Err(invalid(KEY, name, allowed));
    }
    Ok(Store::Bucket(name.to_owned()))
}

fn boundary(context: &Map<String, Value>) -> Result<Option<String>, InvalidInput> {
    const KEY: &str = "permissionsBoundary";
    if !context.contains_key(KEY) {
        return Ok(None);
    }
    let arn = text(context, KEY, "")?;
    if !(arn.starts_with("arn:") && arn.contains(":iam::") && arn.contains(":policy/")) {
        let allowed = "the ARN of a policy, `arn:aws:iam::<account>:policy/<name>`";
        return Err(invalid(KEY, arn, allowed));
    }
    Ok(Some(arn.to_owned()))
}

/// What git has checked out in the folder that `cdk` runs in.
fn head() -> Option<String> {
    let mut git = Command::new("git");
    let output = git
        .args(["rev-parse", "--verify", "--quiet", "HEAD"])
        .output();
    let output = output.ok().filter(|it| it.status.success())?;
    let commit = String::from_utf8(output.stdout).ok()?;
    Some(commit.trim().to_owned())
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
