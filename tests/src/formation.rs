//! Stacks of a test's own, whose custom resources the deployed helper makes.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Stack, eventually};

/// A stack; it goes with [`Formation::delete`].
#[derive(Debug)]
pub struct Formation<'a> {
    stack: &'a Stack,
    name: String,
}

impl Stack {
    /// A stack that does not exist yet.
    #[must_use]
    pub fn formation(&self) -> Formation<'_> {
        Formation {
            stack: self,
            name: format!("Trial{}", Uuid::new_v4().simple()),
        }
    }

    /// A resource that the deployed helper makes.
    ///
    /// # Errors
    ///
    /// When the helper is not there.
    pub async fn custom(&self, kind: &str, properties: Value) -> Result<Value> {
        let helper = self.helper().await?;
        let mut properties = properties;
        properties["ServiceToken"] = helper["FunctionArn"].clone();
        Ok(json!({ "Type": kind, "Properties": properties }))
    }

    /// Name of the helper's role.
    ///
    /// # Errors
    ///
    /// When the helper is not there.
    pub async fn helper_role(&self) -> Result<String> {
        let helper = self.helper().await?;
        let role = helper["Role"].as_str().and_then(|it| it.rsplit_once('/'));
        Ok(role.context("a role has a name")?.1.to_owned())
    }

    async fn helper(&self) -> Result<Value> {
        let name = self.function("custom-resource");
        let command = [
            "lambda",
            "get-function-configuration",
            "--function-name",
            &name,
        ];
        self.aws(&command).await
    }
}

impl Formation<'_> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Creates the stack, or updates it by `command` `update-stack`, and waits for
    /// the end of it, which is returned.
    ///
    /// # Errors
    ///
    /// When `CloudFormation` does not take the template, or does not come to an end.
    pub async fn put(&self, command: &str, resources: Value, outputs: Value) -> Result<String> {
        let mut template = json!({ "Resources": resources });
        if !outputs.is_null() {
            template["Outputs"] = outputs;
        }
        let template = template.to_string();
        let arguments = [
            "cloudformation",
            command,
            "--stack-name",
            &self.name,
            "--capabilities",
            "CAPABILITY_IAM",
            "--template-body",
            &template,
        ];
        self.stack.aws(&arguments).await?;
        eventually("the end of a deployment", async || {
            let status = self.describe().await?["StackStatus"].clone();
            let status = status.as_str().context("a stack has a status")?;
            Ok((!status.ends_with("_IN_PROGRESS")).then(|| status.to_owned()))
        })
        .await
    }

    /// An output.
    ///
    /// # Errors
    ///
    /// When there is none of the name.
    pub async fn output(&self, name: &str) -> Result<String> {
        let stack = self.describe().await?;
        let outputs = stack["Outputs"].as_array();
        let output = outputs.into_iter().flatten();
        let output = output.clone().find(|it| it["OutputKey"] == name);
        let value = output.and_then(|it| it["OutputValue"].as_str());
        Ok(value
            .with_context(|| format!("no output {name}: {stack}"))?
            .to_owned())
    }

    /// Why a resource could not be made.
    ///
    /// # Errors
    ///
    /// When it was.
    pub async fn reason(&self, logical_id: &str) -> Result<String> {
        let command = [
            "cloudformation",
            "describe-stack-events",
            "--stack-name",
            &self.name,
        ];
        let events = self.stack.aws(&command).await?;
        let events = events["StackEvents"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let failed = events.iter().find(|it| {
            it["LogicalResourceId"] == logical_id && it["ResourceStatus"] == "CREATE_FAILED"
        });
        let reason = failed.and_then(|it| it["ResourceStatusReason"].as_str());
        Ok(reason
            .with_context(|| format!("{logical_id} did not fail"))?
            .to_owned())
    }

    /// Whether a resource was ever begun.
    ///
    /// # Errors
    ///
    /// When the stack is not there.
    pub async fn began(&self, logical_id: &str) -> Result<bool> {
        let command = [
            "cloudformation",
            "describe-stack-events",
            "--stack-name",
            &self.name,
        ];
        let events = self.stack.aws(&command).await?;
        let mut events = events["StackEvents"].as_array().into_iter().flatten();
        Ok(events.any(|it| {
            it["LogicalResourceId"] == logical_id && it["ResourceStatus"] == "CREATE_COMPLETE"
        }))
    }

    /// Deletes the stack, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// When it stays.
    pub async fn delete(&self) -> Result<()> {
        let name = &self.name;
        self.stack
            .aws(&["cloudformation", "delete-stack", "--stack-name", name])
            .await?;
        eventually("the end of a stack", async || match self.describe().await {
            Err(err) if err.to_string().contains("does not exist") => Ok(Some(())),
            Err(err) => Err(err),
            Ok(stack) => match stack["StackStatus"].as_str() {
                Some("DELETE_COMPLETE") => Ok(Some(())),
                Some("DELETE_FAILED") => bail!("it could not be deleted: {stack}"),
                _ => Ok(None),
            },
        })
        .await
    }

    async fn describe(&self) -> Result<Value> {
        let command = [
            "cloudformation",
            "describe-stacks",
            "--stack-name",
            &self.name,
        ];
        let stacks = self.stack.aws(&command).await?;
        let stack = stacks["Stacks"][0].clone();
        ensure!(stack.is_object(), "{stacks}");
        Ok(stack)
    }
}
