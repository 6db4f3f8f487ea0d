//! Devices with their models, on a real DynamoDB engine.

use adapters::DynamoSources;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use domain::memory::{at, device, user};
use domain::telemetry::{Source, Sources};
use uuid::Uuid;

use crate::engine;

#[tokio::test]
async fn a_device_is_found_with_its_owner_and_its_model() {
    let source = source("complete", "SN-1").await.unwrap();
    assert_eq!(source.owner.user, user("anna"));
    assert_eq!(source.owner.registration.0, Uuid::from_u128(1));
    assert_eq!(source.owner.since, at(7));
    assert_eq!(source.model.as_str(), "thermostat-1");
    assert_eq!(source.details["colour"], "white");
}

#[tokio::test]
async fn what_nobody_has_is_not_found() {
    assert_eq!(source("complete", "SN-2").await, None);
    assert_eq!(source("deleted", "SN-1").await, None);
}

#[tokio::test]
async fn a_user_finds_what_is_the_users_now() {
    let sources = sources("complete").await;
    let of = async |name, serial| {
        let (user, device) = (user(name), device(serial));
        sources.of_user(&user, &device).await.unwrap()
    };
    let source = of("anna", "SN-1").await.unwrap();
    assert_eq!(source.owner.registration.0, Uuid::from_u128(1));
    assert_eq!(source.details["colour"], "white");
    assert_eq!(of("bob", "SN-1").await, None);
    assert_eq!(of("anna", "SN-2").await, None);

    let former = self::sources("deleted").await;
    let found = former.of_user(&user("anna"), &device("SN-1")).await;
    assert_eq!(found.unwrap(), None);
}

/// What is found of `serial` where anna has, or had, SN-1.
async fn source(status: &str, serial: &str) -> Option<Source> {
    let sources = sources(status).await;
    sources.of_device(&device(serial)).await.unwrap()
}

async fn sources(status: &str) -> DynamoSources {
    let client = engine::dynamodb().await;
    let text = |it: &str| AttributeValue::S(it.to_owned());
    let mut row = client
        .put_item()
        .table_name(table::REGISTRATIONS)
        .item(table::USER_ID, text("anna"))
        .item(table::DEVICE_ID, text("SN-1"))
        .item("registrationId", text(&Uuid::from_u128(1).to_string()))
        .item("deviceName", text("Hall"))
        .item("modelNumber", text("thermostat-1"))
        .item(
            "details",
            AttributeValue::M([("colour".to_owned(), text("white"))].into()),
        )
        .item("status", text(status))
        .item("createdAt", text(&domain::time::text(at(7))));
    if status != "deleted" {
        row = row.item(table::ACTIVE_DEVICE, text("SN-1"));
    }
    row.send().await.unwrap();
    DynamoSources::new(client, table::REGISTRATIONS.to_owned())
}
