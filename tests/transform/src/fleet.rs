//! A fleet of three products, and what it sends: a message a minute from each
//! device. The first two are the sample models, the third describes nothing, so
//! that what it sends is kept in `extra`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::id::{DeviceId, DeviceName, ModelNumber, RegistrationId, UserId};
use domain::model::{FieldKind, Model};
use domain::owner::Owner;
use domain::telemetry::{Column, Columns, Source};
use domain::threshold::Adjustments;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::Failed;
use crate::firehose::Record;

/// Milliseconds between two messages of a device.
pub(crate) const INTERVAL: i64 = 60_000;

const PRODUCTS: [(&str, &str); 3] = [
    (
        "thermostat-1",
        include_str!("../../../models/thermostat-1.json"),
    ),
    ("lock-1", include_str!("../../../models/lock-1.json")),
    ("meter-1", "{}"),
];

/// A message as a device sends it.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) device: usize,
    pub(crate) sent: i64,
    pub(crate) payload: Vec<u8>,
}

/// The message that `device` sends at `sent`, epoch milliseconds.
pub(crate) fn message(device: usize, sent: i64) -> Message {
    // Devices do not send at the same time, and do not measure the same.
    let sent = sent + (device as i64 * 7_919) % INTERVAL;
    let noise = wobble(device as u64, sent as u64);
    let hour = (sent / 3_600_000 % 24) as f64;
    let day = (hour / 24.0 * std::f64::consts::TAU).sin();
    let tenths = |value: f64| (value * 10.0).round() / 10.0;
    let fields = match device % PRODUCTS.len() {
        0 => json!({
            "timestamp": sent,
            "actualTemperature": tenths(68.0 + 4.0 * day + noise),
            "targetTemperature": 70,
            "powerStatus": if day < 0.0 { "HEAT" } else { "OFF" },
        }),
        1 => json!({
            "timestamp": sent,
            "locked": noise < 0.8,
            "batteryPercent": 100 - sent / 86_400_000 % 90,
            "doorState": if noise < 0.9 { "closed" } else { "open" },
            "autoLockSeconds": 30,
        }),
        _ => json!({
            "timestamp": sent,
            "energy": tenths((sent / INTERVAL % 1_000_000) as f64 * 0.3),
            "power": tenths(900.0 + 300.0 * day + 50.0 * noise),
            "voltage": tenths(229.0 + 2.0 * noise),
        }),
    };
    Message {
        device,
        sent,
        payload: fields.to_string().into_bytes(),
    }
}

/// A number from 0 to 1 that looks random and is the same each time.
fn wobble(device: u64, sent: u64) -> f64 {
    let mut it = device.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ sent;
    it = (it ^ (it >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    it = (it ^ (it >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (it >> 11) as f64 / (1_u64 << 53) as f64
}

/// The serial number of a device.
pub(crate) fn serial(device: usize) -> String {
    format!("SP-{device:06}")
}

impl Message {
    /// What the rule's statement makes of it.
    pub(crate) fn selected(&self) -> String {
        json!({
            "payload": STANDARD.encode(&self.payload),
            "deviceId": serial(self.device),
            "receivedAt": self.sent + 80,
        })
        .to_string()
    }

    /// The record that Firehose hands over.
    pub(crate) fn record(&self, number: usize) -> Record {
        Record {
            // As long as those of Firehose.
            record_id: format!("{number:056}"),
            data: STANDARD.encode(self.selected()),
        }
    }
}

/// The registration of a device, as it is read from the table.
pub(crate) fn source(device: usize) -> Result<Source, Failed> {
    let (model, text) = PRODUCTS[device % PRODUCTS.len()];
    let mut details: Map<String, Value> = serde_json::from_str(text)?;
    details.insert("deviceType".to_owned(), json!("sample"));
    Ok(Source {
        owner: Owner {
            user: UserId::new("anna")?,
            registration: RegistrationId(Uuid::from_u128(
                0x0190_0000_0000_7000_8000_0000_0000_0000 + device as u128,
            )),
            since: Timestamp::UNIX_EPOCH,
            device_name: DeviceName::new("Hall")?,
        },
        model: ModelNumber::new(model)?,
        details,
        adjustments: Adjustments::default(),
    })
}

/// The columns of a deployment without a list of its own: those of the models.
pub(crate) fn columns() -> Result<Columns, Failed> {
    let mut columns = Columns::default();
    for (_, text) in PRODUCTS {
        for (field, described) in Model::of(&serde_json::from_str(text)?)?.telemetry {
            let name = contract::telemetry::column(&field);
            let numeric = matches!(described.kind, FieldKind::Number | FieldKind::Integer);
            let column = Column {
                twin: numeric.then(|| contract::telemetry::twin(&name)),
                name,
                kind: described.kind,
            };
            columns.0.insert(field, column);
        }
    }
    Ok(columns)
}

/// The number in a serial number.
pub(crate) fn number(device: &DeviceId) -> Option<usize> {
    device.as_str().strip_prefix("SP-")?.parse().ok()
}
