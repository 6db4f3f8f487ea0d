//! An ordered CloudFormation template around `stratosphere`'s typed resources.
//!
//! It adds the attributes that `stratosphere::Template` has no place for, and
//! keeps resources in the order of their definition, which is the order of the
//! committed snapshots.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};
use stratosphere::template::{ResourceProperties, ToResource};
use stratosphere::value::{ExpBool, ToValue};

use crate::suppression;
use crate::target::Target;

/// One stack while it is being put together.
#[derive(Debug)]
pub struct Stack {
    target: Target,
    description: String,
    traced: bool,
    metadata: Vec<(String, Value)>,
    parameters: Vec<(String, Value)>,
    mappings: Vec<(String, Value)>,
    conditions: Vec<(String, Value)>,
    resources: Vec<(String, Resource)>,
    outputs: Vec<(String, Output)>,
}

impl Stack {
    /// An empty stack.
    #[must_use]
    pub fn new(target: Target, description: String) -> Self {
        Self {
            target,
            description,
            traced: false,
            metadata: Vec::new(),
            parameters: Vec::new(),
            mappings: Vec::new(),
            conditions: Vec::new(),
            resources: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// What the stack is made for.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Has each function that is defined from now on traced by X-Ray.
    pub fn trace_functions(&mut self) {
        self.traced = true;
    }

    /// Whether functions are traced.
    #[must_use]
    pub fn traces_functions(&self) -> bool {
        self.traced
    }

    /// Adds a resource.
    ///
    /// # Panics
    ///
    /// When the logical id is taken: two constructs clash, which no manifest
    /// can bring about.
    pub fn add<R: ToResource>(
        &mut self,
        logical_id: impl Into<String>,
        resource: &R,
    ) -> &mut Resource {
        self.push(logical_id.into(), Resource::new(resource))
    }

    /// Adds a resource that a function makes: `kind` is `Custom::…`.
    ///
    /// # Panics
    ///
    /// As [`Self::add`].
    pub fn add_custom(
        &mut self,
        logical_id: &str,
        kind: &str,
        properties: ResourceProperties,
    ) -> &mut Resource {
        self.push(logical_id.to_owned(), Resource::of(kind, properties))
    }

    /// Adds a resource as CloudFormation documents it: for one with a value that
    /// `stratosphere` has no type for. Linters check its properties.
    ///
    /// # Panics
    ///
    /// As [`Self::add`], and when the properties are not an object.
    pub fn add_plain(&mut self, logical_id: &str, kind: &str, properties: Value) -> &mut Resource {
        let Value::Object(properties) = properties else {
            panic!("the properties of `{logical_id}` are not an object");
        };
        self.add_custom(logical_id, kind, properties.into_iter().collect())
    }

    fn push(&mut self, logical_id: String, mut resource: Resource) -> &mut Resource {
        assert!(
            self.resources.iter().all(|(id, _)| *id != logical_id),
            "two resources have the logical id `{logical_id}`"
        );
        if let Some(boundary) = &self.target.boundary {
            resource.bound(boundary);
        }
        let (_, added) = self.resources.push_mut((logical_id, resource));
        added
    }

    /// Has every resource whose type begins with one of `kinds` made after the
    /// resource `logical_id`.
    pub fn make_first(&mut self, logical_id: &str, kinds: &[&str]) {
        for (_, resource) in &mut self.resources {
            if kinds.iter().any(|kind| resource.r#type.starts_with(kind)) {
                resource.after(logical_id);
            }
        }
    }

    /// A resource that was added, to add an attribute to it.
    ///
    /// # Panics
    ///
    /// When there is none with this logical id.
    pub fn resource(&mut self, logical_id: &str) -> &mut Resource {
        let found = self.resources.iter_mut().find(|(id, _)| id == logical_id);
        let Some((_, resource)) = found else {
            panic!("no resource has the logical id `{logical_id}`");
        };
        resource
    }

    /// Adds to what CloudFormation shows of the template.
    pub fn remark(&mut self, key: &str, value: Value) {
        self.metadata.push((key.to_owned(), value));
    }

    /// Adds a parameter.
    pub fn parameter(&mut self, name: &str, parameter: Value) {
        self.parameters.push((name.to_owned(), parameter));
    }

    /// Adds a mapping: an object of objects.
    pub fn mapping(&mut self, name: &str, mapping: Value) {
        self.mappings.push((name.to_owned(), mapping));
    }

    /// Adds a condition, for [`Resource::only_if`].
    pub fn condition(&mut self, name: &str, expression: &ExpBool) {
        self.conditions
            .push((name.to_owned(), expression.to_value()));
    }

    /// Adds an output.
    pub fn output(&mut self, name: &str, description: &'static str, value: impl Into<Value>) {
        self.outputs.push((
            name.to_owned(),
            Output {
                description,
                value: value.into(),
            },
        ));
    }

    /// Every action that its roles allow.
    #[must_use]
    pub fn allowed_actions(&self) -> Vec<String> {
        let roles = self.resources.iter().map(|(_, resource)| resource);
        let roles = roles.filter(|it| it.r#type.starts_with("AWS::IAM::"));
        let mut actions = Vec::new();
        for role in roles {
            collect_actions(&Value::Object(role.properties.clone()), &mut actions);
        }
        actions
    }

    /// The template as it is deployed: pretty JSON with a final newline.
    ///
    /// # Errors
    ///
    /// When a value cannot be written as JSON.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let mut json = serde_json::to_string_pretty(self)?;
        json.push('\n');
        Ok(json)
    }
}

impl Serialize for Stack {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut template = serializer.serialize_map(None)?;
        template.serialize_entry("AWSTemplateFormatVersion", "2010-09-09")?;
        template.serialize_entry("Description", &self.description)?;
        for (section, entries) in [
            ("Metadata", &self.metadata),
            ("Parameters", &self.parameters),
            ("Mappings", &self.mappings),
            ("Conditions", &self.conditions),
        ] {
            if !entries.is_empty() {
                template.serialize_entry(section, &InOrder(entries))?;
            }
        }
        template.serialize_entry("Resources", &InOrder(&self.resources))?;
        template.serialize_entry("Outputs", &InOrder(&self.outputs))?;
        template.end()
    }
}

/// The actions of all allowing statements in a value; a role's trust is none.
fn collect_actions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|it| collect_actions(it, found)),
        Value::Object(object) => {
            if object.get("Effect").is_some_and(|it| it == "Allow")
                && object.get("Principal").is_none()
            {
                let actions = object.get("Action").into_iter();
                let actions = actions.flat_map(|it| match it {
                    Value::Array(actions) => actions.as_slice(),
                    action => std::slice::from_ref(action),
                });
                found.extend(actions.filter_map(|it| it.as_str().map(str::to_owned)));
            }
            object.values().for_each(|it| collect_actions(it, found));
        }
        _ => {}
    }
}

/// A list of pairs, written as an object in their order.
struct InOrder<'a, T>(&'a [(String, T)]);

impl<T: Serialize> Serialize for InOrder<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// A typed resource with the attributes around its properties.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Resource {
    r#type: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_policy: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_replace_policy: Option<&'static str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    metadata: Map<String, Value>,
    properties: ResourceProperties,
}

impl Resource {
    fn new<R: ToResource>(resource: &R) -> Self {
        let kind = R::RESOURCE_TYPE_NAME.to_string();
        Self::of(&kind, resource.to_resource_properties())
    }

    fn of(kind: &str, properties: ResourceProperties) -> Self {
        Self {
            r#type: kind.to_owned(),
            depends_on: Vec::new(),
            condition: None,
            deletion_policy: None,
            update_replace_policy: None,
            metadata: Map::new(),
            properties,
        }
    }

    /// Has a role do no more than the policy with the ARN `boundary` allows.
    fn bound(&mut self, boundary: &str) {
        if self.r#type == "AWS::IAM::Role" {
            self.properties
                .insert("PermissionsBoundary".to_owned(), boundary.into());
        }
    }

    /// Keeps what it holds when the stack or the component goes.
    pub fn retain(&mut self) -> &mut Self {
        self.deletion_policy = Some("Retain");
        self.update_replace_policy = Some("Retain");
        self
    }

    /// Says that nothing in it is worth keeping; linters ask for the decision.
    pub fn dispose(&mut self) -> &mut Self {
        self.deletion_policy = Some("Delete");
        self.update_replace_policy = Some("Delete");
        self
    }

    /// An order that no reference implies.
    pub fn after(&mut self, logical_id: &str) -> &mut Self {
        self.depends_on.push(logical_id.to_owned());
        self
    }

    /// Exists only where a condition of the template holds.
    pub fn only_if(&mut self, condition: &str) -> &mut Self {
        self.condition = Some(condition.to_owned());
        self
    }

    /// A remark beside the resource, for example the reason of a wildcard.
    pub fn remark(&mut self, key: &str, value: Value) -> &mut Self {
        self.metadata.insert(key.to_owned(), value);
        self
    }

    /// Leaves out a rule of Guard, checkov or parliament for this resource, and
    /// says why; its id tells whose it is.
    pub fn suppress(&mut self, rule: &str, reason: &str) -> &mut Self {
        suppression::write(&mut self.metadata, rule, reason);
        self
    }
}

#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    description: &'static str,
    value: Value,
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use stratosphere::services::aws::sqs;
    use stratosphere::value::{AWS_REGION, equals_string};

    use super::Stack;
    use crate::local::Cloud;
    use crate::target::Target;

    #[test]
    fn resources_stay_in_order_and_carry_their_attributes() {
        let mut stack = Stack::new(
            Target::without_binaries(Cloud::Aws),
            "Two queues".to_owned(),
        );
        stack.condition("InVirginia", &equals_string(AWS_REGION, "us-east-1"));
        stack.add("Second", &sqs::Queue! {});
        stack
            .add("First", &sqs::Queue! { fifo_queue: true })
            .retain()
            .after("Second")
            .only_if("InVirginia")
            .remark("Why", json!("a trial"))
            .suppress("a_rule", "it is a trial");
        stack.output("Region", "Where it is", json!(AWS_REGION));
        insta::assert_snapshot!(stack.to_json().unwrap());
    }

    #[test]
    #[should_panic(expected = "two resources have the logical id `Queue`")]
    fn a_logical_id_is_used_once() {
        let mut stack = Stack::new(Target::without_binaries(Cloud::Aws), String::new());
        stack.add("Queue", &sqs::Queue! {});
        stack.add("Queue", &sqs::Queue! {});
    }
}
