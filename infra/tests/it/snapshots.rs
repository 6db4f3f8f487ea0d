//! The templates as they are deployed, byte for byte. A change here is a change
//! of the infrastructure: a renamed logical id, for one, replaces a resource.

use infra::local::Cloud;
use infra::manifest::Manifest;
use infra::solution;
use infra::target::Target;
use serde_json::Value;

use crate::template::Template;

#[test]
fn templates_are_unchanged() {
    let full = Manifest::full(Cloud::Aws).combination();
    for manifest in Manifest::combinations(Cloud::Aws) {
        let name = match manifest.combination() {
            all if all == full => "full".to_owned(),
            several if several.contains('-') => continue,
            one => one,
        };
        let stack = solution::define(&manifest, Target::without_binaries(Cloud::Aws));
        insta::assert_snapshot!(name, stack.to_json().unwrap());
    }
}

#[test]
fn what_the_emulator_needs_is_unchanged() {
    // What the emulator does not have at all is no difference of this kind.
    let manifest = Manifest::full(Cloud::Local);
    let aws = Template::new(&manifest, Cloud::Aws);
    let local = Template::new(&manifest, Cloud::Local);
    let lines = differences("", Some(&aws.json), Some(&local.json));
    insta::assert_snapshot!("local-differences", lines.join("\n"));
}

/// The places where two values differ, with both of them.
fn differences(path: &str, aws: Option<&Value>, local: Option<&Value>) -> Vec<String> {
    let keys: Vec<String> = match (aws, local) {
        (Some(one), Some(other)) if one == other => return Vec::new(),
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let added = other.keys().filter(|key| !one.contains_key(*key));
            one.keys().chain(added).cloned().collect()
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) if one.len() == other.len() => {
            (0..one.len()).map(|index| index.to_string()).collect()
        }
        _ => {
            let text = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
            return vec![format!(
                "{path}\n  AWS:   {}\n  local: {}",
                text(aws),
                text(local)
            )];
        }
    };
    let inner = |value: Option<&'_ Value>, key: &str| value?.pointer(&format!("/{key}")).cloned();
    keys.iter()
        .flat_map(|key| {
            let (aws, local) = (inner(aws, key), inner(local, key));
            differences(&format!("{path}/{key}"), aws.as_ref(), local.as_ref())
        })
        .collect()
}
