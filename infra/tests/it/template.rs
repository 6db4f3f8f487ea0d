//! Finds its way around a template.

use infra::local::Cloud;
use infra::manifest::Manifest;
use infra::pipeline::{self, PipelineProps};
use infra::solution;
use infra::target::Target;
use serde_json::Value;

/// A template and the words by which a failing test names it.
pub(crate) struct Template {
    pub(crate) name: String,
    pub(crate) json: Value,
}

/// One resource of a template.
#[derive(Clone, Copy)]
pub(crate) struct Resource<'a> {
    pub(crate) id: &'a str,
    json: &'a Value,
}

impl Template {
    pub(crate) fn new(manifest: &Manifest, cloud: Cloud) -> Self {
        let stack = solution::define(manifest, Target::without_binaries(cloud));
        let json = serde_json::from_str(&stack.to_json().unwrap()).unwrap();
        Self {
            name: format!("{cloud:?} with {}", manifest.combination()),
            json,
        }
    }

    /// Each combination of flags, for AWS and for the emulator.
    pub(crate) fn all() -> Vec<Self> {
        let clouds = [Cloud::Aws, Cloud::Local];
        let of =
            |cloud| Manifest::combinations(cloud).map(move |manifest| Self::new(&manifest, cloud));
        clouds.into_iter().flat_map(of).collect()
    }

    /// All that is built, on AWS.
    pub(crate) fn full() -> Self {
        Self::new(&Manifest::full(Cloud::Aws), Cloud::Aws)
    }

    /// The stack of the pipeline.
    pub(crate) fn pipeline() -> Self {
        let props = PipelineProps {
            source: "source.zip",
            published: None,
        };
        let stack = pipeline::define(Target::without_binaries(Cloud::Aws), &props);
        Self {
            name: "the pipeline".to_owned(),
            json: serde_json::from_str(&stack.to_json().unwrap()).unwrap(),
        }
    }

    /// Each stack there may be: [`Self::all`], and the pipeline's.
    pub(crate) fn stacks() -> Vec<Self> {
        let mut stacks = Self::all();
        stacks.push(Self::pipeline());
        stacks
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = Resource<'_>> {
        let resources = self.json["Resources"].as_object().unwrap();
        resources.iter().map(|(id, json)| Resource { id, json })
    }

    pub(crate) fn of_type(&self, kind: &str) -> impl Iterator<Item = Resource<'_>> {
        self.resources()
            .filter(move |resource| resource.kind() == kind)
    }

    pub(crate) fn resource<'a>(&'a self, id: &'a str) -> Resource<'a> {
        Resource {
            id,
            json: &self.json["Resources"][id],
        }
    }
}

impl<'a> Resource<'a> {
    pub(crate) fn kind(self) -> &'a str {
        self.json["Type"].as_str().unwrap()
    }

    pub(crate) fn properties(self) -> &'a Value {
        &self.json["Properties"]
    }

    /// An attribute beside the properties.
    pub(crate) fn attribute(self, name: &str) -> &'a Value {
        &self.json[name]
    }

    /// Every policy statement in it, whatever the property is called.
    pub(crate) fn statements(self) -> Vec<&'a Value> {
        objects(self.json)
            .into_iter()
            .filter(|object| object.get("Effect").is_some())
            .collect()
    }
}

/// Every object in a value, from the outside in.
pub(crate) fn objects(value: &Value) -> Vec<&Value> {
    let inner: Vec<&Value> = match value {
        Value::Object(object) => object.values().collect(),
        Value::Array(array) => array.iter().collect(),
        _ => Vec::new(),
    };
    let own = value.is_object().then_some(value);
    own.into_iter()
        .chain(inner.into_iter().flat_map(objects))
        .collect()
}

/// A property that may be one value or a list of them.
pub(crate) fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().collect(),
        value => vec![value],
    }
}

/// The logical id that a `Ref` or `Fn::GetAtt` names.
pub(crate) fn target(value: &Value) -> Option<&str> {
    value["Ref"]
        .as_str()
        .or_else(|| value["Fn::GetAtt"][0].as_str())
}
