//! The custom resources of the deployed stack, as CloudFormation would ask for them.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;
use tests::Stack;

/// A custom resource.
#[derive(Clone, Debug)]
pub(crate) struct Custom {
    /// Its logical id, which is its physical id as well.
    pub(crate) id: String,
    pub(crate) kind: String,
    /// What its references lead to is written out, but for attributes of other
    /// custom resources.
    pub(crate) properties: Value,
}

impl Custom {
    /// All of the stack's.
    pub(crate) async fn all_of(stack: &Stack) -> Result<Vec<Self>> {
        let ask = async |command: &str| {
            let command = ["cloudformation", command, "--stack-name", &stack.name];
            stack.aws(&command).await
        };
        let made = ask("describe-stack-resources").await?;
        let made = made["StackResources"].as_array().context("no resources")?;
        let mut names = BTreeMap::from([
            ("AWS::AccountId".to_owned(), "000000000000".to_owned()),
            ("AWS::Partition".to_owned(), "aws".to_owned()),
            ("AWS::Region".to_owned(), tests::variable("AWS_REGION")?),
            ("AWS::StackName".to_owned(), stack.name.clone()),
        ]);
        names.extend(made.iter().filter_map(|it| {
            let text = |name: &str| it[name].as_str().map(str::to_owned);
            text("LogicalResourceId").zip(text("PhysicalResourceId"))
        }));
        let template = ask("get-template").await?;
        // As JSON, or as the text that was uploaded.
        let template = match &template["TemplateBody"] {
            Value::String(text) => serde_json::from_str(text)?,
            body => body.clone(),
        };
        let resources = template["Resources"].as_object().context("no resources")?;
        let customs = resources.iter().filter_map(|(id, it)| {
            let kind = it["Type"].as_str()?;
            kind.starts_with("Custom::").then(|| Self {
                id: id.clone(),
                kind: kind.to_owned(),
                properties: resolve(&it["Properties"], &names),
            })
        });
        Ok(customs.collect())
    }
}

/// A value with its references written out.
fn resolve(value: &Value, names: &BTreeMap<String, String>) -> Value {
    match value {
        Value::Object(object) => {
            if let Some(name) = value["Ref"].as_str() {
                return names.get(name).map_or(Value::Null, |it| it.as_str().into());
            }
            if let Some(pattern) = value["Fn::Sub"].as_str() {
                let written = names
                    .iter()
                    .fold(pattern.to_owned(), |pattern, (name, it)| {
                        pattern.replace(&format!("${{{name}}}"), it)
                    });
                return written.into();
            }
            let resolved = object
                .iter()
                .map(|(key, it)| (key.clone(), resolve(it, names)));
            Value::Object(resolved.collect())
        }
        Value::Array(values) => values.iter().map(|it| resolve(it, names)).collect(),
        other => other.clone(),
    }
}
