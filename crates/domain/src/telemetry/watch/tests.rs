use std::collections::HashMap;
use std::sync::Mutex;

use serde_json::json;

use super::*;
use crate::alert::Request;
use crate::command::{Ordered, Wanted};
use crate::event::EventType;
use crate::id::DeviceName;
use crate::memory::{MemoryEvents, at, device, user};

mod thresholds;

#[tokio::test]
async fn an_unlikely_value_is_a_warning_of_the_owner_with_its_bounds() {
    let world = World::default();
    assert_eq!(world.watch(calm(0..40)).await, 0);
    assert_eq!(world.watch(vec![sample(40, 95.0)]).await, 1);
    let records = world.events.records();
    let [record] = &records[..] else {
        panic!("{records:?}")
    };
    let event = &record.event;
    assert_eq!(event.event_type, EventType::Warning);
    assert_eq!(event.user, user("anna"));
    assert_eq!(event.value, Some(json!(95.0)));
    assert_eq!(event.timestamp, at(40_000).as_millisecond());
    let details = event.details.as_ref().unwrap();
    assert_eq!(details["field"], "temperature");
    let bound = |name: &str| details[name].as_f64().unwrap();
    assert!(
        60.0 < bound("lower") && bound("upper") < 80.0,
        "{details:?}"
    );
    assert_eq!(world.requests(), 1);
}

#[tokio::test]
async fn what_comes_again_or_at_the_same_time_is_one_event() {
    let batch = || [calm(0..40), vec![sample(40, 95.0)], calm(41..50)].concat();
    let world = World::default();
    assert_eq!(world.watch(batch()).await, 1);
    let known = world.known();
    // Firehose repeats a batch whose answer it did not get.
    assert_eq!(world.watch(batch()).await, 0);
    assert_eq!(world.known(), known);

    // Another instance has read the same and is faster.
    let world = World {
        overtake: Mutex::new(3),
        ..World::default()
    };
    assert_eq!(world.watch(batch()).await, 1);
    assert_eq!(world.known().moments, known.moments);
    assert_eq!(world.events.records().len(), 1);
}

#[tokio::test]
async fn what_was_found_is_told_although_the_first_attempt_died() {
    let world = World::default();
    world.watch(calm(0..40)).await;
    // It wrote what it knows, and died before it told.
    let learned = learn(
        world.known().told(vec![]),
        &[sample(40, 95.0)],
        &Uuid::new_v4,
        at(100_000),
    );
    world.rows.lock().unwrap().insert(series(), learned);
    assert_eq!(world.watch(calm(41..42)).await, 1);
    assert_eq!(world.watch(calm(42..43)).await, 0);
}

#[tokio::test]
async fn late_values_are_not_judged_and_the_order_of_a_batch_does_not_matter() {
    let world = World::default();
    let mut batch = calm(0..40);
    batch.reverse();
    world.watch(batch).await;
    let (known, other) = (world.known(), World::default());
    other.watch(calm(0..40)).await;
    assert_eq!(known.moments, other.known().moments);
    assert_eq!(world.watch(vec![sample(5, 500.0)]).await, 0);
    assert_eq!(world.known(), known);
}

#[tokio::test]
async fn one_series_tells_ten_things_at_a_time() {
    let world = World::default();
    world.watch(calm(0..40)).await;
    let wild = (40..80).map(|it| sample(it, 10.0_f64.powi(it as i32)));
    assert_eq!(world.watch(wild.collect()).await, MOST);
}

#[tokio::test]
async fn a_new_owner_begins_anew() {
    let world = World::default();
    world.watch(calm(0..40)).await;
    let mut of_ben = sample(40, 95.0);
    of_ben.owner.registration = RegistrationId(Uuid::from_u128(2));
    of_ben.owner.user = user("ben");
    assert_eq!(world.watch(vec![of_ben]).await, 0);
}

#[derive(Default)]
struct World {
    rows: Mutex<HashMap<String, Watch>>,
    events: MemoryEvents,
    asked: Mutex<Vec<Request>>,
    /// How many writings are overtaken before one is done.
    overtake: Mutex<usize>,
}

impl World {
    async fn watch(&self, samples: Vec<Sample>) -> usize {
        let reach = Reach {
            events: Some((&self.events, self)),
            orders: Some(self),
        };
        let outcomes = watch(self, reach, samples, Uuid::new_v4, at(100_000)).await;
        outcomes.into_iter().map(|it| it.unwrap().anomalies).sum()
    }

    fn known(&self) -> Watch {
        self.rows.lock().unwrap()[&series()].clone()
    }

    fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl Watches for World {
    async fn get(&self, series: &Series) -> Result<Option<Watch>, StoreError> {
        Ok(self.rows.lock().unwrap().get(&series.to_string()).cloned())
    }

    async fn put(
        &self,
        series: &Series,
        watch: &Watch,
        _: Timestamp,
    ) -> Result<Written, StoreError> {
        let mut overtake = self.overtake.lock().unwrap();
        if *overtake > 0 {
            *overtake -= 1;
            return Ok(Written::Overtaken);
        }
        let mut rows = self.rows.lock().unwrap();
        let before = rows.get(&series.to_string()).map_or(0, |it| it.version);
        if before + 1 != watch.version {
            return Ok(Written::Overtaken);
        }
        rows.insert(series.to_string(), watch.clone());
        Ok(Written::Done)
    }
}

impl AlertRequests for World {
    async fn request(&self, request: &Request) -> Result<(), StoreError> {
        self.asked.lock().unwrap().push(request.clone());
        Ok(())
    }
}

impl Orders for World {
    async fn order(
        &self,
        _: &Owner,
        _: &DeviceId,
        _: Wanted,
        _: CommandId,
        _: Timestamp,
    ) -> Result<Ordered, StoreError> {
        panic!("no threshold orders anything here")
    }
}

fn series() -> String {
    Series::of(RegistrationId(Uuid::from_u128(1)), "temperature").to_string()
}

/// Values around 70, one a second.
fn calm(seconds: std::ops::Range<i64>) -> Vec<Sample> {
    let value = |second: i64| 70.0 + ((second * 7 + 3) % 5) as f64 - 2.0;
    seconds.map(|it| sample(it, value(it))).collect()
}

fn sample(second: i64, value: f64) -> Sample {
    Sample {
        device: device("SN-1"),
        owner: Owner {
            user: user("anna"),
            registration: RegistrationId(Uuid::from_u128(1)),
            since: at(0),
            device_name: DeviceName::new("Hall").unwrap(),
        },
        field: "temperature".to_owned(),
        rules: Arc::new(Rules {
            anomalies: Some(0.0),
            ..Rules::default()
        }),
        at: at(second * 1_000),
        value,
    }
}
