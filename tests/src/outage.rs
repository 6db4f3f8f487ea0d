//! Functions that fail because somebody took a right away from them.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tokio::process::Command;

use crate::Stack;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/replay");
/// Name of the policy that denies.
const POLICY: &str = "outage";

impl Stack {
    /// Runs `during` while a function may not do `actions`. Others' tests would
    /// meet the outage, so such a test runs alone: see `.config/nextest.toml`.
    ///
    /// # Errors
    ///
    /// Those of `during`, which must not panic: the outage would stay.
    pub async fn outage<T>(
        &self,
        service: &str,
        actions: &[&str],
        during: impl AsyncFnOnce() -> Result<T>,
    ) -> Result<T> {
        let function = self.lambda.get_function_configuration();
        let function = function
            .function_name(self.function(service))
            .send()
            .await?;
        let role = function.role.context("a function without a role")?;
        let role = role.rsplit('/').next().unwrap_or_default();
        let denied = json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Deny", "Action": actions, "Resource": "*"}],
        });
        self.iam
            .put_role_policy()
            .role_name(role)
            .policy_name(POLICY)
            .policy_document(denied.to_string())
            .send()
            .await?;
        let done = during().await;
        self.iam
            .delete_role_policy()
            .role_name(role)
            .policy_name(POLICY)
            .send()
            .await?;
        done
    }

    /// Runs `scripts/replay` for what a function failed at; returns what it printed.
    ///
    /// # Errors
    ///
    /// When it left something in the queue.
    pub async fn replay(&self, service: &str) -> Result<String> {
        let (status, printed) = self.try_replay(&["--function", service]).await?;
        ensure!(status == Some(0), "scripts/replay: {printed}");
        Ok(printed)
    }

    /// Runs `scripts/replay`, whatever becomes of it: its exit code, and what it printed.
    ///
    /// # Errors
    ///
    /// When it cannot be run.
    pub async fn try_replay(&self, options: &[&str]) -> Result<(Option<i32>, String)> {
        let mut command = Command::new(SCRIPT);
        command.args(options).env("STACK", &self.name);
        let output = command.output().await?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let printed = text(&output.stdout) + &text(&output.stderr);
        Ok((output.status.code(), printed))
    }
}
