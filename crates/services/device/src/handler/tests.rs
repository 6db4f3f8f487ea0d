//! Each operation as a client sees it: the gateway's event in, status and JSON out.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Mutex;

use domain::connectivity::{Connected, Connection};
use domain::device::{Attached, Closed, Leftovers};
use domain::id::{CertificateId, DeviceName, ModelNumber, RegistrationId, UserId};
use domain::memory::{at, device, user};
use domain::page::Stretch;
use domain::registration::{Registration, Status};
use domain::store::{Cause, StoreError};
use domain::threshold::Kept;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn a_device_has_the_fields_of_the_contract() {
    let world = World::with(1);
    let (status, found) = world.send("anna", route::DEVICE_GET, "", "SN-000").await;
    assert_eq!(status, 200, "{found}");
    let expected = json!({
        "deviceId": "SN-000",
        "deviceName": "Hall",
        "modelNumber": "T-100",
        "status": "complete",
        "userId": "anna",
        "details": {"color": "white"},
        "createdAt": "2020-09-13T12:26:40.000Z",
        "updatedAt": "2020-09-13T12:26:40.001Z",
        "connected": true,
    });
    assert_eq!(found, expected);
    let (_, listed) = world.send("anna", route::DEVICE_LIST, "", "").await;
    assert_eq!(listed, json!([expected]));
}

#[tokio::test]
async fn a_list_names_its_next_request_where_there_is_more() {
    let world = World::with(25);
    let (mut ids, mut query) = (Vec::new(), "limit=10".to_owned());
    loop {
        let answer = world.answer("anna", route::DEVICE_LIST, &query, "").await;
        let page: Vec<Value> = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        ids.extend(page.iter().map(|it| it["deviceId"].clone()));
        let Some(link) = answer["headers"]["link"].as_str() else {
            break;
        };
        let next = link.strip_prefix("<?").unwrap();
        query = next.strip_suffix(">; rel=\"next\"").unwrap().to_owned();
        assert!(query.starts_with("limit=10&lastevalkey="), "{query}");
    }
    let expected: Vec<_> = (0..25).map(|it| json!(format!("SN-{it:03}"))).collect();
    assert_eq!(ids, expected);

    let key = query.split('=').next_back().unwrap();
    for (name, route, query) in [
        ("bob", route::DEVICE_LIST, format!("lastevalkey={key}")),
        ("anna", route::DEVICE_LIST, format!("lastevalkey={key}A")),
        ("anna", route::DEVICE_LIST, "limit=101".to_owned()),
        ("anna", route::DEVICE_LIST, "limt=10".to_owned()),
        ("anna", route::DEVICE_GET, "limit=10".to_owned()),
        ("anna", route::DEVICE_DELETE, "force=true".to_owned()),
    ] {
        let (status, body) = world.send(name, route, &query, "SN-000").await;
        assert_eq!(status, 400, "{name} {route} {query}: {body}");
    }
}

#[tokio::test]
async fn lesson_1_only_the_owner_sees_or_deletes_a_device() {
    let world = World::with(1);
    for route in [route::DEVICE_GET, route::DEVICE_DELETE] {
        let stranger = world.send("bob", route, "", "SN-000").await;
        let nothing = world.send("anna", route, "", "SN-999").await;
        assert_eq!(stranger, nothing);
        assert_eq!(
            (stranger.0, &stranger.1["error"]),
            (400, &json!("DeviceNotFoundFailure"))
        );
    }
    assert_eq!(
        world.send("bob", route::DEVICE_LIST, "", "").await,
        (200, json!([]))
    );
    assert!(world.done.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_deleted_device_is_gone_and_cannot_be_deleted_again() {
    let world = World::with(1);
    let deleted = world.send("anna", route::DEVICE_DELETE, "", "SN-000").await;
    assert_eq!(deleted, (200, json!("Delete successful")));
    for route in [route::DEVICE_GET, route::DEVICE_DELETE] {
        let (status, body) = world.send("anna", route, "", "SN-000").await;
        assert_eq!(
            (status, &body["error"]),
            (400, &json!("DeviceNotFoundFailure"))
        );
    }
    assert_eq!(
        world.send("anna", route::DEVICE_LIST, "", "").await,
        (200, json!([]))
    );
}

#[tokio::test]
async fn while_another_deletion_runs_a_client_is_told_to_come_back() {
    let world = World::with(1);
    *world.leased.lock().unwrap() = true;
    let answer = world
        .answer("anna", route::DEVICE_DELETE, "", "SN-000")
        .await;
    assert_eq!(
        (&answer["statusCode"], &answer["headers"]["retry-after"]),
        (&json!(503), &json!("1"))
    );
}

#[tokio::test]
async fn lesson_30_a_step_that_fails_is_said_without_its_internals_and_can_be_repeated() {
    for (cause, expected) in [(Cause::Busy, 503), (Cause::Broken, 500)] {
        let world = World::with(1);
        *world.failure.lock().unwrap() = Some(cause);
        let (status, body) = world.send("anna", route::DEVICE_DELETE, "", "SN-000").await;
        assert_eq!(status, expected);
        assert!(!body.to_string().contains("secret"), "{body}");
        *world.failure.lock().unwrap() = None;
        let repeated = world.send("anna", route::DEVICE_DELETE, "", "SN-000").await;
        assert_eq!(repeated, (200, json!("Delete successful")));
    }
}

#[tokio::test]
async fn what_is_no_device_id_is_said_so() {
    let world = World::with(0);
    for id in ["", "events", "alerts", "a b", &"x".repeat(129)] {
        for route in [route::DEVICE_GET, route::DEVICE_DELETE] {
            let (status, body) = world.send("anna", route, "", id).await;
            assert_eq!((status, &body["error"]), (400, &json!("InvalidParameter")));
            assert!(
                body["message"].as_str().unwrap().contains("`deviceId`"),
                "{body}"
            );
        }
    }
}

/// Anna's devices, all connected, behind every port.
struct World {
    rows: Mutex<Vec<Registration>>,
    /// Somebody else deletes.
    leased: Mutex<bool>,
    /// How deleting a thing fails.
    failure: Mutex<Option<Cause>>,
    /// What was deleted in IoT Core.
    done: Mutex<Vec<String>>,
}

impl World {
    fn with(number: usize) -> Self {
        let rows = (0..number).map(|it| Registration {
            id: RegistrationId(Uuid::from_u128(it as u128)),
            user: user("anna"),
            device: device(&format!("SN-{it:03}")),
            name: DeviceName::new("Hall").unwrap(),
            model: ModelNumber::new("T-100").unwrap(),
            details: json!({"color": "white"}).as_object().unwrap().clone(),
            status: Status::Complete,
            certificate: None,
            created_at: at(0),
            updated_at: at(1),
        });
        Self {
            rows: Mutex::new(rows.collect()),
            leased: Mutex::new(false),
            failure: Mutex::new(None),
            done: Mutex::default(),
        }
    }

    async fn send(&self, name: &str, route: &str, query: &str, device: &str) -> (i64, Value) {
        let answer = self.answer(name, route, query, device).await;
        let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        (answer["statusCode"].as_i64().unwrap(), body)
    }

    async fn answer(&self, name: &str, route: &str, query: &str, device: &str) -> Value {
        let mut event: Value =
            serde_json::from_str(include_str!("../../fixtures/request.json")).unwrap();
        event["routeKey"] = json!(route);
        event["rawQueryString"] = json!(query);
        event["pathParameters"]["deviceId"] = json!(device);
        event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] = json!(user(name));
        let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), Context::default());
        let ports = &Ports {
            tables: self,
            connectivity: self,
            registry: self,
            cleanup: self,
        };
        let answer = runtime::http::respond(event, |request| handle(ports, request));
        serde_json::to_value(answer.await.unwrap()).unwrap()
    }
}

impl Devices for &World {
    async fn of_user(
        &self,
        user: &UserId,
        after: Option<&DeviceId>,
        most: usize,
    ) -> Result<Stretch<Registration>, StoreError> {
        let rows = self.rows.lock().unwrap();
        let mine = rows
            .iter()
            .filter(|it| it.user == *user && it.status != Status::Deleted);
        let rest = mine.filter(|it| after.is_none_or(|after| it.device > *after));
        let rows: Vec<_> = rest.take(most).cloned().collect();
        let last = rows.last().filter(|_| rows.len() == most);
        Ok(Stretch {
            scanned: rows.len(),
            end: last.map(|it| Reverse(it.device.clone())),
            rows,
        })
    }

    async fn get(
        &self,
        user: &UserId,
        device: &DeviceId,
    ) -> Result<Option<Registration>, StoreError> {
        let rows = self.rows.lock().unwrap();
        let mut mine = rows.iter().filter(|it| it.user == *user);
        Ok(mine.find(|it| it.device == *device).cloned())
    }
}

impl Closings for &World {
    async fn close(
        &self,
        user: &UserId,
        device: &DeviceId,
        lease: Lease,
        now: Timestamp,
    ) -> Result<Closed, StoreError> {
        assert_eq!(lease.until.duration_since(now), LEASE);
        let found = self.get(user, device).await?;
        Ok(match found.filter(|it| it.status != Status::Deleted) {
            None => Closed::NotOwner,
            Some(_) if *self.leased.lock().unwrap() => Closed::InProgress,
            Some(registration) => Closed::Closed(Box::new(registration)),
        })
    }

    async fn release(&self, _: &UserId, _: &DeviceId, _: Lease) -> Result<(), StoreError> {
        Ok(())
    }

    async fn finish(
        &self,
        registration: &Registration,
        _: Lease,
        _: Timestamp,
    ) -> Result<(), StoreError> {
        let mut rows = self.rows.lock().unwrap();
        let row = rows.iter_mut().find(|it| it.id == registration.id).unwrap();
        row.status = Status::Deleted;
        Ok(())
    }
}

impl Connectivity for &World {
    async fn of_device(&self, _: &DeviceId) -> Option<Connection> {
        Some(Connection {
            connected: true,
            ..Connection::default()
        })
    }

    async fn of_user(&self, _: &UserId) -> Connected {
        let rows = self.rows.lock().unwrap();
        let devices: BTreeSet<_> = rows.iter().map(|it| it.device.clone()).collect();
        Connected {
            devices,
            complete: true,
        }
    }
}

impl Registry for &World {
    async fn attached(&self, _: &DeviceId) -> Result<Vec<Attached>, StoreError> {
        Ok(Vec::new())
    }

    async fn deactivate(&self, _: &CertificateId) -> Result<(), StoreError> {
        unreachable!("no device here has a certificate")
    }

    async fn detach(&self, _: &Attached, _: &DeviceId) -> Result<(), StoreError> {
        unreachable!("no device here has a certificate")
    }

    async fn delete_certificate(&self, _: &CertificateId) -> Result<(), StoreError> {
        unreachable!("no device here has a certificate")
    }

    async fn delete_shadow(&self, device: &DeviceId) -> Result<(), StoreError> {
        self.done
            .lock()
            .unwrap()
            .push(format!("shadow of {device}"));
        Ok(())
    }

    async fn delete_thing(&self, device: &DeviceId) -> Result<(), StoreError> {
        if let Some(cause) = *self.failure.lock().unwrap() {
            return Err(StoreError {
                operation: "delete a thing",
                cause,
                source: "a secret detail".into(),
            });
        }
        self.done.lock().unwrap().push(format!("thing of {device}"));
        Ok(())
    }
}

impl Cleanup for &World {
    async fn request(&self, leftovers: &Leftovers) -> Result<(), StoreError> {
        self.done
            .lock()
            .unwrap()
            .push(format!("leftovers of {}", leftovers.device));
        Ok(())
    }
}

impl Thresholds for &World {
    async fn kept(&self, _: &UserId, _: &DeviceId) -> Result<Option<Kept>, StoreError> {
        unreachable!("thresholds have tests of their own")
    }

    async fn keep(
        &self,
        _: &UserId,
        _: &DeviceId,
        _: &Kept,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        unreachable!("thresholds have tests of their own")
    }
}
