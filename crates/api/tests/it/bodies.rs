//! A body that keeps to its schema is taken, any other is refused.

use api::command::NewCommand;
use api::event::EventUpdate;
use api::registration::NewRegistration;
use api::setting::SettingBody;
use api::threshold::ThresholdUpdate;
use domain::event::Change;
use domain::settings::{SolutionSetting, UserSettings};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::schema;

#[test]
fn registrations() {
    let whole = json!({"deviceId": "SN-1", "deviceName": "Hall", "modelNumber": "thermostat-1"});
    let bodies = variants(
        &whole,
        &[
            ("deviceId", json!("events")),
            ("deviceId", json!("alerts")),
            ("deviceId", json!("alerts2")),
            ("deviceId", json!("a/b")),
            ("deviceId", json!("x".repeat(128))),
            ("deviceId", json!("x".repeat(129))),
            ("deviceId", json!("SN-1\n")),
            ("deviceName", json!("  ")),
            ("deviceName", json!("\u{a0}\u{2003}")),
            ("deviceName", json!("\u{feff}")),
            ("deviceName", json!("\u{1f321}".repeat(128))),
            ("deviceName", json!("\u{1f321}".repeat(129))),
            ("deviceName", json!("a\0")),
            ("deviceName", json!("a\n")),
            ("deviceName", json!("a\u{85}")),
            ("deviceName", json!("")),
            ("modelNumber", json!("a b")),
            ("modelNumber", json!("_.,@/:#-")),
            ("modelNumber", json!("")),
        ],
    );
    agree::<NewRegistration>("NewRegistration", bodies);
}

#[test]
fn commands() {
    let whole = json!({"command": "set-temp", "value": 72.5, "details": {"unit": "F"}});
    let bodies = variants(
        &whole,
        &[
            ("command", json!("set temp")),
            ("command", json!("x".repeat(129))),
            ("command", json!("")),
            ("value", json!({"a": [1, "x", null, {}]})),
            ("details", json!(null)),
            ("details", json!([])),
            ("details", json!({})),
        ],
    );
    agree::<NewCommand>("NewCommand", bodies);
}

#[test]
fn settings() {
    let whole = json!({"setting": {"alertLevel": ["error", "error"], "sendNotification": true}});
    let setting = |it| json!({"setting": it});
    let mut bodies = variants(&whole, &[]);
    bodies.extend([
        setting(json!({"alertLevel": [], "sendNotification": false})),
        setting(json!({"alertLevel": ["fatal"], "sendNotification": false})),
        setting(json!({"alertLevel": "error", "sendNotification": false})),
        setting(json!({"alertLevel": [], "sendNotification": 1})),
        setting(json!({"alertLevel": [], "sendNotification": false, "more": 1})),
        setting(json!({"alertLevel": []})),
        setting(json!({})),
        setting(json!([])),
    ]);
    agree::<SettingBody<UserSettings>>("UserSettingBody", bodies.clone());
    agree::<SettingBody<SolutionSetting>>("SolutionSettingBody", bodies);
}

#[test]
fn event_updates() {
    let whole = json!({"ack": true, "suppress": false});
    let mut bodies = variants(
        &whole,
        &[
            ("ack", json!(false)),
            ("ack", json!("true")),
            ("ack", json!(0)),
        ],
    );
    bodies.push(json!({}));
    let validator = schema("EventUpdate");
    for body in bodies {
        // What is left to the domain: one flag at least.
        let taken = serde_json::from_value::<EventUpdate>(body.clone())
            .is_ok_and(|it| Change::of(it.ack, it.suppress).is_some());
        assert_eq!(taken, validator.is_valid(&body), "{body}");
    }
}

#[test]
fn threshold_updates() {
    let whole = json!({"above": 35_000, "below": 33_000.5, "seconds": 900, "enabled": false});
    let mut bodies = variants(
        &whole,
        &[
            ("above", json!(1e15)),
            ("above", json!(1e16)),
            ("below", json!(-1e15)),
            ("below", json!(-1e16)),
            ("seconds", json!(0)),
            ("seconds", json!(60.0)),
            ("seconds", json!(0.5)),
            ("seconds", json!(86_400)),
            ("seconds", json!(86_401)),
            ("seconds", json!(-1)),
        ],
    );
    bodies.push(json!({"enabled": null}));
    let validator = schema("ThresholdUpdate");
    for body in bodies {
        // One field at least.
        let taken = serde_json::from_value::<ThresholdUpdate>(body.clone());
        let taken = body.is_object() && taken.is_ok_and(|it| it.change().is_some());
        assert_eq!(taken, validator.is_valid(&body), "{body}");
    }
}

/// `whole`, without each of its fields, with `null` and other types in each, with
/// one field more, and with each of `changes`.
fn variants(whole: &Value, changes: &[(&str, Value)]) -> Vec<Value> {
    let with = |field: &str, value: &Value| {
        let mut body = whole.clone();
        body[field] = value.clone();
        body
    };
    let mut bodies = vec![
        whole.clone(),
        with("color", &json!("red")),
        json!({}),
        json!([]),
        json!(null),
    ];
    for field in whole.as_object().unwrap().keys() {
        let mut without = whole.clone();
        without.as_object_mut().unwrap().remove(field);
        bodies.push(without);
        bodies.extend(
            [json!(null), json!(5), json!("5"), json!([]), json!({})].map(|it| with(field, &it)),
        );
    }
    bodies.extend(changes.iter().map(|(field, value)| with(field, value)));
    bodies
}

/// The type takes what the schema takes, and nothing else.
fn agree<T: DeserializeOwned>(name: &str, bodies: Vec<Value>) {
    let validator = schema(name);
    let mut taken = [0, 0];
    for body in bodies {
        // A derived type reads an array as well; `runtime` refuses that before.
        let is_taken = body.is_object() && serde_json::from_value::<T>(body.clone()).is_ok();
        assert_eq!(is_taken, validator.is_valid(&body), "{name}: {body}");
        taken[usize::from(is_taken)] += 1;
    }
    assert!(taken[0] > 0 && taken[1] > 0, "{name}: {taken:?}");
}
