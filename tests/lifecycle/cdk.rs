//! `infra`, which writes a cloud assembly, and the `cdk` command line, which deploys it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};
use tests::variable;
use tokio::process::Command;

use crate::template::Template;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Both programs, and the folder for what they write.
#[derive(Clone, Debug)]
pub(crate) struct Cdk {
    infra: String,
    folder: PathBuf,
    manifest: Value,
}

/// A stack, as it is named on the command line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) stack: &'a str,
    pub(crate) region: &'a str,
}

impl Cdk {
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let written = std::fs::create_dir_all(folder);
        written.with_context(|| format!("`{}` cannot be made", folder.display()))?;
        let manifest = Path::new(ROOT).join("cdk-manifest.json");
        Ok(Self {
            infra: variable("INFRA")?,
            folder: std::path::absolute(folder)?,
            manifest: serde_json::from_str(&std::fs::read_to_string(manifest)?)?,
        })
    }

    /// The combinations of flags that there are, such as `jitr-events`.
    pub(crate) async fn combinations(&self) -> Result<Vec<String>> {
        let printed = run(Command::new(&self.infra).arg("combinations")).await?;
        Ok(printed.lines().map(str::to_owned).collect())
    }

    /// The manifest of the repository with other flags.
    pub(crate) fn manifest(&self, combination: &str) -> Value {
        let mut manifest = self.manifest.clone();
        let on: Vec<_> = combination.split('-').collect();
        let settings = manifest["default"].as_object_mut();
        for (name, setting) in settings.into_iter().flatten() {
            if setting.is_object() {
                setting["deploy"] = on.contains(&name.as_str()).into();
            }
        }
        manifest
    }

    /// Has the assembly of a stack written; returns its template, and how long that took.
    pub(crate) async fn synthesize(
        &self,
        target: Target<'_>,
        manifest: &Value,
    ) -> Result<(Template, Duration)> {
        let file = self.file(target, "manifest.json");
        std::fs::write(&file, manifest.to_string())?;
        let context = json!({
            "cloud": "local",
            "architecture": architecture()?,
            "assets": "target/local",
            "stackName": target.stack,
            "manifest": file,
        });
        let started = Instant::now();
        let mut infra = Command::new(&self.infra);
        infra
            .current_dir(ROOT)
            .env("CDK_CONTEXT_JSON", context.to_string())
            .env("CDK_OUTDIR", self.assembly(target));
        run(&mut infra).await?;
        let took = started.elapsed();
        let template = format!("{}.template.json", target.stack);
        let template = Template::read(&self.assembly(target).join(template))?;
        Ok((template, took))
    }

    /// Deploys the assembly of a stack; returns the stack's outputs.
    pub(crate) async fn deploy(&self, target: Target<'_>) -> Result<Map<String, Value>> {
        let outputs = self.file(target, "outputs.json");
        let mut cdk = self.command(target, "deploy");
        cdk.args(["--require-approval", "never", "--outputs-file"])
            .arg(&outputs);
        run(&mut cdk).await?;
        let outputs = std::fs::read_to_string(outputs)?;
        let mut outputs: Value = serde_json::from_str(&outputs)?;
        match outputs[target.stack].take() {
            Value::Object(outputs) => Ok(outputs),
            other => bail!("{} has the outputs {other}", target.stack),
        }
    }

    /// Removes a stack.
    pub(crate) async fn destroy(&self, target: Target<'_>) -> Result<()> {
        run(self.command(target, "destroy").arg("--force")).await?;
        Ok(())
    }

    /// Makes the bucket that `cdk` uploads to. Its policy wants TLS, which the local
    /// cloud does not have, and would keep the function out that unpacks the console.
    pub(crate) async fn bootstrap(&self, region: &str) -> Result<()> {
        let mut cdk = Command::new("cdk");
        // In a folder without `cdk.json`, as it would synthesize first for nothing.
        cdk.current_dir(&self.folder)
            .env("AWS_REGION", region)
            .env("AWS_DEFAULT_REGION", region)
            .args(["bootstrap", &format!("aws://000000000000/{region}")]);
        run(&mut cdk).await?;
        let bucket = format!("cdk-hnb659fds-assets-000000000000-{region}");
        let mut aws = Command::new("aws");
        aws.env("AWS_REGION", region)
            .env("AWS_DEFAULT_REGION", region)
            .args(["s3api", "delete-bucket-policy", "--bucket", &bucket]);
        run(&mut aws).await?;
        Ok(())
    }

    fn command(&self, target: Target<'_>, command: &str) -> Command {
        let mut cdk = Command::new("cdk");
        cdk.current_dir(ROOT)
            .env("AWS_REGION", target.region)
            .env("AWS_DEFAULT_REGION", target.region)
            .args([command, target.stack, "--progress", "events", "--app"])
            .arg(self.assembly(target));
        cdk
    }

    fn assembly(&self, target: Target<'_>) -> PathBuf {
        self.file(target, "out")
    }

    fn file(&self, target: Target<'_>, name: &str) -> PathBuf {
        self.folder.join(format!("{}.{name}", target.stack))
    }
}

/// The architecture of this machine, as Lambda calls it.
fn architecture() -> Result<&'static str> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("x86_64"),
        "aarch64" => Ok("arm64"),
        other => bail!("{other} is not an architecture of AWS Lambda; x86_64 and arm64 are"),
    }
}

/// Runs a program to its end; returns what it printed.
async fn run(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .with_context(|| format!("{command:?}"))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{command:?}: {}",
        end(&format!("{printed}{error}"))
    );
    Ok(printed)
}

/// The last lines of a text.
fn end(text: &str) -> String {
    let lines: Vec<_> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
