//! What owners change of thresholds, on a real DynamoDB engine.

use adapters::{DynamoRegistrations, DynamoSources};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use domain::id::RegistrationId;
use domain::memory::{at, device, user};
use domain::telemetry::Sources;
use domain::threshold::{Adjustment, Adjustments, Kept, Thresholds};
use uuid::Uuid;

use crate::engine;

#[tokio::test]
async fn what_an_owner_changes_is_kept_and_judged_by() {
    let (client, tables) = tables().await;
    let kept = get(&tables, "anna").await.unwrap();
    assert_eq!(
        (kept.version, &kept.adjustments),
        (0, &Adjustments::default())
    );
    assert_eq!(kept.details["colour"], "white");
    assert!(put(&tables, &kept, 0.1 + 0.2).await);

    let kept = get(&tables, "anna").await.unwrap();
    assert_eq!(kept.version, 1);
    assert_eq!(kept.adjustments.of("lux", "glare").above, Some(0.1 + 0.2));
    let sources = DynamoSources::new(client, table::REGISTRATIONS.to_owned());
    let source = sources.of_device(&device("SN-1")).await.unwrap().unwrap();
    assert_eq!(source.adjustments, kept.adjustments);
}

#[tokio::test]
async fn of_two_that_have_read_the_same_one_writes() {
    let (_, tables) = tables().await;
    for round in 0..2 {
        let kept = get(&tables, "anna").await.unwrap();
        assert!(put(&tables, &kept, 1.0).await, "{round}");
        assert!(!put(&tables, &kept, 2.0).await, "{round}");
    }
    let kept = get(&tables, "anna").await.unwrap();
    assert_eq!(kept.adjustments.of("lux", "glare").above, Some(1.0));
}

#[tokio::test]
async fn nothing_is_written_but_to_the_registration_that_was_read() {
    let (client, tables) = tables().await;
    assert_eq!(get(&tables, "bob").await, None);
    let kept = get(&tables, "anna").await.unwrap();
    let bobs = tables
        .keep(&user("bob"), &device("SN-1"), &kept, at(0))
        .await;
    assert!(!bobs.unwrap());

    // Anna has registered it again.
    registration(&client, 2, true).await;
    assert!(!put(&tables, &kept, 1.0).await);
    let kept = get(&tables, "anna").await.unwrap();
    assert!(put(&tables, &kept, 1.0).await);
    // And lets go of it.
    registration(&client, 2, false).await;
    assert_eq!(get(&tables, "anna").await, None);
    assert!(!put(&tables, &kept, 2.0).await);
    let rows = client.scan().table_name(table::REGISTRATIONS).send().await;
    let rows = rows.unwrap().items.unwrap();
    assert_eq!(rows.len(), 1, "none was made");
    assert!(!rows[0].contains_key(table::THRESHOLDS), "{rows:?}");
}

async fn tables() -> (Client, DynamoRegistrations) {
    let client = engine::dynamodb().await;
    let (registrations, reference) = (table::REGISTRATIONS.into(), table::REFERENCE.into());
    let tables = DynamoRegistrations::new(client.clone(), registrations, reference);
    registration(&client, 1, true).await;
    (client, tables)
}

async fn get(tables: &DynamoRegistrations, name: &str) -> Option<Kept> {
    let kept = tables.kept(&user(name), &device("SN-1")).await;
    kept.unwrap()
}

/// Whether anna's limit of `glare` is `above` now.
async fn put(tables: &DynamoRegistrations, kept: &Kept, above: f64) -> bool {
    let own = Adjustment {
        above: Some(above),
        ..Adjustment::default()
    };
    let of_lux = [("glare".to_owned(), own)].into();
    let kept = Kept {
        adjustments: Adjustments([("lux".to_owned(), of_lux)].into()),
        ..kept.clone()
    };
    let put = tables
        .keep(&user("anna"), &device("SN-1"), &kept, at(9))
        .await;
    put.unwrap()
}

/// Anna's registration of SN-1, in the place of another one.
async fn registration(client: &Client, id: u128, is_present: bool) {
    let text = |it: &str| AttributeValue::S(it.to_owned());
    let details = AttributeValue::M([("colour".to_owned(), text("white"))].into());
    let mut row = client
        .put_item()
        .table_name(table::REGISTRATIONS)
        .item(table::USER_ID, text("anna"))
        .item(table::DEVICE_ID, text("SN-1"))
        .item(
            "registrationId",
            text(&RegistrationId(Uuid::from_u128(id)).to_string()),
        )
        .item("deviceName", text("Hall"))
        .item("modelNumber", text("greenhouse-1"))
        .item("details", details)
        .item(
            "status",
            text(if is_present { "complete" } else { "deleted" }),
        )
        .item("createdAt", text(&domain::time::text(at(7))));
    if is_present {
        row = row.item(table::ACTIVE_DEVICE, text("SN-1"));
    }
    row.send().await.unwrap();
}
