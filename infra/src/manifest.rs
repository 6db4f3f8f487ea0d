//! `cdk-manifest.json`: which components are deployed, and with which topics.
//!
//! The JSON Schema beside the manifest says what a value may be; the rules in
//! this file say what it cannot: how values depend on each other.

mod rules;
mod schema;
mod syntax;

use std::collections::BTreeMap;
use std::fmt;

use contract::topic;
use serde::Deserialize;
use serde_json::Value;

/// The features, with the defaults of the platform contract where the manifest
/// says nothing.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Manifest {
    /// Version of the solution, part of the stack's description.
    pub version: String,
    /// Whether anonymous usage data is sent.
    pub send_anonymous_usage: bool,
    /// Where it is sent; there is an address if and only if it is sent.
    pub usage_data_url: Option<String>,
    /// Whether functions are traced by X-Ray.
    pub tracing: bool,
    /// Telemetry and analytics.
    pub telemetry: Telemetry,
    /// Events and alerts.
    pub events: Events,
    /// Just-in-time registration.
    pub jitr: Jitr,
    /// The REST API.
    pub api: Api,
    /// The web console.
    pub ownerapp: Component,
    /// Device Defender.
    pub defender: Defender,
}

/// A component without options.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default)]
pub struct Component {
    /// Whether it is deployed.
    pub deploy: bool,
}

/// Telemetry and analytics.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Telemetry {
    /// Whether it is deployed.
    pub deploy: bool,
    /// Where telemetry comes from.
    pub env: TelemetryEnv,
    /// For how long it is gathered before it is written, in seconds.
    pub buffer_seconds: i32,
    /// For how long it is kept, in days.
    pub keep_days: i32,
    /// The fields of product models that get a column of their own, with the
    /// types that the models give them.
    pub columns: BTreeMap<String, String>,
}

/// Where telemetry comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TelemetryEnv {
    /// Prefix; the device id follows.
    pub telemetry_topic: String,
}

/// Events and alerts.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct Events {
    /// Whether they are deployed.
    pub deploy: bool,
    /// Where events come from.
    pub env: EventsEnv,
}

/// Where events come from.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct EventsEnv {
    /// Prefix; the device id follows.
    pub event_topic: String,
}

/// Just-in-time registration.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Jitr {
    /// Whether it is deployed.
    pub deploy: bool,
    /// The CAs whose devices are let in; empty for any registered CA.
    pub ca_certificate_ids: Vec<String>,
}

/// Device Defender.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default)]
pub struct Defender {
    /// Whether it is deployed.
    pub deploy: bool,
    /// Whether the behaviour of devices is watched, which AWS lets only those
    /// accounts begin that did it before September 2026.
    pub detect: bool,
}

/// The REST API.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Api {
    /// Whether it is deployed.
    pub deploy: bool,
    /// Web pages of which other origins may use it; the console needs none.
    pub allow_origins: Vec<String>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            version: "v0.0.1".to_owned(),
            send_anonymous_usage: false,
            usage_data_url: None,
            tracing: false,
            telemetry: Telemetry::default(),
            events: Events::default(),
            jitr: Jitr::default(),
            api: Api::default(),
            ownerapp: Component::default(),
            defender: Defender::default(),
        }
    }
}

impl Default for Component {
    fn default() -> Self {
        Self { deploy: true }
    }
}

impl Default for Defender {
    fn default() -> Self {
        Self {
            deploy: true,
            detect: true,
        }
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            deploy: true,
            env: TelemetryEnv::default(),
            buffer_seconds: 300,
            keep_days: 1_096,
            columns: sample_columns(),
        }
    }
}

/// The fields of the models that come with the product.
fn sample_columns() -> BTreeMap<String, String> {
    const MODELS: [&str; 2] = [
        include_str!("../../models/lock-1.json"),
        include_str!("../../models/thermostat-1.json"),
    ];
    let fields = |model: &str| -> Vec<(String, String)> {
        let model: Value = match serde_json::from_str(model) {
            Ok(model) => model,
            Err(error) => unreachable!("a sample model is not JSON: {error}"),
        };
        let fields = model["telemetry"].as_object().into_iter().flatten();
        fields
            .filter_map(|(name, field)| Some((name.clone(), field["type"].as_str()?.to_owned())))
            .collect()
    };
    MODELS.into_iter().flat_map(fields).collect()
}

impl Default for TelemetryEnv {
    fn default() -> Self {
        Self {
            telemetry_topic: topic::TELEMETRY.to_owned(),
        }
    }
}

impl Default for Events {
    fn default() -> Self {
        Self {
            deploy: true,
            env: EventsEnv::default(),
        }
    }
}

impl Default for EventsEnv {
    fn default() -> Self {
        Self {
            event_topic: topic::EVENT.to_owned(),
        }
    }
}

impl Default for Jitr {
    fn default() -> Self {
        Self {
            deploy: true,
            ca_certificate_ids: Vec::new(),
        }
    }
}

impl Default for Api {
    fn default() -> Self {
        Self {
            deploy: true,
            allow_origins: Vec::new(),
        }
    }
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// - Not JSON, or a key twice in one object: the first place, by line and column.
    /// - Otherwise everything that is not as the schema and the rules want it.
    pub fn parse(text: &str) -> Result<Self, InvalidManifest> {
        let document = syntax::parse(text)?;
        let mut problems = schema::check(&document);
        problems.extend(rules::check(&document));
        if !problems.is_empty() {
            return Err(InvalidManifest(problems));
        }
        serde_json::from_value(document["default"].clone())
            .map_err(|error| InvalidManifest(vec![error.to_string()]))
    }
}

/// What is wrong with a manifest, one sentence for each problem.
#[derive(Debug, thiserror::Error)]
pub struct InvalidManifest(Vec<String>);

impl fmt::Display for InvalidManifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(problems) = self;
        f.write_str(&problems.join("\n"))
    }
}

/// A value as an error quotes it: JSON, cut after 60 characters.
fn quote(value: &Value) -> String {
    const MOST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
