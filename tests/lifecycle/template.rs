//! The template that `infra` has written for a stack.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::kinds::{LISTS, PARTS};

/// What a stack is to consist of.
#[derive(Debug)]
pub(crate) struct Template {
    /// Bytes of it.
    pub(crate) size: usize,
    resources: BTreeMap<String, Value>,
}

impl Template {
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let mut template: Value = serde_json::from_str(&text)?;
        let resources = template["Resources"].take();
        let template = Self {
            size: text.len(),
            resources: serde_json::from_value(resources)?,
        };
        for kind in template.resources().values() {
            let known = LISTS.iter().any(|it| it.kind == *kind)
                || PARTS.iter().any(|it| kind.starts_with(it));
            ensure!(
                known,
                "tests/lifecycle does not know how {kind} is listed; add a line to kinds.rs"
            );
        }
        Ok(template)
    }

    /// The types of its resources, by their logical ids.
    pub(crate) fn resources(&self) -> BTreeMap<&str, &str> {
        self.resources
            .iter()
            .map(|(id, it)| (id.as_str(), it["Type"].as_str().unwrap_or_default()))
            .collect()
    }

    /// The logical ids of what outlives the stack.
    pub(crate) fn kept(&self) -> BTreeSet<&str> {
        self.resources
            .iter()
            .filter(|(_, it)| it["DeletionPolicy"] == "Retain")
            .map(|(id, _)| id.as_str())
            .collect()
    }
}
