use std::sync::Mutex;

use domain::alert::Request;
use domain::command::{CommandId, Ordered, Wanted};
use domain::id::{DeviceId, DeviceName, ModelNumber, RegistrationId, UserId};
use domain::memory::{MemoryEvents, Noted};
use domain::model::FieldKind;
use domain::owner::Owner;
use domain::store::{Cause, StoreError};
use domain::telemetry::{Column, Columns, Series, Source, Watch, Written};
use domain::threshold::{Adjustment, Adjustments};
use lambda_runtime::Context;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

mod thresholds;

/// Each of these is judged as well, and cannot be: that spoils no row.
#[tokio::test]
async fn a_batch_of_firehose_is_answered_record_by_record() {
    let batch: Batch = serde_json::from_str(include_str!("../../fixtures/batch.json")).unwrap();
    let world = World::new(false);
    let answer = world.answer(batch).await;
    let record = &answer["records"][0];
    assert_eq!(
        record["recordId"],
        "49546986683135544286507457936321625675700192471156785154"
    );
    assert_eq!(record["result"], "Ok");
    assert_eq!(
        record["metadata"]["partitionKeys"],
        json!({ "day": "2026-09-21", "model": "T-100" })
    );
    let row = STANDARD.decode(record["data"].as_str().unwrap()).unwrap();
    // Firehose puts rows together as they are.
    assert_eq!(row.last(), Some(&b'\n'));
    let row: Value = serde_json::from_slice(&row).unwrap();
    assert_eq!(row["temperature"], 31);
    assert_eq!(row["device_id"], "SN-1");
}

#[tokio::test]
async fn each_record_is_answered_once_in_its_order_whatever_it_is() {
    let records = [
        record("good", "SN-1", b"{\"temperature\":1}"),
        record("unknown", "SN-2", b"{\"temperature\":1}"),
        record("bad", "SN-1", b"rubbish"),
        record("broken", "broken", b"{\"temperature\":1}"),
        Record {
            record_id: "foreign".to_owned(),
            data: "?".to_owned(),
        },
    ];
    let world = World::new(false);
    let answer = world
        .answer(Batch {
            records: records.into(),
        })
        .await;
    assert_eq!(
        results(&answer),
        [
            "good Ok",
            "unknown Dropped",
            "bad Dropped",
            "broken ProcessingFailed",
            "foreign ProcessingFailed"
        ]
    );
    assert_eq!(
        *world.ports.rejected.kept.lock().unwrap(),
        [
            "device `SN-2` is not registered: its owner must register it first",
            "the message is not JSON: expected value at line 1 column 1",
        ]
    );
    // What failed goes back as it came.
    let came = record("broken", "broken", b"{\"temperature\":1}");
    assert_eq!(answer["records"][3]["data"], came.data);
}

#[tokio::test]
async fn what_the_queue_does_not_take_is_left_to_the_folder_of_errors() {
    let world = World::new(true);
    let records = vec![record("bad", "SN-1", b"rubbish")];
    let answer = world.answer(Batch { records }).await;
    assert_eq!(results(&answer), ["bad ProcessingFailed"]);
}

#[tokio::test]
async fn rubbish_does_not_hold_up_the_rest() {
    let bad = |index: usize| record(&index.to_string(), "SN-1", b"rubbish");
    let records = (0..MOST_REJECTED + 5).map(bad).collect();
    let world = World::new(false);
    let answer = world.answer(Batch { records }).await;
    let results = results(&answer);
    let count = |word: &str| results.iter().filter(|it| it.ends_with(word)).count();
    assert_eq!((count("Dropped"), count("ProcessingFailed")), (100, 5));
}

#[tokio::test]
async fn an_answer_is_never_larger_than_lambda_takes() {
    // Each message grows: its problems are told in full.
    let payload = b"{\"temperature\":1,\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7}";
    let large = |index: usize| record(&format!("{index:056}"), "SN-1", payload);
    let records: Vec<_> = (0..9_000).map(large).collect();
    let world = World::new(false);
    let answer = world.answer(Batch { records }).await;
    let bytes = answer.to_string().len();
    assert!(bytes <= LARGEST_ANSWER, "{bytes}");
    let results = results(&answer);
    assert_eq!(results.len(), 9_000);
    assert!(results[0].ends_with("Ok"));
    assert!(results[8_999].ends_with("ProcessingFailed"));
}

struct World {
    ports: Ports<OneDevice, Queue, Watcher<Empty, MemoryEvents, Noted<Request>, Nobody>>,
}

impl World {
    fn new(queue_is_down: bool) -> Self {
        let column = Column {
            name: "temperature".to_owned(),
            twin: None,
            kind: FieldKind::Number,
        };
        let columns = Columns([("temperature".to_owned(), column)].into());
        let ports = Ports {
            watcher: Some(Watcher {
                watches: Empty,
                events: Some((MemoryEvents::default(), Noted::default())),
                orders: None,
            }),
            sources: OneDevice,
            plans: Plans::new(columns, 10),
            rejected: Queue {
                is_down: queue_is_down,
                kept: Mutex::default(),
            },
        };
        Self { ports }
    }

    async fn answer(&self, batch: Batch) -> Value {
        let event = LambdaEvent::new(batch, Context::default());
        serde_json::to_value(handle(&self.ports, event).await.unwrap()).unwrap()
    }
}

struct OneDevice;

impl Sources for OneDevice {
    async fn of_device(&self, device: &DeviceId) -> Result<Option<Source>, StoreError> {
        let details =
            json!({ "telemetry": { "temperature": { "type": "number", "anomalies": {} } } });
        match device.as_str() {
            "SN-1" => Ok(Some(Source {
                owner: Owner {
                    user: UserId::new("anna").unwrap(),
                    registration: RegistrationId(Uuid::from_u128(1)),
                    since: Timestamp::UNIX_EPOCH,
                    device_name: DeviceName::new("Hall").unwrap(),
                },
                model: ModelNumber::new("T-100").unwrap(),
                details: details.as_object().unwrap().clone(),
                adjustments: Adjustments::default(),
            })),
            "broken" => Err(failure()),
            _ => Ok(None),
        }
    }

    async fn of_user(&self, _: &UserId, _: &DeviceId) -> Result<Option<Source>, StoreError> {
        unreachable!("the transform asks for devices, not for users")
    }
}

struct Queue {
    is_down: bool,
    kept: Mutex<Vec<String>>,
}

impl Rejected for Queue {
    async fn keep(&self, rejection: &Rejection) -> Result<(), StoreError> {
        if self.is_down {
            return Err(failure());
        }
        self.kept.lock().unwrap().push(rejection.reason.clone());
        Ok(())
    }
}

fn failure() -> StoreError {
    StoreError {
        operation: "do it",
        cause: Cause::Busy,
        source: "throttled".into(),
    }
}

fn record(id: &str, device: &str, payload: &[u8]) -> Record {
    let message = json!({
        "payload": STANDARD.encode(payload),
        "deviceId": device,
        "receivedAt": 1_790_000_000_000_i64,
    });
    Record {
        record_id: id.to_owned(),
        data: STANDARD.encode(message.to_string()),
    }
}

fn results(answer: &Value) -> Vec<String> {
    let records = answer["records"].as_array().unwrap().iter();
    records
        .map(|it| {
            let text = |name: &str| it[name].as_str().unwrap().to_owned();
            format!("{} {}", text("recordId"), text("result"))
        })
        .collect()
}

/// Nothing is known of any series, and nothing is written.
#[derive(Debug)]
struct Empty;

impl Watches for Empty {
    async fn get(&self, _: &Series) -> Result<Option<Watch>, StoreError> {
        Ok(None)
    }

    async fn put(&self, _: &Series, _: &Watch, _: Timestamp) -> Result<Written, StoreError> {
        Err(failure())
    }
}

/// Sends no commands.
#[derive(Debug)]
struct Nobody;

impl Orders for Nobody {
    async fn order(
        &self,
        _: &Owner,
        _: &DeviceId,
        _: Wanted,
        _: CommandId,
        _: Timestamp,
    ) -> Result<Ordered, StoreError> {
        Err(failure())
    }
}
