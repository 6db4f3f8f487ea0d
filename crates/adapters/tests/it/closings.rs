//! Registrations that are being deleted, on a real DynamoDB engine.

use adapters::{DynamoAdmissions, DynamoOwners, DynamoRegistrations};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use domain::device::{Closed, Closings, Devices, Lease};
use domain::id::{CertificateId, DeviceName, ModelNumber, RegistrationId};
use domain::jitr::{Admissions, Binding};
use domain::memory::{at, device, user};
use domain::owner::Owners;
use domain::registration::{Claim, Product, Products, Registration, Registrations, Status};
use domain::store::Cause;
use uuid::Uuid;

use crate::engine;

#[tokio::test]
async fn a_closed_registration_is_nobodys_device_and_still_in_its_owners_list() {
    let world = World::new().await;
    let registered = world.register("anna").await;
    let closed = world.close("anna", lease(1), 5).await;
    let Closed::Closed(found) = closed else {
        panic!("{closed:?}")
    };
    let expected = Registration {
        updated_at: at(5),
        ..registered
    };
    assert_eq!(*found, expected);
    assert_eq!(world.listed("anna").await, [expected]);

    let owners = DynamoOwners::new(world.client.clone(), table::REGISTRATIONS.into());
    assert_eq!(owners.of_device(&device("SN-1")).await.unwrap(), None);
    let admissions = DynamoAdmissions::new(world.client.clone(), table::REGISTRATIONS.into());
    assert_eq!(admissions.awaited(&device("SN-1")).await.unwrap(), None);
}

#[tokio::test]
async fn whoever_is_let_in_while_the_registration_is_closed_is_not() {
    let world = World::new().await;
    world.register("anna").await;
    let admissions = DynamoAdmissions::new(world.client.clone(), table::REGISTRATIONS.into());
    let awaited = admissions.awaited(&device("SN-1")).await.unwrap().unwrap();
    world.close("anna", lease(1), 5).await;
    let bound = admissions.bind(&awaited, &certificate(), at(6)).await;
    assert_eq!(bound.unwrap(), Binding::Other);
    let completed = admissions.complete(&awaited, &certificate(), at(6)).await;
    assert_eq!(completed.unwrap(), Binding::Other);
}

#[tokio::test]
async fn one_deletion_runs_at_a_time() {
    let world = World::new().await;
    world.register("anna").await;
    let (first, second) = (lease(1), lease(2));
    assert!(matches!(
        world.close("anna", first, 5).await,
        Closed::Closed(_)
    ));
    assert_eq!(world.close("anna", second, 6).await, Closed::InProgress);
    // As the SDK repeats a call whose answer was lost.
    assert!(matches!(
        world.close("anna", first, 5).await,
        Closed::Closed(_)
    ));

    // Somebody else's is not given back.
    world.release("anna", second).await;
    assert_eq!(world.close("anna", second, 6).await, Closed::InProgress);
    world.release("anna", first).await;
    assert!(matches!(
        world.close("anna", second, 6).await,
        Closed::Closed(_)
    ));

    // It ends by itself.
    assert_eq!(
        world.close("anna", first, LASTS + 1).await,
        Closed::InProgress
    );
    assert!(matches!(
        world.close("anna", first, LASTS + 3).await,
        Closed::Closed(_)
    ));
}

#[tokio::test]
async fn of_many_at_once_one_gets_the_lease() {
    let world = std::sync::Arc::new(World::new().await);
    world.register("anna").await;
    let mut attempts = tokio::task::JoinSet::new();
    for number in 1..=50 {
        let world = std::sync::Arc::clone(&world);
        attempts.spawn(async move { world.close("anna", lease(number), 5).await });
    }
    let outcomes = attempts.join_all().await;
    let closed = outcomes.iter().filter(|it| matches!(it, Closed::Closed(_)));
    assert_eq!(closed.count(), 1);
    let busy = outcomes.iter().filter(|it| **it == Closed::InProgress);
    assert_eq!(busy.count(), 49);
}

#[tokio::test]
async fn what_is_not_the_users_cannot_be_closed() {
    let world = World::new().await;
    assert_eq!(world.close("anna", lease(1), 5).await, Closed::NotOwner);
    world.register("anna").await;
    assert_eq!(world.close("bob", lease(1), 5).await, Closed::NotOwner);
    world.delete("anna").await;
    assert_eq!(world.close("anna", lease(1), 5).await, Closed::NotOwner);
    assert!(world.listed("bob").await.is_empty());
}

#[tokio::test]
async fn a_deleted_device_can_be_registered_by_anybody() {
    let world = World::new().await;
    for (turn, name) in ["anna", "bob", "bob", "anna"].into_iter().enumerate() {
        let registered = world.register(name).await;
        assert_eq!(registered.status, Status::Pending);
        assert_eq!(world.product().await.claims, turn as u64 + 1);
        world.delete(name).await;
        let product = world.product().await;
        assert_eq!(
            (product.claimed_by, product.claims),
            (None, turn as u64 + 1)
        );
        let row = world
            .tables
            .get(&user(name), &device("SN-1"))
            .await
            .unwrap();
        let row = row.unwrap();
        assert_eq!((row.status, row.certificate), (Status::Deleted, None));
        assert!(world.listed(name).await.is_empty());
    }
}

#[tokio::test]
async fn whose_lease_is_gone_finishes_nothing() {
    let world = World::new().await;
    let registered = world.register("anna").await;
    world.close("anna", lease(1), 5).await;
    world.close("anna", lease(2), LASTS + 9).await;
    let late = world.tables.finish(&registered, lease(1), at(9)).await;
    assert_eq!(late.unwrap_err().cause, Cause::Busy);
    assert_eq!(world.product().await.claimed_by, Some(user("anna")));
    assert_eq!(world.listed("anna").await.len(), 1);
}

#[tokio::test]
async fn a_product_that_the_operator_took_away_or_gave_to_somebody_else_stays_so() {
    let world = World::new().await;
    world.register("anna").await;
    world.remove_product().await;
    world.delete("anna").await;
    assert!(
        world
            .tables
            .of_serial(&device("SN-1"))
            .await
            .unwrap()
            .is_empty()
    );

    let world = World::new().await;
    world.register("anna").await;
    world.add_product(Some("carl")).await;
    world.delete("anna").await;
    assert_eq!(world.product().await.claimed_by, Some(user("carl")));
}

/// Milliseconds that a lease lasts here.
const LASTS: i64 = 1_000;

fn lease(number: u128) -> Lease {
    Lease {
        id: Uuid::from_u128(number),
        until: at(LASTS + i64::try_from(number).unwrap()),
    }
}

fn certificate() -> CertificateId {
    CertificateId::new("a".repeat(64)).unwrap()
}

/// One product, `SN-1`.
struct World {
    client: Client,
    tables: DynamoRegistrations,
}

impl World {
    async fn new() -> Self {
        let client = engine::dynamodb().await;
        let tables = DynamoRegistrations::new(
            client.clone(),
            table::REGISTRATIONS.into(),
            table::REFERENCE.into(),
        );
        let world = Self { client, tables };
        world.add_product(None).await;
        world
    }

    async fn add_product(&self, claimed_by: Option<&str>) {
        let mut put = self
            .client
            .put_item()
            .table_name(table::REFERENCE)
            .item(table::DEVICE_ID, AttributeValue::S("SN-1".into()))
            .item(table::MODEL_NUMBER, AttributeValue::S("T-100".into()));
        if let Some(name) = claimed_by {
            put = put.item("claimedBy", AttributeValue::S(name.into()));
        }
        put.send().await.unwrap();
    }

    async fn remove_product(&self) {
        self.client
            .delete_item()
            .table_name(table::REFERENCE)
            .key(table::DEVICE_ID, AttributeValue::S("SN-1".into()))
            .key(table::MODEL_NUMBER, AttributeValue::S("T-100".into()))
            .send()
            .await
            .unwrap();
    }

    async fn product(&self) -> Product {
        let mut rows = self.tables.of_serial(&device("SN-1")).await.unwrap();
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows.remove(0)
    }

    async fn register(&self, name: &str) -> Registration {
        let product = self.product().await;
        let registration = Registration {
            id: RegistrationId(Uuid::now_v7()),
            user: user(name),
            device: device("SN-1"),
            name: DeviceName::new("Hall").unwrap(),
            model: ModelNumber::new("T-100").unwrap(),
            details: serde_json::Map::new(),
            status: Status::Pending,
            certificate: Some(certificate()),
            created_at: at(0),
            updated_at: at(0),
        };
        let serial = [product.clone()];
        let claim = self.tables.claim(&registration, &product, &serial).await;
        assert_eq!(claim.unwrap(), Claim::Done);
        registration
    }

    async fn close(&self, name: &str, lease: Lease, millisecond: i64) -> Closed {
        let (user, device) = (user(name), device("SN-1"));
        let closed = self.tables.close(&user, &device, lease, at(millisecond));
        closed.await.unwrap()
    }

    async fn release(&self, name: &str, lease: Lease) {
        let (user, device) = (user(name), device("SN-1"));
        self.tables.release(&user, &device, lease).await.unwrap();
    }

    async fn delete(&self, name: &str) {
        let lease = lease(77);
        let Closed::Closed(registration) = self.close(name, lease, 7).await else {
            panic!("not closed")
        };
        self.tables
            .finish(&registration, lease, at(8))
            .await
            .unwrap();
    }

    async fn listed(&self, name: &str) -> Vec<Registration> {
        Devices::of_user(&self.tables, &user(name), None, 10)
            .await
            .unwrap()
            .rows
    }
}
