//! Examples: one owner, one thermostat.

use serde_json::{Value, json};

const USER: &str = "8c6f1c52-6f0a-4f0e-9a3a-5a0e4f0b7c11";
const THEN: &str = "2026-11-21T04:17:00.000Z";
const LATER: &str = "2026-11-21T04:18:30.250Z";
const KEY: &str = "Zb4nT0p1V5wq2xYcMjAyNi0xMS0yMVQwNDoxNzowMC4wMDBa";

type Named = (&'static str, &'static str, Value);

pub(super) fn settings() -> [Named; 2] {
    let own = json!({"alertLevel": ["error", "warning"], "sendNotification": false});
    let solution = json!({"supportAddress": "help@example.com"});
    let stored = |id: &str, setting| json!({"settingId": id, "setting": setting, "createdAt": THEN, "updatedAt": LATER});
    [
        ("own", "a user's own", stored(USER, own)),
        (
            "solution",
            "one of the solution",
            stored("us-east-1_example", solution),
        ),
    ]
}

pub(super) fn setting_bodies() -> [Named; 2] {
    settings().map(|(name, summary, it)| (name, summary, json!({"setting": it["setting"]})))
}

pub(super) fn registration(status: &str) -> Value {
    json!({
        "deviceId": "SP-0001",
        "deviceName": "Hall",
        "modelNumber": "thermostat-1",
        "status": status,
        "userId": USER,
        "details": {"color": "white"},
        "createdAt": THEN,
        "updatedAt": LATER,
    })
}

pub(super) fn device() -> Value {
    let mut device = registration("complete");
    device["connected"] = true.into();
    device
}

pub(super) fn threshold() -> Value {
    json!({
        "field": "lux",
        "name": "glare",
        "unit": "lx",
        "above": 40_000.0,
        "below": 38_000.0,
        "seconds": 900,
        "enabled": true,
        "model": {"above": 35_000.0, "below": 33_000.0, "seconds": 900},
        "own": {"above": 40_000.0, "below": 38_000.0, "seconds": null, "enabled": null},
    })
}

pub(super) fn command() -> Value {
    json!({
        "commandId": "019aa4c2-8d1e-7c33-9f41-2b7a90c3d5e8",
        "deviceId": "SP-0001",
        "deviceName": "Hall",
        "userId": USER,
        "status": "pending",
        "reason": null,
        "details": {"unit": "F"},
        "command": "set-temp",
        "value": 72.5,
        "createdAt": THEN,
        "updatedAt": THEN,
    })
}

pub(super) fn command_page() -> Value {
    json!({
        "count": 1,
        "ScannedCount": 1,
        "items": [command()],
        "LastEvaluatedKey": KEY,
        "commandStatus": "pending",
    })
}

pub(super) fn event(ack: bool) -> Value {
    json!({
        "id": "6fa459ea-ee8a-5ca4-894e-db77e160355e",
        "deviceId": "SP-0001",
        "deviceName": "Hall",
        "userId": USER,
        "messageId": "1763698619482-7",
        "message": "It is too warm.",
        "details": null,
        "ack": ack,
        "suppress": false,
        "type": "warning",
        "timestamp": 1_763_698_619_482_i64,
        "value": 91.5,
        "sentAt": "2026-11-21T04:16:59.482Z",
        "createdAt": THEN,
        "updatedAt": if ack { LATER } else { THEN },
    })
}

pub(super) fn event_page() -> Value {
    json!({
        "count": 1,
        "ScannedCount": 1,
        "items": [event(false)],
        "LastEvaluatedKey": KEY,
        "deviceId": "SP-0001",
    })
}

pub(super) fn status() -> Value {
    json!({
        "deviceId": "SP-0001",
        "state": {"reported": {"powerStatus": "HEAT", "actualTemperature": 68.2, "targetTemperature": 72.5}},
        "metadata": {"reported": {
            "powerStatus": {"timestamp": 1_763_698_620},
            "actualTemperature": {"timestamp": 1_763_698_650},
            "targetTemperature": {"timestamp": 1_763_698_620},
        }},
        "connected": true,
        "since": THEN,
        "disconnectReason": null,
    })
}

pub(super) fn history() -> Value {
    let point = |at: &str, mean: f64| {
        json!({
            "timestamp": at,
            "messages": 5,
            "values": {
                "actualTemperature": {"mean": mean, "minimum": 67.9, "maximum": 68.8},
                "powerStatus": "HEAT",
            },
        })
    };
    json!({
        "deviceId": "SP-0001",
        "from": "2026-11-21T04:00:00.000Z",
        "to": "2026-11-21T05:00:00.000Z",
        "resolution": 300,
        "points": [
            point("2026-11-21T04:15:00.000Z", 68.2),
            point("2026-11-21T04:20:00.000Z", 68.4),
        ],
    })
}

pub(super) fn live() -> Value {
    let client = format!("console-{USER}-5f0c9b1e");
    json!({
        "url": "wss://broker.example.com/mqtt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=900",
        "expiresAt": LATER,
        "clientId": client,
        "topics": [
            format!("smartproduct/alerts/{USER}"),
            "smartproduct/telemetry/SP-0001",
            "$aws/things/SP-0001/shadow/update/documents",
            "smartproduct/commands/SP-0001",
            "smartproduct/commands/SP-0001/response",
        ],
    })
}
