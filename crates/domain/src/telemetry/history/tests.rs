use std::sync::Mutex;

use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::id::{DeviceName, ModelNumber, RegistrationId};
use crate::memory::{at, device, user};
use crate::owner::Owner;
use crate::telemetry::Source;
use crate::threshold::Adjustments;

#[tokio::test]
async fn an_owner_reads_what_was_measured_under_the_present_registration() {
    let world = World::default();
    let history = world.ask("anna", "SN-1", at(9)).await.unwrap();
    assert_eq!(history.points, [point()]);
    let asked = world.asked.lock().unwrap();
    let [question] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert_eq!(question.registration.0, Uuid::from_u128(7));
    assert_eq!(question.model.as_str(), "T-100");
    assert_eq!(question.fields[0].name, "level");
    // From the day before only what is left of it for this owner.
    assert!(question.span.from > history.span.from);
    assert!(question.span.from <= at(0));
    assert_eq!(question.span.to, history.span.to);
}

#[tokio::test]
async fn a_stranger_asks_nothing() {
    let world = World::default();
    for (name, serial) in [("bob", "SN-1"), ("anna", "SN-2")] {
        let answer = world.ask(name, serial, at(9)).await;
        assert!(
            matches!(answer, Err(HistoryError::Owned(OwnedError::NotOwner))),
            "{answer:?}"
        );
    }
    assert!(world.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_was_all_before_the_owner_costs_no_question() {
    let world = World::default();
    let before = at(0) - SignedDuration::from_hours(48);
    let history = world.ask("anna", "SN-1", before).await.unwrap();
    assert_eq!(history.points, []);
    assert!(world.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn too_much_and_a_broken_model_are_told_apart() {
    let world = World {
        too_much: true,
        ..World::default()
    };
    let answer = world.ask("anna", "SN-1", at(9)).await;
    assert!(matches!(answer, Err(HistoryError::TooMuch)), "{answer:?}");

    let world = World {
        details: json!({"telemetry": 1}),
        ..World::default()
    };
    let answer = world.ask("anna", "SN-1", at(9)).await;
    let Err(HistoryError::Owned(OwnedError::Store(err))) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(err.cause, Cause::Broken);
}

/// `SN-1` is Anna's since `at(0)`.
struct World {
    details: Value,
    too_much: bool,
    asked: Mutex<Vec<Question>>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            details: json!({"telemetry": {"level": {"type": "integer"}}}),
            too_much: false,
            asked: Mutex::default(),
        }
    }
}

impl World {
    async fn ask(&self, name: &str, serial: &str, now: Timestamp) -> Result<History, HistoryError> {
        let (user, device) = (user(name), device(serial));
        let columns = Columns::default();
        of_device(self, self, &columns, &user, &device, &Wish::default(), now).await
    }
}

fn point() -> Point {
    Point {
        at: at(0),
        messages: 1,
        values: BTreeMap::new(),
    }
}

impl Sources for World {
    async fn of_device(&self, _: &DeviceId) -> Result<Option<Source>, StoreError> {
        unreachable!("the owner asks")
    }

    async fn of_user(&self, of: &UserId, what: &DeviceId) -> Result<Option<Source>, StoreError> {
        let source = Source {
            owner: Owner {
                user: user("anna"),
                registration: RegistrationId(Uuid::from_u128(7)),
                since: at(0),
                device_name: DeviceName::new("Hall").unwrap(),
            },
            model: ModelNumber::new("T-100").unwrap(),
            details: self.details.as_object().unwrap().clone(),
            adjustments: Adjustments::default(),
        };
        Ok(Some(source).filter(|_| *of == user("anna") && *what == device("SN-1")))
    }
}

impl Histories for World {
    async fn ask(&self, question: &Question) -> Result<Found, StoreError> {
        self.asked.lock().unwrap().push(question.clone());
        Ok(match self.too_much {
            true => Found::TooMuch,
            false => Found::Points(vec![point()]),
        })
    }
}
