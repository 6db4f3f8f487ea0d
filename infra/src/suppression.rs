//! What checkers of templates ask for and we do not do. Each suppressed rule has
//! its reason on the resource, in its `Metadata`; [`table`] lists all of them.
//!
//! The jq program `infra/checks/findings.jq` holds them against what is found.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::local::Cloud;
use crate::policy;

/// Under this key Guard and parliament have their rules, each with its reason.
const RULES: &str = "SuppressedRules";
/// Under this key checkov has its rules, as a list.
const SKIP: &str = "skip";

/// A checker of templates.
#[derive(Clone, Copy, Debug)]
enum Tool {
    Guard,
    Checkov,
    Parliament,
}

impl Tool {
    const ALL: [Self; 3] = [Self::Guard, Self::Checkov, Self::Parliament];

    /// Whose rule it is: `sqs_queue_check` is one of Guard, `CKV_AWS_27` one of
    /// checkov, `RESOURCE_STAR` one of parliament.
    fn of(rule: &str) -> Self {
        if rule.starts_with("CKV") {
            Self::Checkov
        } else if rule.chars().any(|it| it.is_ascii_lowercase()) {
            Self::Guard
        } else {
            Self::Parliament
        }
    }

    /// Where its rules are in a resource's `Metadata`.
    fn key(self) -> &'static str {
        match self {
            Self::Guard => "guard",
            Self::Checkov => "checkov",
            Self::Parliament => "parliament",
        }
    }
}

/// Suppresses a rule, of whichever tool, in a resource's `Metadata`.
pub(crate) fn write(metadata: &mut Map<String, Value>, rule: &str, reason: &str) {
    let tool = Tool::of(rule);
    let suppressed = metadata.entry(tool.key()).or_insert_with(|| json!({}));
    match tool {
        Tool::Guard | Tool::Parliament => suppressed[RULES][rule] = reason.into(),
        Tool::Checkov => {
            let entry = json!({ "id": rule, "comment": reason });
            match &mut suppressed[SKIP] {
                Value::Array(skipped) => skipped.push(entry),
                none => *none = json!([entry]),
            }
        }
    }
}

/// Tool, rule and reason of all that a resource suppresses. The reason of a
/// wildcard is one as well: its rule is that there are none.
fn read(metadata: &Value) -> Vec<Row> {
    let by_rule = Tool::ALL.iter().flat_map(|tool| {
        let rules = metadata[tool.key()][RULES].as_object();
        let rules = rules.into_iter().flatten();
        rules.map(|(rule, reason)| Row::new(tool.key(), rule, reason))
    });
    let skipped = list(&metadata[Tool::Checkov.key()][SKIP])
        .map(|it| Row::new(Tool::Checkov.key(), text(&it["id"]), &it["comment"]));
    let wildcards = list(&metadata[policy::WILDCARDS]).flat_map(|it| {
        let only = list(&it["Resource"]).map(short);
        let except = list(&it["NotResource"]).map(|it| format!("all but {}", short(it)));
        only.chain(except)
            .map(|pattern| Row::new("wildcard", &pattern, &it["Reason"]))
    });
    by_rule.chain(skipped).chain(wildcards).collect()
}

/// A row of the table, but for the resources.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Row {
    tool: &'static str,
    rule: String,
    reason: String,
}

impl Row {
    fn new(tool: &'static str, rule: &str, reason: &Value) -> Self {
        Self {
            tool,
            rule: rule.to_owned(),
            reason: text(reason).to_owned(),
        }
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// An ARN without what all have in common.
fn short(pattern: &Value) -> String {
    let pattern = pattern.get("Fn::Sub").unwrap_or(pattern);
    match pattern.as_str() {
        Some(pattern) => pattern
            .replace("arn:${AWS::Partition}:", "")
            .replace("${AWS::Region}:${AWS::AccountId}:", ""),
        None => pattern.to_string(),
    }
}

/// [`table`] with its heading.
pub(crate) fn page(templates: impl IntoIterator<Item = (Cloud, Value)>) -> String {
    format!(
        "# What is suppressed in the templates\n\n\
         Rules that checkers of templates have and a resource does not keep, and wildcards in policies, \
         each with its reason. The reasons are in the `Metadata` of the resources; this page is made of them:\n\n\
         ```sh\ncargo run -p infra -- suppressions > docs/suppressions.md\n```\n\n\
         `scripts/test templates` fails where something is found that is not in this table, and where \
         something is in the table that is not found any more.\n\n{}",
        table(templates)
    )
}

/// All that `templates` suppress, as a Markdown table: one row for a rule and a
/// reason, with the logical ids of the resources.
fn table(templates: impl IntoIterator<Item = (Cloud, Value)>) -> String {
    let mut rows: BTreeMap<Row, (BTreeSet<String>, bool)> = BTreeMap::new();
    for (cloud, template) in templates {
        for (id, resource) in template["Resources"].as_object().into_iter().flatten() {
            for row in read(&resource["Metadata"]) {
                let (ids, on_aws) = rows.entry(row).or_default();
                ids.insert(id.clone());
                *on_aws |= cloud == Cloud::Aws;
            }
        }
    }
    let lines = rows.iter().map(|(row, (ids, on_aws))| {
        let ids: Vec<_> = ids.iter().map(|id| format!("`{id}`")).collect();
        let only = if *on_aws { "" } else { " (local cloud only)" };
        let Row { tool, rule, reason } = row;
        format!(
            "| {tool} | `{rule}`{only} | {} | {reason} |\n",
            ids.join(", ")
        )
    });
    ["| tool | rule | resources | why |\n|---|---|---|---|\n".to_owned()]
        .into_iter()
        .chain(lines)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{table, write};
    use crate::local::Cloud;

    #[test]
    fn each_tool_finds_its_rules_where_it_looks_for_them() {
        let mut metadata = Map::new();
        for rule in ["sqs_check", "CKV_AWS_27", "CKV2_AWS_1", "RESOURCE_STAR"] {
            write(&mut metadata, rule, "a trial");
        }
        assert_eq!(
            Value::from(metadata),
            json!({
                "guard": { "SuppressedRules": { "sqs_check": "a trial" } },
                "checkov": {
                    "skip": [
                        { "id": "CKV_AWS_27", "comment": "a trial" },
                        { "id": "CKV2_AWS_1", "comment": "a trial" },
                    ],
                },
                "parliament": { "SuppressedRules": { "RESOURCE_STAR": "a trial" } },
            })
        );
    }

    #[test]
    fn one_row_has_all_resources_of_a_rule_and_a_reason() {
        let queue = |reason: &str| {
            let mut metadata = Map::new();
            write(&mut metadata, "CKV_AWS_27", reason);
            json!({ "Metadata": metadata })
        };
        let wildcard = json!([{
            "Resource": [{ "Fn::Sub": "arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:thing/*" }],
            "Reason": "any device",
        }]);
        let aws = json!({ "Resources": {
            "Second": queue("a key costs"),
            "First": queue("a key costs"),
            "Other": queue("it is empty"),
        } });
        let local = json!({ "Resources": {
            "First": queue("a key costs"),
            "Role": { "Metadata": { "Wildcards": wildcard } },
        } });
        assert_eq!(
            table([(Cloud::Aws, aws), (Cloud::Local, local)]),
            "| tool | rule | resources | why |\n\
             |---|---|---|---|\n\
             | checkov | `CKV_AWS_27` | `First`, `Second` | a key costs |\n\
             | checkov | `CKV_AWS_27` | `Other` | it is empty |\n\
             | wildcard | `iot:thing/*` (local cloud only) | `Role` | any device |\n"
        );
    }
}
