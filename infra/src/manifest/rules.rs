//! What the schema cannot say. The rules look at the document, not at the
//! parsed manifest, so that they find their problems beside those of the schema.

use std::collections::BTreeMap;

use contract::{telemetry, topic};
use serde_json::Value;

use super::quote;
use crate::flag::Flag;

/// Topics that a device may not publish on, or whose meaning is fixed.
const FIXED: &[(&str, &str)] = &[("commands", topic::COMMANDS), ("alerts", topic::ALERTS)];

pub(super) fn check(document: &Value) -> Vec<String> {
    let Some(default) = document
        .get("default")
        .filter(|default| default.is_object())
    else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    usage_data(default, &mut problems);
    dependencies(default, &mut problems);
    topics(default, &mut problems);
    origins(default, &mut problems);
    columns(default, &mut problems);
    problems
}

/// Two fields cannot share a column, nor have one that every row has.
fn columns(default: &Value, problems: &mut Vec<String>) {
    let fixed = telemetry::FIXED.iter().map(|(name, _)| *name);
    let mut taken: BTreeMap<String, String> = fixed
        .chain([telemetry::DAY])
        .map(|name| (name.to_owned(), "every row has".to_owned()))
        .collect();
    let fields = default["telemetry"]["columns"].as_object();
    for (field, kind) in fields.into_iter().flatten() {
        let name = telemetry::column(field);
        let numeric = kind.as_str().and_then(telemetry::ColumnKind::measured);
        let twin = numeric.filter(|it| it.is_numeric());
        let twin = twin.map(|_| telemetry::twin(&name));
        for name in [name].into_iter().chain(twin) {
            let owner = format!("`{field}` has");
            if let Some(other) = taken.insert(name.clone(), owner) {
                problems.push(format!(
                    "default.telemetry.columns.{field}: found a field whose column `{name}` {other} \
                     already; leave it out, its values are among the extra ones"
                ));
            }
        }
    }
}

/// Usage data goes to nobody but whom the manifest names.
fn usage_data(default: &Value, problems: &mut Vec<String>) {
    let sent = default["sendAnonymousUsage"] == true;
    match (sent, default.get("usageDataUrl")) {
        (true, None) => problems.push(
            "default.usageDataUrl: missing, but default.sendAnonymousUsage is true; name the \
             `https://` address that usage data is sent to, or set default.sendAnonymousUsage to \
             false"
                .to_owned(),
        ),
        (false, Some(url)) => {
            let url = quote(url);
            problems.push(format!(
                "default.usageDataUrl: found {url}, but nothing is sent there; leave it out, or set \
                 default.sendAnonymousUsage to true"
            ));
        }
        (true, Some(_)) | (false, None) => {}
    }
}

fn dependencies(default: &Value, problems: &mut Vec<String>) {
    if deployed(default, "ownerapp") && !deployed(default, "api") {
        let found = found(default, "ownerapp");
        problems.push(format!(
            "default.ownerapp.deploy: {found}, but the console needs the API; \
             set it to false, or default.api.deploy to true"
        ));
    }
    if !Flag::ALL.iter().any(|flag| deployed(default, flag.name())) {
        let flags = Flag::ALL.map(|flag| format!("default.{}.deploy", flag.name()));
        problems.push(format!(
            "default: found nothing to deploy; set at least one of {} to true",
            flags.join(", ")
        ));
    }
}

/// A device's message must reach one rule and no one else's topic.
fn topics(default: &Value, problems: &mut Vec<String>) {
    let telemetry = prefix(default, "telemetry", "telemetryTopic", topic::TELEMETRY);
    let event = prefix(default, "events", "eventTopic", topic::EVENT);
    let telemetry_key = "default.telemetry.env.telemetryTopic";
    let event_key = "default.events.env.eventTopic";
    if overlap(telemetry, event) {
        problems.push(format!(
            "{event_key}: found \"{event}\", which overlaps with {telemetry_key} (\"{telemetry}\"); \
             neither may be the beginning of the other"
        ));
    }
    for (key, prefix) in [(telemetry_key, telemetry), (event_key, event)] {
        for (owner, fixed) in FIXED.iter().filter(|(_, fixed)| overlap(prefix, fixed)) {
            problems.push(format!(
                "{key}: found \"{prefix}\", which overlaps with the topics of {owner} (\"{fixed}\"); \
                 neither may be the beginning of the other"
            ));
        }
    }
}

/// An origin that no browser sends would allow nobody, in silence.
fn origins(default: &Value, problems: &mut Vec<String>) {
    let origins = default["api"]["allowOrigins"].as_array();
    for (index, origin) in origins.into_iter().flatten().enumerate() {
        let Some((host, port)) = origin.as_str().and_then(|it| it.rsplit_once(':')) else {
            continue;
        };
        let wrong = match port.parse::<u32>() {
            Ok(443) => format!("browsers leave this port out; write \"{host}\""),
            Ok(65_536..) => "ports end at 65535".to_owned(),
            _ => continue,
        };
        let origin = quote(origin);
        problems.push(format!(
            "default.api.allowOrigins[{index}]: found {origin}, but {wrong}"
        ));
    }
}

/// Whether one topic is the other, or lies below it.
fn overlap(one: &str, other: &str) -> bool {
    one.split('/')
        .zip(other.split('/'))
        .all(|(one, other)| one == other)
}

/// The flag; true where it is missing or not a flag, as everything is on by
/// default and the schema complains about the rest.
fn deployed(default: &Value, component: &str) -> bool {
    default[component]["deploy"].as_bool().unwrap_or(true)
}

/// How an error says what makes a component deployed.
fn found(default: &Value, component: &str) -> &'static str {
    match default[component].get("deploy") {
        Some(_) => "found true",
        None => "missing, which means true",
    }
}

fn prefix<'a>(default: &'a Value, component: &str, name: &str, missing: &'a str) -> &'a str {
    default[component]["env"][name].as_str().unwrap_or(missing)
}
