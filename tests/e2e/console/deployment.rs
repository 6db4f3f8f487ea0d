//! A console of a test's own, deployed the way an operator deploys.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use contract::output;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::Site;

/// A stack with nothing but the console and the API, which it needs.
#[derive(Debug)]
pub(crate) struct Deployment {
    name: &'static str,
    folder: TempDir,
}

impl Deployment {
    /// A stack that is not there yet.
    pub(crate) fn new(name: &'static str) -> Result<Self> {
        let folder = TempDir::new()?;
        let deployment = Self { name, folder };
        deployment.switch(true)?;
        Ok(deployment)
    }

    /// Switches the console on or off in the manifest.
    pub(crate) fn switch(&self, console: bool) -> Result<()> {
        let off = json!({ "deploy": false });
        let manifest = json!({ "default": {
            "ownerapp": { "deploy": console },
            "defender": off, "events": off, "jitr": off, "telemetry": off,
        }});
        Ok(fs::write(self.path("manifest.json"), manifest.to_string())?)
    }

    /// Replaces the built console by these files.
    pub(crate) fn build(&self, files: &[(&str, &str)]) -> Result<()> {
        let console = self.path("console");
        if console.exists() {
            fs::remove_dir_all(&console)?;
        }
        for (name, content) in files {
            let path = console.join(name);
            fs::create_dir_all(path.parent().context("a folder")?)?;
            fs::write(path, content)?;
        }
        Ok(())
    }

    /// Deploys the stack as it is now.
    pub(crate) async fn deploy(&self) -> Result<()> {
        let outputs = self.path("outputs.json");
        let options = ["--require-approval", "never", "--outputs-file"];
        self.cdk(
            "deploy",
            options
                .map(Path::new)
                .into_iter()
                .chain([outputs.as_path()]),
        )
        .await
    }

    /// Removes the stack.
    pub(crate) async fn destroy(&self) -> Result<()> {
        self.cdk("destroy", [Path::new("--force")]).await
    }

    /// Where the console is.
    pub(crate) fn site(&self) -> Result<Site> {
        let outputs: Value = serde_json::from_slice(&fs::read(self.path("outputs.json"))?)?;
        let url = outputs[self.name][output::CONSOLE_URL].as_str();
        Site::at(url.context("the stack has no console")?)
    }

    async fn cdk<'a>(
        &self,
        command: &str,
        options: impl IntoIterator<Item = &'a Path>,
    ) -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("a workspace")?;
        let context = [
            ("cloud", Path::new("local").to_owned()),
            ("architecture", architecture().into()),
            ("assets", root.join("target/local")),
            ("console", self.path("console")),
            ("manifest", self.path("manifest.json")),
            ("stackName", self.name.into()),
        ];
        let mut cdk = Command::new("cdk");
        cdk.current_dir(root).arg(command).arg(self.name);
        cdk.arg("--output").arg(self.path("cdk.out")).args(options);
        for (key, value) in context {
            cdk.arg("--context")
                .arg(format!("{key}={}", value.display()));
        }
        let done = tokio::task::spawn_blocking(move || cdk.output()).await??;
        let told = String::from_utf8_lossy(&done.stderr);
        ensure!(
            done.status.success(),
            "cdk {command} of {}: {told}",
            self.name
        );
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// The architecture of this machine, as Lambda calls it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    }
}
