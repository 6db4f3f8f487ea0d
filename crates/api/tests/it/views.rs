//! What is answered keeps to the schema, and is all that the schema has.

use std::collections::BTreeSet;

use api::command::{CommandPage, CommandView};
use api::device::DeviceView;
use api::error::Error;
use api::event::{AlertsCount, EventFilters, EventPage};
use api::live::LiveView;
use api::registration::RegistrationView;
use api::setting::SettingView;
use api::status::StatusView;
use api::threshold::{ThresholdView, ThresholdsView};
use domain::command::CommandStatus;
use domain::connectivity::Connection;
use domain::event::EventType;
use domain::id::{DeviceName, ModelNumber, RegistrationId, SettingId};
use domain::live::{Address, Session};
use domain::memory::{at, command, device, record, user};
use domain::model::Limits;
use domain::page::Scope;
use domain::registration::{Registration, Status};
use domain::settings::{SolutionSetting, Stored, UserSettings};
use domain::status::{DeviceStatus, Shadow};
use domain::threshold::{Adjusted, Adjustment};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{assert_valid, document, schema};

#[test]
fn an_event_keeps_to_its_schema() {
    let mut event = record("anna", "SN-1", "m-1", 7).event;
    check("Event", &event);
    event.value = Some(json!([1, 1e300, {"a": "\0"}]));
    event.details = Some(free());
    event.sent_at = Some(at(3));
    for event_type in EventType::ALL {
        event.event_type = event_type;
        check("Event", &event);
    }
}

#[test]
fn a_page_of_events_keeps_to_its_schema() {
    let mut page = EventPage {
        count: 1,
        scanned_count: 1,
        items: vec![record("anna", "SN-1", "m-1", 7).event],
        last_evaluated_key: Some(Scope(&["anna"]).seal(&"x".repeat(200))),
        filters: EventFilters {
            device_id: Some(device("SN-1")),
            event_type: Some(EventType::Info),
        },
    };
    check("EventPage", &page);
    page.last_evaluated_key = None;
    page.filters = EventFilters {
        device_id: None,
        event_type: None,
    };
    let last = serde_json::to_value(&page).unwrap();
    assert_valid(&schema("EventPage"), &last);
    assert_eq!(
        keys(&last),
        BTreeSet::from(["ScannedCount", "count", "items"])
    );
    check("AlertsCount", &AlertsCount { alerts_count: 7 });
}

#[test]
fn thresholds_keep_to_their_schema() {
    let limits = Limits {
        above: 35.0,
        below: 33.0,
        seconds: 900,
    };
    let all = Adjustment {
        above: Some(40.0),
        below: Some(-1.5),
        seconds: Some(0),
        enabled: Some(false),
    };
    for (own, unit) in [(Adjustment::default(), None), (all, Some("lx".to_owned()))] {
        let adjusted = Adjusted {
            field: "lux".to_owned(),
            name: "glare".to_owned(),
            unit,
            model: limits,
            own,
        };
        check("Threshold", &ThresholdView::from(adjusted.clone()));
        let view = ThresholdsView {
            device_id: device("SN-1"),
            thresholds: vec![adjusted.into()],
        };
        check("DeviceThresholds", &view);
    }
}

#[test]
fn commands_keep_to_their_schema() {
    let mut sent = command("anna", "SN-1", 7);
    for status in CommandStatus::ALL {
        sent.status = status;
        check("Command", &CommandView::from(sent.clone()));
    }
    sent.reason = Some("timeout".to_owned());
    sent.details = Some(free());
    sent.value = Value::Null;
    check("Command", &CommandView::from(sent.clone()));
    check(
        "CommandPage",
        &CommandPage {
            count: 1,
            scanned_count: 200,
            items: vec![sent.into()],
            last_evaluated_key: Some(Scope(&["anna"]).seal("1")),
            command_status: Some(CommandStatus::Failed),
        },
    );
}

#[test]
fn registrations_and_devices_keep_to_their_schema() {
    let mut registration = Registration {
        id: RegistrationId(Uuid::from_u128(1)),
        user: user("anna"),
        device: device("SN:1_a-b"),
        name: DeviceName::new("Flur \u{1f321}").unwrap(),
        model: ModelNumber::new("thermostat-1").unwrap(),
        details: Map::new(),
        status: Status::Pending,
        certificate: None,
        created_at: at(0),
        updated_at: at(1),
    };
    for status in [Status::Pending, Status::Complete, Status::Deleted] {
        registration.status = status;
        check(
            "Registration",
            &RegistrationView::from(registration.clone()),
        );
    }
    registration.details = free();
    for connected in [Some(true), Some(false), None] {
        check("Device", &DeviceView::new(registration.clone(), connected));
    }
}

#[test]
fn settings_keep_to_their_schema() {
    let id = SettingId::new("us-east-1_x").unwrap();
    let own = Stored {
        setting: UserSettings::default(),
        created_at: at(0),
        updated_at: at(1),
    };
    check("UserSetting", &SettingView::of(&id, own));
    let unstored = SettingView::unstored(&id, UserSettings::default());
    let unstored = serde_json::to_value(unstored).unwrap();
    assert_valid(&schema("UserSetting"), &unstored);
    assert_eq!(keys(&unstored), BTreeSet::from(["setting", "settingId"]));

    let solution = Stored::<SolutionSetting> {
        setting: free(),
        created_at: at(0),
        updated_at: at(1),
    };
    check("SolutionSetting", &SettingView::of(&id, solution));
}

#[test]
fn a_status_keeps_to_its_schema() {
    let shadow = Shadow {
        state: free(),
        metadata: free(),
    };
    let lost = Connection {
        connected: false,
        since: Some(at(7)),
        disconnect_reason: Some("CONNECTION_LOST".to_owned()),
    };
    for (shadow, connection) in [
        (shadow, Some(lost)),
        (Shadow::default(), Some(Connection::default())),
        (Shadow::default(), None),
    ] {
        let status = DeviceStatus { shadow, connection };
        check("DeviceStatus", &StatusView::new(device("SN-1"), status));
    }
}

#[test]
fn an_address_for_live_data_keeps_to_its_schema() {
    let session = Session {
        url: Address::new("wss://broker.example.com/mqtt?X-Amz-Expires=900".to_owned()),
        expires: at(900_000),
        client: "console-anna-0000beef".to_owned(),
        topics: vec!["smartproduct/alerts/anna".to_owned()],
    };
    check("Live", &LiveView::from(session));
}

#[test]
fn an_error_keeps_to_its_schema() {
    check(
        "Error",
        &Error {
            code: 400,
            error: "BadRequest".into(),
            message: "the body must be a JSON object".to_owned(),
        },
    );
}

fn free() -> Map<String, Value> {
    let free = json!({"": null, "a": {"b": [true, -1, 0.5, "Zu hei\u{df}"]}});
    free.as_object().cloned().unwrap()
}

/// `value` keeps to the schema `name`, and has every field that it has.
fn check(name: &str, value: &impl Serialize) {
    let value = serde_json::to_value(value).unwrap();
    assert_valid(&schema(name), &value);
    let document = document();
    let described = &document["components"]["schemas"][name]["properties"];
    assert_eq!(keys(&value), keys(described), "{name}");
}

fn keys(object: &Value) -> BTreeSet<&str> {
    object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}
