use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::*;
use crate::event::Delivery;
use crate::id::{DeviceId, DeviceName, ModelNumber, RegistrationId, UserId};
use crate::memory::{at, user};
use crate::model::FieldKind;
use crate::owner::Owner;
use crate::store::{Cause, StoreError};
use crate::threshold::Adjustments;

#[tokio::test]
async fn a_message_becomes_a_row() {
    let world = World::default();
    let row = world
        .row(json!({"timestamp": at(7).as_millisecond(), "temperature": 32, "mode": "HEAT", "level": 3.0, "open": true}))
        .await;
    assert_eq!(
        row,
        json!({
            "device_id": "SN-1",
            "registration_id": Uuid::from_u128(1).to_string(),
            "model": "T-100/a",
            "timestamp": "2020-09-13 12:26:40.007",
            "timestamp_source": "device",
            "received_at": "2020-09-13 12:26:41.000",
            "temperature": 32,
            "temperature_si": 0.0,
            "mode": "HEAT",
            "level": 3,
            // A field of the model without a column.
            "extra": "{\"open\":true}",
            "metadata": "{\"colour\":\"white\"}",
        })
    );
}

#[tokio::test]
async fn what_is_wrong_is_left_out_and_the_rest_is_stored() {
    for (fields, problems) in [
        (
            json!({"temperature": "hot"}),
            "`temperature` must be of type number",
        ),
        (
            json!({"temperature": 201}),
            "`temperature` must be at most 200, not 201",
        ),
        (
            json!({"temperature": -41}),
            "`temperature` must be at least -40, not -41",
        ),
        (json!({"mode": "COLD"}), "`mode` must be one of HEAT, AC"),
        (json!({"level": 1.5}), "`level` must be of type integer"),
        (json!({"other": 1}), "`other` is no field of the model"),
        (
            json!({"deviceId": "SN-2"}),
            "`deviceId` is no field of the model",
        ),
        (
            json!({"temperature": {"a": 1}}),
            "`temperature` must be of type number",
        ),
    ] {
        let mut message = fields.clone();
        message["open"] = json!(false);
        let row = World::default().row(message).await;
        assert_eq!(row["problems"], problems, "{fields}");
        assert_eq!(row["extra"], "{\"open\":false}", "{fields}");
        assert_eq!(row["device_id"], "SN-1");

        let outcome = World::default()
            .transform(fields.to_string().as_bytes())
            .await;
        assert_eq!(
            rejected(outcome),
            format!("the message has no measurement that can be stored: {problems}")
        );
    }
}

#[tokio::test]
async fn a_message_without_a_measurement_is_rejected() {
    for (payload, reason) in [
        ("{}", "the message has no measurement"),
        ("{\"timestamp\":1}", "the message has no measurement"),
        ("{\"temperature\":null}", "the message has no measurement"),
        ("[]", "the message must be a JSON object of measurements"),
        (
            "{\"timestamp\":\"now\",\"temperature\":1}",
            "`timestamp` must be a whole number of epoch milliseconds",
        ),
    ] {
        let outcome = World::default().transform(payload.as_bytes()).await;
        assert_eq!(rejected(outcome), reason, "{payload}");
    }
}

#[tokio::test]
async fn a_product_without_a_model_may_measure_anything_flat() {
    let world = World {
        details: Map::new(),
        ..World::default()
    };
    let row = world
        .row(json!({"a": 1, "b": "x", "c": true, "d": [1]}))
        .await;
    assert_eq!(row["extra"], "{\"a\":1,\"b\":\"x\",\"c\":true}");
    assert_eq!(row["problems"], "`d` must be a number, a text or a boolean");
    assert_eq!(row["metadata"], Value::Null);
}

#[tokio::test]
async fn a_type_that_another_model_gave_the_column_is_kept_beside_it() {
    let details = json!({"telemetry": {"temperature": {"type": "string"}}});
    let world = World {
        details: details.as_object().unwrap().clone(),
        ..World::default()
    };
    let row = world.row(json!({"temperature": "hot"})).await;
    assert_eq!(row["temperature"], Value::Null);
    assert_eq!(row["extra"], "{\"temperature\":\"hot\"}");
}

#[tokio::test]
async fn a_row_goes_to_the_day_of_the_measurement_and_the_folder_of_its_model() {
    let day = 24 * 60 * 60 * 1_000;
    for (told, expected) in [
        (at(0).as_millisecond(), "2020-09-13"),
        (at(0).as_millisecond() - day, "2020-09-12"),
        // No clock: the time of receipt.
        (0, "2020-09-13"),
    ] {
        let payload = json!({"timestamp": told, "temperature": 1}).to_string();
        let outcome = World::default().transform(payload.as_bytes()).await;
        let Outcome::Stored { partition, .. } = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(partition.day, expected);
        assert_eq!(partition.model, "T-100_a");
    }
}

#[tokio::test]
async fn lesson_17_one_bad_record_harms_no_other() {
    let world = World::default();
    let good = || Ok(delivery("SN-1", b"{\"temperature\":1}"));
    let records = vec![
        good(),
        Err("no record of the rule".to_owned()),
        Ok(delivery("SN-1", b"\xff")),
        Ok(delivery("SN-9", b"{\"temperature\":1}")),
        Ok(delivery("a/b", b"{}")),
        Ok(delivery("broken", b"{\"temperature\":1}")),
        good(),
    ];
    let outcomes = transform(&world, &world.plans(), records).await;
    let words: Vec<&str> = outcomes
        .iter()
        .map(|it| match it {
            Outcome::Stored { .. } => "stored",
            Outcome::Rejected(..) => "rejected",
            Outcome::Failed(_) => "failed",
        })
        .collect();
    assert_eq!(
        words,
        [
            "stored", "failed", "rejected", "rejected", "rejected", "failed", "stored"
        ]
    );
    // Each device once, and nothing that is no device.
    assert_eq!(*world.asked.lock().unwrap(), ["SN-1", "SN-9", "broken"]);
}

#[tokio::test]
async fn what_was_sent_to_a_former_owner_is_not_the_new_ones() {
    let world = World {
        since: at(1_001),
        ..World::default()
    };
    let outcome = world.transform(b"{\"temperature\":1}").await;
    assert_eq!(
        rejected(outcome),
        "device `SN-1` sent this before its present owner registered it"
    );
}

#[tokio::test]
async fn a_model_is_parsed_once_for_a_registration_and_anew_for_the_next() {
    let world = World::default();
    let plans = Plans::new(columns(), 2);
    let source = world.source(1);
    let first = plans.of(&source).unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &plans.of(&source).unwrap()));

    let mut other = world.source(2);
    other.details = Map::new();
    assert_ne!(first, plans.of(&other).unwrap());
    // Bounded: the third one starts anew.
    plans.of(&world.source(3)).unwrap();
    assert!(!std::sync::Arc::ptr_eq(&first, &plans.of(&source).unwrap()));
}

proptest! {
    #[test]
    fn whatever_comes_is_stored_or_told(payload in "\\PC{0,200}", bytes: Vec<u8>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for payload in [payload.into_bytes(), bytes] {
            match runtime.block_on(World::default().transform(&payload)) {
                Outcome::Stored { row, .. } => {
                    prop_assert!(serde_json::from_slice::<Map<String, Value>>(&row).is_ok());
                }
                Outcome::Rejected(reason, delivery) => {
                    prop_assert!(!reason.to_string().is_empty());
                    prop_assert_eq!(delivery.payload, payload);
                }
                Outcome::Failed(reason) => prop_assert!(false, "{}", reason),
            }
        }
    }

    #[test]
    fn a_row_has_no_key_that_is_no_column(
        fields in proptest::collection::btree_map("[a-zA-Z_]{1,12}", -1e9..1e9, 1..8),
    ) {
        let world = World { details: Map::new(), ..World::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let payload = serde_json::to_vec(&fields).unwrap();
        let outcome = runtime.block_on(world.transform(&payload));
        if let Outcome::Stored { row, .. } = outcome {
            let row: Map<String, Value> = serde_json::from_slice(&row).unwrap();
            let known = ["device_id", "registration_id", "model", "timestamp", "timestamp_source",
                         "received_at", "extra"];
            prop_assert!(row.keys().all(|it| known.contains(&it.as_str())), "{:?}", row);
            let extra: BTreeMap<String, f64> = serde_json::from_str(row["extra"].as_str().unwrap()).unwrap();
            prop_assert_eq!(extra, fields);
        }
    }
}

/// One device, `SN-1`, of anna's, and one whose row cannot be read.
struct World {
    details: Map<String, Value>,
    since: Timestamp,
    asked: Mutex<Vec<String>>,
}

impl Default for World {
    fn default() -> Self {
        let details = json!({
            "colour": "white",
            "telemetry": {
                "temperature": {"type": "number", "unit": "°F", "minimum": -40, "maximum": 200},
                "mode": {"type": "string", "enum": ["HEAT", "AC"]},
                "level": {"type": "integer"},
                "open": {"type": "boolean"},
            },
        });
        Self {
            details: details.as_object().unwrap().clone(),
            since: at(0),
            asked: Mutex::default(),
        }
    }
}

impl World {
    fn plans(&self) -> Plans {
        Plans::new(columns(), 10)
    }

    fn source(&self, registration: u128) -> Source {
        Source {
            owner: Owner {
                user: user("anna"),
                registration: RegistrationId(Uuid::from_u128(registration)),
                since: self.since,
                device_name: DeviceName::new("Hall").unwrap(),
            },
            model: ModelNumber::new("T-100/a").unwrap(),
            details: self.details.clone(),
            adjustments: Adjustments::default(),
        }
    }

    async fn transform(&self, payload: &[u8]) -> Outcome {
        let records = vec![Ok(delivery("SN-1", payload))];
        transform(self, &self.plans(), records).await.pop().unwrap()
    }

    async fn row(&self, message: Value) -> Value {
        match self.transform(message.to_string().as_bytes()).await {
            Outcome::Stored { row, .. } => serde_json::from_slice(&row).unwrap(),
            other => panic!("{message}: {other:?}"),
        }
    }
}

impl Sources for World {
    async fn of_device(&self, device: &DeviceId) -> Result<Option<Source>, StoreError> {
        self.asked.lock().unwrap().push(device.to_string());
        match device.as_str() {
            "SN-1" => Ok(Some(self.source(1))),
            "broken" => Err(StoreError {
                operation: "look up what a device is",
                cause: Cause::Busy,
                source: "throttled".into(),
            }),
            _ => Ok(None),
        }
    }

    async fn of_user(&self, _: &UserId, _: &DeviceId) -> Result<Option<Source>, StoreError> {
        unreachable!("the transform asks for devices, not for users")
    }
}

fn columns() -> Columns {
    let column = |field: &str, kind: FieldKind, twin: bool| {
        let name = field.to_owned();
        let twin = twin.then(|| format!("{name}_si"));
        (field.to_owned(), Column { name, twin, kind })
    };
    Columns(BTreeMap::from([
        column("temperature", FieldKind::Number, true),
        column("mode", FieldKind::String, false),
        column("level", FieldKind::Integer, true),
    ]))
}

fn delivery(device: &str, payload: &[u8]) -> Delivery {
    Delivery {
        device: device.to_owned(),
        payload: payload.to_vec(),
        received: at(1_000),
    }
}

fn rejected(outcome: Outcome) -> String {
    match outcome {
        Outcome::Rejected(reason, _) => reason.to_string(),
        other => panic!("{other:?}"),
    }
}
