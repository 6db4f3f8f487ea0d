//! Devices of a user, on a real DynamoDB engine.

use std::collections::BTreeSet;

use adapters::{DynamoEvents, DynamoRegistrations};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use domain::alert::{self, Class};
use domain::connectivity::{Connected, Connection, Connectivity};
use domain::device::{self, Devices, Leftovers, tidy};
use domain::event::{Events, List, Query, Timelines};
use domain::id::{DeviceId, UserId};
use domain::memory::{MemorySettings, at, device, record, user};
use domain::page::Limit;

use crate::engine;

#[tokio::test]
async fn lesson_21_the_list_goes_on_past_its_second_page_and_leaves_the_deleted_ones_out() {
    let (client, tables) = tables().await;
    for number in 0..600 {
        let status = if number % 2 == 0 {
            "complete"
        } else {
            "deleted"
        };
        registration(&client, "anna", &format!("SN-{number:03}"), status).await;
    }
    registration(&client, "bob", "SN-000", "complete").await;

    let anna = user("anna");
    let (mut ids, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let limit = Limit::parse(Some("100"), 100).unwrap();
        let page = device::list(&tables, &Nobody, &anna, after, limit)
            .await
            .unwrap();
        pages += 1;
        ids.extend(
            page.items
                .into_iter()
                .map(|it| it.registration.device.to_string()),
        );
        let Some(next) = page.next else { break };
        after = Some(device(&next));
    }
    let expected: Vec<_> = (0..600)
        .step_by(2)
        .map(|it| format!("SN-{it:03}"))
        .collect();
    assert_eq!(ids, expected);
    assert_eq!(pages, 3);
}

#[tokio::test]
async fn a_device_is_found_under_its_owner_only() {
    let (client, tables) = tables().await;
    registration(&client, "anna", "SN-1", "complete").await;
    let (anna, bob) = (user("anna"), user("bob"));
    assert!(tables.get(&anna, &device("SN-1")).await.unwrap().is_some());
    assert!(tables.get(&bob, &device("SN-1")).await.unwrap().is_none());
    assert!(tables.get(&anna, &device("SN-2")).await.unwrap().is_none());
}

#[tokio::test]
async fn a_deleted_device_leaves_no_alert_in_its_former_owners_list() {
    let events = DynamoEvents::new(engine::dynamodb().await, table::EVENTS.into());
    for (serial, number) in (0..40).map(|it| (if it % 4 == 0 { "SN-2" } else { "SN-1" }, it)) {
        let record = record("anna", serial, &format!("m-{number}"), number);
        events.insert(&record).await.unwrap();
    }
    let anna = user("anna");
    let settings = MemorySettings::default();
    assert_eq!(alert::count(&settings, &events, &anna).await.unwrap(), 40);

    let leftovers = Leftovers {
        user: anna.clone(),
        device: device("SN-1"),
        registration: record("anna", "SN-1", "m-1", 0).registration,
        since: at(0),
    };
    assert_eq!(tidy(&events, &leftovers, at(99)).await.unwrap(), 30);
    assert_eq!(tidy(&events, &leftovers, at(99)).await.unwrap(), 0);
    assert_eq!(alert::count(&settings, &events, &anna).await.unwrap(), 10);
    let unread = Query::all(List::Unread(&anna, Class::Urgent));
    let rows = events.read(&unread, None, 100).await.unwrap().rows;
    assert!(rows.iter().all(|it| it.event.device == device("SN-2")));
    // The history stays.
    let history = Query::all(List::User(&anna));
    assert_eq!(
        events.read(&history, None, 100).await.unwrap().rows.len(),
        40
    );
}

/// An index in which no device is connected.
struct Nobody;

impl Connectivity for Nobody {
    async fn of_device(&self, _: &DeviceId) -> Option<Connection> {
        Some(Connection::default())
    }

    async fn of_user(&self, _: &UserId) -> Connected {
        Connected {
            devices: BTreeSet::new(),
            complete: true,
        }
    }
}

async fn tables() -> (Client, DynamoRegistrations) {
    let client = engine::dynamodb().await;
    let (registrations, reference) = (table::REGISTRATIONS.into(), table::REFERENCE.into());
    let tables = DynamoRegistrations::new(client.clone(), registrations, reference);
    (client, tables)
}

async fn registration(client: &Client, owner: &str, serial: &str, status: &str) {
    let time = domain::time::text(at(0));
    let attributes = [
        (table::USER_ID, owner),
        (table::DEVICE_ID, serial),
        ("registrationId", "00000000-0000-0000-0000-000000000001"),
        ("deviceName", "Hall"),
        (table::MODEL_NUMBER, "T-100"),
        ("status", status),
        ("createdAt", &time),
        ("updatedAt", &time),
    ];
    let mut put = client.put_item().table_name(table::REGISTRATIONS);
    for (name, value) in attributes {
        put = put.item(name, AttributeValue::S(value.to_owned()));
    }
    let details = AttributeValue::M(std::collections::HashMap::new());
    put.item("details", details).send().await.unwrap();
}
