//! What the CloudFormation console asks for.

use contract::manifest;
use serde_json::{Value, json};
use stratosphere::value::{ExpString, fn_find_in_map};

use crate::stack::Stack;
use crate::target::PUBLISHED;
use crate::value::reference;

/// Key of the mapping under `Data`; `Yes` is consent.
pub(super) const SEND_ANONYMOUS_USAGE: &str = "SendAnonymousUsageData";

const REPOSITORY: &str = "Repository";
const VERSION: &str = "Version";

/// A component's parameter, label and key in the manifest, in the order of the
/// console's page.
const COMPONENTS: [(&str, &str, &str); 6] = [
    ("Api", "API", manifest::API),
    ("Defender", "Defender", "defender"),
    ("Event", "Event", "events"),
    ("Jitr", "JITR", "jitr"),
    ("WebConsole", "Web Console", manifest::OWNERAPP),
    ("Telemetry", "Telemetry", "telemetry"),
];

/// The defined parameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameters(());

impl Parameters {
    /// Defines them with their labels and groups.
    pub(super) fn define(stack: &mut Stack) -> Self {
        let mut labels = vec![(format!("{REPOSITORY}Name"), "CodeCommit repository name")];
        stack.parameter(
            &format!("{REPOSITORY}Name"),
            json!({
                "Type": "String",
                "Description": "The repository that is created, with the source in it",
                "Default": "smart-product-reference-architecture",
                "AllowedPattern": "[A-Za-z0-9._-]{1,100}",
                "ConstraintDescription": "1 to 100 letters, digits, dots, hyphens and underscores",
            }),
        );
        for (name, label, component) in COMPONENTS {
            labels.push((name.to_owned(), label));
            stack.parameter(name, flag(component));
        }
        labels.push((VERSION.to_owned(), "Version"));
        stack.parameter(
            VERSION,
            json!({
                "Type": "String",
                "Description": "The version in the manifest and in the description of the solution's stack",
                "Default": "v0.0.1",
                "AllowedPattern": "v[0-9]+\\.[0-9]+\\.[0-9]+",
                "ConstraintDescription": "like v0.0.1",
            }),
        );
        let components = COMPONENTS.map(|(name, ..)| name);
        stack.remark(
            "AWS::CloudFormation::Interface",
            json!({
                "ParameterGroups": [
                    group("Source", &[&format!("{REPOSITORY}Name")]),
                    group("Components", &components),
                    group("Release", &[VERSION]),
                ],
                "ParameterLabels": labels
                    .into_iter()
                    .map(|(name, label)| (name, json!({ "default": label })))
                    .collect::<serde_json::Map<_, _>>(),
            }),
        );
        Self(())
    }

    /// The name of the repository.
    pub(super) fn repository(self) -> ExpString {
        reference(&format!("{REPOSITORY}Name"))
    }

    /// What the manifest has to hold: its keys, and their values as texts.
    pub(super) fn manifest(self) -> Vec<(&'static str, ExpString)> {
        let consent = fn_find_in_map(PUBLISHED.0, "Data", SEND_ANONYMOUS_USAGE);
        let components = COMPONENTS.map(|(name, _, key)| (key, reference(name)));
        let others = [
            (manifest::SEND_ANONYMOUS_USAGE, consent),
            (manifest::VERSION, reference(VERSION)),
        ];
        components.into_iter().chain(others).collect()
    }
}

fn flag(component: &str) -> Value {
    json!({
        "Type": "String",
        "Description": format!("Whether the component `{component}` of the manifest is deployed"),
        "Default": "true",
        "AllowedValues": ["true", "false"],
    })
}

fn group(label: &str, parameters: &[&str]) -> Value {
    json!({ "Label": { "default": label }, "Parameters": parameters })
}
