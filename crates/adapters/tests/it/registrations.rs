//! Registering and letting in, on a real DynamoDB engine.

use std::sync::Arc;

use adapters::{DynamoAdmissions, DynamoRegistrations};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use domain::id::{CertificateId, DeviceId, DeviceName, ModelNumber, RegistrationId, UserId};
use domain::jitr::{Admissions, Binding};
use domain::page::Limit;
use domain::registration::{
    Claim, Products, RegisterError, Registration, Registrations, Status, Thing, Things, Wanted,
    register,
};
use domain::store::StoreError;
use jiff::Timestamp;
use uuid::Uuid;

use crate::engine;

#[tokio::test]
async fn a_registration_is_stored_as_it_was_answered() {
    let world = World::new().await;
    world.product("SN-1", "T-100").await;
    let registered = world.register("anna", "SN-1").await.unwrap();
    let page = world
        .tables
        .of_user(&user("anna"), None, limit("100"))
        .await
        .unwrap();
    assert_eq!(page.items, [registered]);
    assert_eq!(page.next, None);
    assert_eq!(page.items[0].details["color"], "white");
}

#[tokio::test]
async fn of_many_at_once_one_registers_and_nothing_is_left_of_the_others() {
    let world = Arc::new(World::new().await);
    world.product("SN-1", "T-100").await;
    let mut attempts = tokio::task::JoinSet::new();
    for n in 0..100 {
        let world = Arc::clone(&world);
        let owner = if n % 2 == 0 { "anna" } else { "ben" };
        attempts.spawn(async move { world.register(owner, "SN-1").await.map(|it| it.user) });
    }
    let (mut winners, mut taken) = (vec![], 0);
    while let Some(attempt) = attempts.join_next().await {
        match attempt.unwrap() {
            Ok(winner) => winners.push(winner),
            Err(RegisterError::Taken(_)) => taken += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((winners.len(), taken), (1, 99));

    let rows = world
        .client
        .scan()
        .table_name(table::REGISTRATIONS)
        .send()
        .await
        .unwrap();
    assert_eq!(rows.count, 1);
    let product = world
        .tables
        .of_serial(&device("SN-1"))
        .await
        .unwrap()
        .remove(0);
    assert_eq!(
        (product.claimed_by.as_ref(), product.claims),
        (Some(&winners[0]), 1)
    );
}

#[tokio::test]
async fn one_serial_under_two_models_has_one_owner() {
    let world = World::new().await;
    world.product("SN-1", "T-100").await;
    world.product("SN-1", "T-200").await;
    let rows = world.tables.of_serial(&device("SN-1")).await.unwrap();
    let claim = |owner: &str, row: usize| {
        let (tables, rows) = (&world.tables, &rows);
        let registration = registration(owner, "SN-1");
        async move { tables.claim(&registration, &rows[row], rows).await.unwrap() }
    };
    // Both read the rows before either claimed.
    assert_eq!(claim("anna", 0).await, Claim::Done);
    assert_eq!(claim("ben", 1).await, Claim::Overtaken);
    assert_eq!(claim("anna", 1).await, Claim::Owned);
}

#[tokio::test]
async fn a_claim_made_and_released_in_between_does_not_go_unseen() {
    let world = World::new().await;
    world.product("SN-1", "T-100").await;
    let before = world.tables.of_serial(&device("SN-1")).await.unwrap();
    world.register("anna", "SN-1").await.unwrap();
    world.delete("anna", "SN-1").await;

    let late = registration("ben", "SN-1");
    assert_eq!(
        world
            .tables
            .claim(&late, &before[0], &before)
            .await
            .unwrap(),
        Claim::Overtaken
    );
    assert!(world.register("ben", "SN-1").await.is_ok());
}

#[tokio::test]
async fn lesson_10_three_owners_in_turn_each_are_the_one_that_the_device_finds() {
    let world = World::new().await;
    world.product("SN-1", "T-100").await;
    for owner in ["anna", "ben", "anna"] {
        world.register(owner, "SN-1").await.unwrap();
        let awaited = world
            .admissions
            .awaited(&device("SN-1"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (awaited.user, awaited.status),
            (user(owner), Status::Pending)
        );
        assert_eq!(
            awaited.certificate, None,
            "a new registration waits for a new certificate"
        );
        world.delete(owner, "SN-1").await;
        assert_eq!(
            world.admissions.awaited(&device("SN-1")).await.unwrap(),
            None
        );
    }
    let page = world
        .tables
        .of_user(&user("anna"), None, limit("100"))
        .await
        .unwrap();
    assert_eq!(
        page.items.len(),
        1,
        "deleted registrations are listed, one for each device"
    );
    assert_eq!(page.items[0].status, Status::Deleted);
}

#[tokio::test]
async fn lesson_21_a_list_of_250_is_walked_page_by_page() {
    let world = World::new().await;
    for n in 0..250 {
        let serial = format!("SN-{n:03}");
        world.product(&serial, "T-100").await;
        world.register("anna", &serial).await.unwrap();
    }
    world.product("SN-999", "T-100").await;
    world.register("ben", "SN-999").await.unwrap();

    for most in ["100", "7", "50"] {
        let (mut seen, mut after) = (vec![], None);
        loop {
            let page = world
                .tables
                .of_user(&user("anna"), after.as_deref(), limit(most))
                .await
                .unwrap();
            assert!(page.items.len() <= limit(most).rows() && !page.items.is_empty());
            seen.extend(page.items.iter().map(|it| it.device.to_string()));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let expected: Vec<_> = (0..250).map(|n| format!("SN-{n:03}")).collect();
        assert_eq!(seen, expected, "pages of {most}");
    }
}

#[tokio::test]
async fn a_registration_takes_one_certificate_and_ends_with_it() {
    let world = World::new().await;
    world.product("SN-1", "T-100").await;
    world.register("anna", "SN-1").await.unwrap();
    let awaited = world
        .admissions
        .awaited(&device("SN-1"))
        .await
        .unwrap()
        .unwrap();
    let (first, second) = (certificate('a'), certificate('b'));
    let now = Timestamp::UNIX_EPOCH;
    let admissions = &world.admissions;

    assert_eq!(
        admissions.bind(&awaited, &first, now).await.unwrap(),
        Binding::Bound
    );
    assert_eq!(
        admissions.bind(&awaited, &first, now).await.unwrap(),
        Binding::Bound
    );
    assert_eq!(
        admissions.bind(&awaited, &second, now).await.unwrap(),
        Binding::Other
    );
    assert_eq!(
        admissions.complete(&awaited, &second, now).await.unwrap(),
        Binding::Other
    );
    assert_eq!(
        admissions.complete(&awaited, &first, now).await.unwrap(),
        Binding::Bound
    );

    let after = admissions.awaited(&device("SN-1")).await.unwrap().unwrap();
    assert_eq!(
        (after.status, after.certificate),
        (Status::Complete, Some(first.clone()))
    );

    world.delete("anna", "SN-1").await;
    assert_eq!(
        admissions.bind(&awaited, &first, now).await.unwrap(),
        Binding::Other
    );
    assert_eq!(
        admissions.complete(&awaited, &first, now).await.unwrap(),
        Binding::Other
    );
}

/// The tables, and a registry of things that has every thing.
struct World {
    client: Client,
    tables: DynamoRegistrations,
    admissions: DynamoAdmissions,
}

impl World {
    async fn new() -> Self {
        let client = engine::dynamodb().await;
        Self {
            tables: DynamoRegistrations::new(
                client.clone(),
                table::REGISTRATIONS.into(),
                table::REFERENCE.into(),
            ),
            admissions: DynamoAdmissions::new(client.clone(), table::REGISTRATIONS.into()),
            client,
        }
    }

    async fn product(&self, serial: &str, model: &str) {
        let details = [("color".to_owned(), AttributeValue::S("white".into()))];
        self.client
            .put_item()
            .table_name(table::REFERENCE)
            .item(table::DEVICE_ID, AttributeValue::S(serial.into()))
            .item(table::MODEL_NUMBER, AttributeValue::S(model.into()))
            .item("details", AttributeValue::M(details.into()))
            .send()
            .await
            .unwrap();
    }

    async fn register(&self, owner: &str, serial: &str) -> Result<Registration, RegisterError> {
        let wanted = Wanted {
            device: device(serial),
            name: DeviceName::new("Hall").unwrap(),
            model: ModelNumber::new("T-100").unwrap(),
        };
        let (id, now) = (RegistrationId(Uuid::now_v7()), Timestamp::UNIX_EPOCH);
        register(
            &self.tables,
            &EveryThing,
            &self.tables,
            &user(owner),
            wanted,
            id,
            now,
        )
        .await
    }

    /// What deleting a device writes in the end.
    async fn delete(&self, owner: &str, serial: &str) {
        self.client
            .update_item()
            .table_name(table::REGISTRATIONS)
            .key(table::USER_ID, AttributeValue::S(owner.into()))
            .key(table::DEVICE_ID, AttributeValue::S(serial.into()))
            .update_expression("SET #status = :deleted REMOVE activeDevice")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":deleted", AttributeValue::S("deleted".into()))
            .send()
            .await
            .unwrap();
        self.client
            .update_item()
            .table_name(table::REFERENCE)
            .key(table::DEVICE_ID, AttributeValue::S(serial.into()))
            .key(table::MODEL_NUMBER, AttributeValue::S("T-100".into()))
            .update_expression("REMOVE claimedBy")
            .send()
            .await
            .unwrap();
    }
}

struct EveryThing;

impl Things for EveryThing {
    async fn create(&self, _: &DeviceId, _: &ModelNumber, _: &UserId) -> Result<Thing, StoreError> {
        Ok(Thing::OfOwner)
    }

    async fn hand_over(&self, _: &DeviceId, _: &UserId) {
        unreachable!("each thing is its owner's")
    }
}

fn registration(owner: &str, serial: &str) -> Registration {
    Registration {
        id: RegistrationId(Uuid::now_v7()),
        user: user(owner),
        device: device(serial),
        name: DeviceName::new("Hall").unwrap(),
        model: ModelNumber::new("T-100").unwrap(),
        details: serde_json::Map::new(),
        status: Status::Pending,
        certificate: None,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn user(name: &str) -> UserId {
    UserId::new(name).unwrap()
}

fn device(serial: &str) -> DeviceId {
    DeviceId::new(serial).unwrap()
}

fn certificate(digit: char) -> CertificateId {
    CertificateId::new(digit.to_string().repeat(64)).unwrap()
}

fn limit(text: &str) -> Limit {
    Limit::parse(Some(text), 1).unwrap()
}
