use std::sync::{Arc, Mutex};

use adapters::ThingIndexing;
use contract::resource;
use domain::store::{Cause, StoreError};
use lambda_runtime::Context;
use serde_json::json;

use super::*;
use crate::account::{AccountSetting, Change, Setting};
use crate::cloudformation::{Asked, CloudFormation, answers};
use crate::fleet_indexing;
use crate::iot_endpoint::{Endpoint, FindBroker};
use crate::memory::Memory;

const CREATE: &str = include_str!("../../fixtures/create.json");
const UPDATE: &str = include_str!("../../fixtures/update.json");
const DELETE: &str = include_str!("../../fixtures/delete.json");

/// Fleet indexing of an account, and how many of its next calls fail.
#[derive(Debug)]
struct Account {
    indexing: Mutex<ThingIndexing>,
    failures: Mutex<u32>,
}

/// Where the account's broker is, or nothing while IoT Core does not say.
#[derive(Debug)]
struct Broker(Option<&'static str>);

/// What is remembered.
#[derive(Debug, Default)]
struct Row(Mutex<Option<Change<ThingIndexing>>>);

/// A function in an account that the test looks into.
struct World {
    indexing: Arc<Account>,
    memory: Arc<Row>,
    resources: Resources,
}

impl Setting<ThingIndexing> for Arc<Account> {
    async fn get(&self) -> Result<ThingIndexing, StoreError> {
        let mut failures = self.failures.lock().unwrap();
        if *failures > 0 {
            *failures -= 1;
            return Err(StoreError {
                operation: "read the indexing of things",
                cause: Cause::Broken,
                source: "AccessDeniedException".into(),
            });
        }
        Ok(self.indexing.lock().unwrap().clone())
    }

    async fn set(&self, value: &ThingIndexing) -> Result<(), StoreError> {
        *self.indexing.lock().unwrap() = value.clone();
        Ok(())
    }
}

impl Endpoint for Broker {
    async fn address(&self) -> Result<String, StoreError> {
        self.0.map(str::to_owned).ok_or_else(|| StoreError {
            operation: "read the address of the broker",
            cause: Cause::Busy,
            source: "ThrottlingException".into(),
        })
    }
}

impl Memory<Change<ThingIndexing>> for Arc<Row> {
    type Entry = ();

    async fn get(&self) -> Result<Option<(Change<ThingIndexing>, ())>, StoreError> {
        Ok(self.0.lock().unwrap().clone().map(|it| (it, ())))
    }

    async fn put(&self, _: Option<&()>, after: &Change<ThingIndexing>) -> Result<(), StoreError> {
        *self.0.lock().unwrap() = Some(after.clone());
        Ok(())
    }

    async fn delete(&self, (): &()) -> Result<(), StoreError> {
        *self.0.lock().unwrap() = None;
        Ok(())
    }
}

#[tokio::test]
async fn indexing_is_on_while_the_resource_is_there() {
    let world = world(0);
    for (fixture, mode, connectivity) in [
        // Deleted before it was ever made: a rollback.
        (DELETE, "OFF", "OFF"),
        (CREATE, "REGISTRY", "STATUS"),
        (CREATE, "REGISTRY", "STATUS"),
        (UPDATE, "REGISTRY", "STATUS"),
        (UPDATE, "REGISTRY", "STATUS"),
        (DELETE, "OFF", "OFF"),
        (DELETE, "OFF", "OFF"),
        (UPDATE, "REGISTRY", "STATUS"),
        (DELETE, "OFF", "OFF"),
    ] {
        let asked = answer_to(&world.resources, |it| it.event(fixture)).await;
        assert_eq!(asked.body["Status"], "SUCCESS", "{asked:?}");
        assert_eq!(asked.body["PhysicalResourceId"], "FleetIndexing");
        let indexing = world.indexing.indexing.lock().unwrap().clone();
        assert_eq!(indexing, self::indexing(mode, connectivity), "{fixture}");
    }
}

#[tokio::test]
async fn the_address_of_the_broker_is_told_under_an_id_that_stays() {
    let world = world(0);
    for (fixture, data) in [
        (CREATE, json!({ "Address": "broker.example" })),
        (UPDATE, json!({ "Address": "broker.example" })),
        (DELETE, Value::Null),
        // Deleted before it was ever made: a rollback.
        (DELETE, Value::Null),
    ] {
        let asked = answer_to(&world.resources, |it| endpoint(it, fixture)).await;
        assert_eq!(asked.body["Status"], "SUCCESS", "{asked:?}");
        assert_eq!(asked.body["PhysicalResourceId"], "IotEndpoint");
        assert_eq!(asked.body["Data"], data, "{fixture}");
    }
    let indexing = world.indexing.indexing.lock().unwrap().clone();
    assert_eq!(indexing, self::indexing("OFF", "OFF"), "not its business");
}

#[tokio::test]
async fn a_broker_without_an_address_is_a_failure_but_can_be_deleted() {
    let mut resources = world(0).resources;
    let broker = FindBroker(Broker(None));
    resources
        .makers
        .insert(resource::IOT_ENDPOINT, Box::new(broker));
    for (fixture, status, reason) in [
        (
            CREATE,
            "FAILED",
            "could not read the address of the broker: ThrottlingException",
        ),
        (DELETE, "SUCCESS", ""),
    ] {
        let asked = answer_to(&resources, |it| endpoint(it, fixture)).await;
        assert_eq!(asked.body["Status"], status, "{asked:?}");
        assert_eq!(asked.body["Reason"], reason);
    }
}

#[tokio::test]
async fn a_role_that_is_not_known_everywhere_yet_is_waited_for() {
    let asked = answer_to(&world(4).resources, |it| it.event(CREATE)).await;
    assert_eq!(asked.body["Status"], "SUCCESS", "{asked:?}");
}

#[tokio::test]
async fn a_failure_is_answered_with_its_causes() {
    for fixture in [CREATE, UPDATE, DELETE] {
        let world = world(5);
        let change = Change {
            found: indexing("OFF", "OFF"),
            set: indexing("REGISTRY", "STATUS"),
            replaced: None,
        };
        *world.memory.0.lock().unwrap() = Some(change);
        let asked = answer_to(&world.resources, |it| it.event(fixture)).await;
        assert_eq!(asked.body["Status"], "FAILED", "{fixture}");
        assert_eq!(
            asked.body["Reason"],
            "could not read the indexing of things: AccessDeniedException"
        );
        assert_eq!(asked.body["PhysicalResourceId"], "FleetIndexing");
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_understood_is_answered() {
    let broken: [(&str, Value, &str); 4] = [
        ("RequestType", json!("Replace"), "unknown variant `Replace`"),
        ("RequestType", Value::Null, "invalid type: null"),
        ("ResourceType", json!(7), "invalid type: integer `7`"),
        (
            "ResourceType",
            json!("Custom::Else"),
            "`Custom::Else` is not made by this function; Custom::FleetIndexing, \
             Custom::IotEndpoint are",
        ),
    ];
    for (field, value, reason) in broken {
        let asked = answer_to(&world(0).resources, |it| {
            let mut event = it.event(CREATE);
            event[field] = value.clone();
            event
        })
        .await;
        assert_eq!(asked.body["Status"], "FAILED", "{field} {value}");
        let found = asked.body["Reason"].as_str().unwrap();
        assert!(found.contains(reason), "{found}");
        assert_eq!(asked.body["LogicalResourceId"], "FleetIndexing");
    }
}

#[tokio::test]
async fn what_was_never_made_can_be_deleted() {
    let asked = answer_to(&world(0).resources, |it| {
        let mut event = it.event(DELETE);
        event["ResourceType"] = "Custom::Else".into();
        event["PhysicalResourceId"] = "else".into();
        event
    })
    .await;
    assert_eq!(asked.body["Status"], "SUCCESS");
    assert_eq!(asked.body["PhysicalResourceId"], "else");
}

#[tokio::test]
async fn what_takes_too_long_is_answered_in_time() {
    let slow = Resources {
        pause: Duration::from_secs(3600),
        ..world(1).resources
    };
    let cloudformation = CloudFormation::answering(&[200]);
    let mut event = event(cloudformation.event(CREATE));
    event.context.deadline -= 39_500;
    handle(&slow, &answers(), &LastWords::default(), event)
        .await
        .unwrap();
    let body = cloudformation.asked().body;
    assert_eq!(body["Status"], "FAILED");
    let reason = body["Reason"].as_str().unwrap();
    assert!(reason.starts_with("it took too long"), "{reason}");
}

#[tokio::test]
async fn what_nobody_waits_for_is_an_error_that_lambda_reports() {
    for payload in [json!({}), json!("Create"), json!({"RequestType": "Create"})] {
        let event = event(payload);
        let outcome = handle(
            &world(0).resources,
            &answers(),
            &LastWords::default(),
            event,
        )
        .await;
        assert_eq!(outcome.unwrap_err().error_type, "InvalidEvent");
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_sent_is_an_error_that_lambda_repeats() {
    let cloudformation = CloudFormation::answering(&[403]);
    let event = event(cloudformation.event(CREATE));
    let outcome = handle(
        &world(0).resources,
        &answers(),
        &LastWords::default(),
        event,
    )
    .await;
    assert_eq!(outcome.unwrap_err().error_type, "AnswerFailure");
}

/// What CloudFormation is told about a request.
async fn answer_to(resources: &Resources, request: impl Fn(&CloudFormation) -> Value) -> Asked {
    let cloudformation = CloudFormation::answering(&[200]);
    let event = event(request(&cloudformation));
    handle(resources, &answers(), &LastWords::default(), event)
        .await
        .unwrap();
    cloudformation.asked()
}

/// The request of `fixture` for the address of the broker.
fn endpoint(cloudformation: &CloudFormation, fixture: &str) -> Value {
    let mut event = cloudformation.event(fixture);
    event["ResourceType"] = resource::IOT_ENDPOINT.into();
    for id in ["LogicalResourceId", "PhysicalResourceId"] {
        if event.get(id).is_some() {
            event[id] = "IotEndpoint".into();
        }
    }
    event
}

/// An invocation that has a minute.
fn event(payload: Value) -> LambdaEvent<Value> {
    let deadline = SystemTime::now() + Duration::from_secs(60);
    let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let mut context = Context::default();
    context.deadline = deadline.as_millis().try_into().unwrap();
    LambdaEvent::new(payload, context)
}

/// Those of an account without indexing, of which the first calls fail.
fn world(failures: u32) -> World {
    let indexing = Arc::new(Account {
        indexing: Mutex::new(indexing("OFF", "OFF")),
        failures: Mutex::new(failures),
    });
    let memory = Arc::new(Row::default());
    let setting = AccountSetting {
        setting: Arc::clone(&indexing),
        memory: Arc::clone(&memory),
        wanted: fleet_indexing::wanted,
        attributes: |_| Attributes::new(),
    };
    let broker = FindBroker(Broker(Some("broker.example")));
    let resources = Resources {
        makers: BTreeMap::from([
            (
                resource::FLEET_INDEXING,
                Box::new(setting) as Box<dyn Maker>,
            ),
            (resource::IOT_ENDPOINT, Box::new(broker)),
        ]),
        pause: Duration::ZERO,
    };
    World {
        indexing,
        memory,
        resources,
    }
}

fn indexing(mode: &str, connectivity: &str) -> ThingIndexing {
    serde_json::from_value(json!({
        "mode": mode,
        "connectivity": connectivity,
        "violations": "OFF",
        "namedShadows": "OFF",
        "customFields": {},
        "namedShadowNames": [],
        "geoLocations": {},
        "socketInformation": [],
    }))
    .unwrap()
}
