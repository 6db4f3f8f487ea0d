//! Events: the suite of the ports, and pages on a real DynamoDB engine.

use std::sync::Arc;

use adapters::{DynamoEvents, DynamoSettings};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use domain::alert::{self, Class};
use domain::event::{
    self, Change, Delivery, EventType, Events, Insertion, List, Order, Presence, PresenceReception,
    Query, Reception, Record, SingleEvents, Timelines, receive, receive_presence,
};
use domain::memory::{MemoryEvents, Noted, at, device, record, user};
use domain::owner::Owners;
use domain::page::Limit;
use domain::store::Cause;
use serde_json::json;
use uuid::Uuid;

use crate::engine;
use crate::owners;

#[tokio::test]
async fn the_double_passes_the_suite() {
    suite(Arc::new(MemoryEvents::default())).await;
}

#[tokio::test]
async fn the_table_passes_the_suite() {
    suite(Arc::new(table(engine::dynamodb().await))).await;
}

/// What every implementation of [`Events`] and [`Timelines`] does.
async fn suite<S: Events + Timelines + Send + 'static>(store: Arc<S>) {
    let (anna, bob) = (user("anna"), user("bob"));
    let (one, two) = (device("SN-1"), device("SN-2"));

    // Nothing is lost on the way, and a repetition changes nothing.
    let mut full = record("anna", "SN-1", "full", 9);
    full.event.message = "Zu heiß \u{1f321}".into();
    full.event.value = Some(json!([1e300, -0.1, 18_446_744_073_709_551_615_u64, "", {"": null}]));
    full.event.details = json!({"sensor": {"id": 7, "": ""}}).as_object().cloned();
    full.event.sent_at = Some(at(1));
    assert_eq!(store.insert(&full).await.unwrap(), Insertion::New);
    let mut again = full.clone();
    again.event.message = "changed".into();
    let known = Insertion::Known(Box::new(full.event.clone()));
    assert_eq!(store.insert(&again).await.unwrap(), known);
    let everything = Query::all(List::User(&anna));
    let read = store.read(&everything, None, 10).await.unwrap();
    assert_eq!(
        (read.rows, read.scanned, read.end),
        (vec![full.clone()], 1, None)
    );

    // Of many at once, one is new.
    let mut inserts = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (store, mut row) = (Arc::clone(&store), record("anna", "SN-1", "raced", 8));
        row.event.message = format!("attempt {number}");
        inserts.spawn(async move { store.insert(&row).await.unwrap() });
    }
    let inserts = inserts.join_all().await;
    assert_eq!(
        inserts.iter().filter(|it| **it == Insertion::New).count(),
        1
    );

    // Each list has what belongs to it, newest first.
    for (number, (name, serial, event_type)) in [
        ("anna", "SN-1", EventType::Error),
        ("anna", "SN-2", EventType::Info),
        ("anna", "SN-2", EventType::Error),
        ("bob", "SN-1", EventType::Error),
        ("anna", "SN-2", EventType::Diagnostic),
    ]
    .into_iter()
    .enumerate()
    {
        let mut row = record(name, serial, &number.to_string(), number as i64);
        row.event.event_type = event_type;
        store.insert(&row).await.unwrap();
    }
    let filtered = |list, device, event_type| Query {
        unread: false,
        list,
        device,
        event_type,
    };
    for (query, expected) in [
        (
            Query::all(List::User(&anna)),
            &["full", "raced", "4", "2", "1", "0"][..],
        ),
        (Query::all(List::User(&bob)), &["3"]),
        (
            Query::all(List::Device(&anna, &one)),
            &["full", "raced", "0"],
        ),
        (Query::all(List::Device(&anna, &two)), &["4", "2", "1"]),
        (Query::all(List::Device(&bob, &two)), &[]),
        (
            Query::all(List::Unread(&anna, Class::Urgent)),
            &["full", "raced", "2", "0"],
        ),
        (Query::all(List::Unread(&anna, Class::Info)), &["1"]),
        (Query::all(List::Unread(&anna, Class::Diagnostic)), &["4"]),
        (Query::all(List::Unread(&bob, Class::Urgent)), &["3"]),
        (
            filtered(List::User(&anna), None, Some(EventType::Error)),
            &["2", "0"],
        ),
        (
            filtered(List::User(&anna), Some(&two), None),
            &["4", "2", "1"],
        ),
        (
            filtered(
                List::Unread(&anna, Class::Urgent),
                Some(&two),
                Some(EventType::Error),
            ),
            &["2"],
        ),
        (
            filtered(List::Device(&anna, &one), None, Some(EventType::Info)),
            &[],
        ),
    ] {
        let read = store.read(&query, None, 100).await.unwrap();
        assert_eq!(ids(&read.rows), expected, "{query:?}");
        assert_eq!(read.end, None, "{query:?}");
        let counted = store.count(&query, None).await.unwrap();
        assert_eq!(
            (counted.rows, counted.end),
            (expected.len(), None),
            "{query:?}"
        );
    }

    // A stretch ends where it was told to, and the next one begins there.
    let errors = filtered(List::User(&anna), None, Some(EventType::Error));
    let first = store.read(&errors, None, 4).await.unwrap();
    assert_eq!((ids(&first.rows), first.scanned), (vec!["2".to_owned()], 4));
    let end = first.end.unwrap();
    assert_eq!(end, first.rows[0].event.order());
    let rest = store.read(&errors, Some(&end), 4).await.unwrap();
    assert_eq!(
        (ids(&rest.rows), rest.scanned, rest.end),
        (vec!["0".to_owned()], 2, None)
    );
    assert_eq!(store.count(&errors, Some(&end)).await.unwrap().rows, 1);

    // One that was cut at the last row does not know that it was the last.
    let all = store.read(&everything, None, 6).await.unwrap();
    let end = all.end.unwrap();
    assert_eq!((all.rows.len(), &end), (6, &all.rows[5].event.order()));
    let rest = store.read(&everything, Some(&end), 6).await.unwrap();
    assert_eq!((rest.rows, rest.scanned, rest.end), (vec![], 0, None));
}

#[tokio::test]
async fn a_row_is_what_the_data_model_says() {
    let client = engine::dynamodb().await;
    let mut row = record("anna", "SN-1", "m-1", 7);
    row.event.value = Some(json!(72.5));
    row.event.details = json!({"a": 1}).as_object().cloned();
    table(client.clone()).insert(&row).await.unwrap();

    let rows = client
        .scan()
        .table_name(table::EVENTS)
        .send()
        .await
        .unwrap()
        .items
        .unwrap();
    let id = row.event.id.to_string();
    let found: serde_json::Value = serde_dynamo::from_item(rows[0].clone()).unwrap();
    assert_eq!(
        found,
        json!({
            "userDevice": "anna#SN-1",
            "id": id,
            "order": format!("2020-09-13T12:26:40.007Z#{id}"),
            "userId": "anna",
            "deviceId": "SN-1",
            "deviceName": "Device SN-1",
            "registrationId": "00000000-0000-0000-0000-000000000001",
            "messageId": "m-1",
            "message": "",
            "type": "warning",
            "timestamp": 1_600_000_000_007_i64,
            "value": "72.5",
            "details": "{\"a\":1}",
            "ack": false,
            "suppress": false,
            "unread": "anna#urgent",
            "unreadList": "anna#urgent",
            "createdAt": "2020-09-13T12:26:40.007Z",
            "updatedAt": "2020-09-13T12:26:40.007Z",
            "expiresAt": 1_631_536_000,
        })
    );
}

#[tokio::test]
async fn a_connection_that_began_is_on_the_timeline_and_among_no_unread_ones() {
    let client = engine::dynamodb().await;
    let events = table(client.clone());
    let owners = owners::World::over(client.clone());
    owners.registered("anna", "SN-1", 1, "complete").await;
    let presence = Presence {
        client: "SN-1".into(),
        event_type: "connected".into(),
        reason: None,
        session: "s-1".into(),
        version: 7,
        timestamp: at(990).as_millisecond(),
        received: at(1_000),
    };
    let received = async || {
        let presence = presence.clone();
        receive_presence(&owners.owners, &events, presence, at(2_000)).await
    };
    let PresenceReception::Stored(event) = received().await.unwrap() else {
        panic!("not stored")
    };
    let repeated = received().await.unwrap();
    assert!(matches!(repeated, PresenceReception::Repeated(it) if it == event));

    let scan = client.scan().table_name(table::EVENTS);
    let rows = scan.send().await.unwrap().items.unwrap();
    assert_eq!(rows.len(), 1);
    let row: serde_json::Value = serde_dynamo::from_item(rows[0].clone()).unwrap();
    assert_eq!(row["messageId"], json!("presence-s-1-7-connected"));
    assert_eq!(row["suppress"], json!(true));
    assert_eq!(row.get("unread"), None);
    assert_eq!(row["unreadList"], json!("anna#info"));

    let (anna, settings) = (
        user("anna"),
        DynamoSettings::new(client.clone(), table::SETTINGS.into()),
    );
    level_of(&client, &["error", "warning", "info", "diagnostic"]).await;
    assert_eq!(alert::count(&settings, &events, &anna).await.unwrap(), 0);
    let all = event::of_user(&events, &anna, None, Some(EventType::Info), limit(20), None).await;
    assert_eq!(all.unwrap().items, std::slice::from_ref(&event));

    // Its owner may want to hear of it after all.
    let listen = Change::Suppress(false);
    let registration = owners.owners.of_device(&event.device).await.unwrap();
    let registration = registration.unwrap().registration;
    let (device, id) = (&event.device, event.id);
    let changed = events
        .change(&anna, registration, device, id, listen, at(3_000))
        .await;
    assert!(changed.unwrap().unwrap().is_unread());
    assert_eq!(alert::count(&settings, &events, &anna).await.unwrap(), 1);
}

#[tokio::test]
async fn a_row_that_we_do_not_know_is_an_error_and_no_panic() {
    let client = engine::dynamodb().await;
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let put = client.put_item().table_name(table::EVENTS);
    let put = put
        .item(table::USER_DEVICE, text("anna#SN-1"))
        .item(table::ID, text("x"));
    let put = put
        .item(table::USER_ID, text("anna"))
        .item(table::ORDER, text("x"));
    put.send().await.unwrap();
    let anna = user("anna");
    let failed = table(client)
        .read(&Query::all(List::User(&anna)), None, 10)
        .await
        .unwrap_err();
    assert_eq!(failed.cause, Cause::Broken);
    assert_eq!(failed.to_string(), "could not list events");
}

#[tokio::test]
async fn lesson_19_what_is_read_leaves_the_index_of_the_unread() {
    let client = engine::dynamodb().await;
    let events = table(client.clone());
    let settings = DynamoSettings::new(client.clone(), table::SETTINGS.into());
    let rows = fill(&events, 1..6).await;
    let count = async || {
        alert::count(&settings, &events, &user("anna"))
            .await
            .unwrap()
    };
    assert_eq!(count().await, 5);
    for row in &rows[..3] {
        client
            .update_item()
            .table_name(table::EVENTS)
            .key(table::USER_DEVICE, AttributeValue::S("anna#SN-1".into()))
            .key(table::ID, AttributeValue::S(row.event.id.to_string()))
            .update_expression("SET ack = :yes REMOVE unread")
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .send()
            .await
            .unwrap();
    }
    assert_eq!(count().await, 2);
    let unread = Query::all(List::Unread(&rows[0].event.user, Class::Urgent));
    let read = events.read(&unread, None, 100).await.unwrap();
    assert_eq!(
        (ids(&read.rows), read.scanned),
        (vec!["5".to_owned(), "4".to_owned()], 2)
    );
}

#[tokio::test]
async fn lesson_21_each_of_250_events_is_on_one_page_while_new_ones_come_in() {
    let events = table(engine::dynamodb().await);
    fill(&events, 0..250).await;
    for (filter, expected) in [
        (
            None,
            (0..250).rev().map(|it| it.to_string()).collect::<Vec<_>>(),
        ),
        (
            Some(EventType::Info),
            (0..250)
                .rev()
                .filter(|it| it % 7 == 0)
                .map(|it| it.to_string())
                .collect(),
        ),
    ] {
        let mut seen = Vec::new();
        let mut after = None;
        for round in 0.. {
            let page = event::of_user(&events, &user("anna"), None, filter, limit(30), after).await;
            let page = page.unwrap();
            seen.extend(page.items.iter().map(|it| it.message_id.to_string()));
            let mut new = record(
                "anna",
                "SN-1",
                &format!("new-{round}-{filter:?}"),
                1_000 + round,
            );
            new.event.event_type = EventType::Info;
            events.insert(&new).await.unwrap();
            let Some(next) = page.next else { break };
            after = Some(Order::parse(&next).unwrap());
        }
        seen.retain(|it| !it.starts_with("new"));
        assert_eq!(seen, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn a_page_of_the_largest_events_is_full_though_the_service_ends_its_pages_early() {
    let client = engine::dynamodb().await;
    let events = table(client.clone());
    let settings = DynamoSettings::new(client, table::SETTINGS.into());
    for number in 0..110 {
        let mut row = record("anna", "SN-1", &number.to_string(), number);
        row.event.value = Some(json!("x".repeat(event::LARGEST)));
        events.insert(&row).await.unwrap();
    }
    let anna = user("anna");
    let everything = Query::all(List::User(&anna));
    let cut = events.read(&everything, None, 110).await.unwrap();
    assert!(
        cut.end.is_some() && cut.rows.len() < 110,
        "{}",
        cut.rows.len()
    );

    let page = event::of_user(&events, &anna, None, None, limit(100), None)
        .await
        .unwrap();
    assert_eq!(page.items.len(), 100);
    assert!(page.next.is_some());
    assert_eq!(alert::count(&settings, &events, &anna).await.unwrap(), 110);
}

#[tokio::test]
async fn lesson_10_three_owners_in_turn_have_each_their_history() {
    let client = engine::dynamodb().await;
    let events = table(client.clone());
    let registrations = owners::World::over(client);
    let message = br#"{"type":"error","messageId":"m-1"}"#;

    for (number, name) in [(1, "anna"), (2, "bob"), (3, "anna")] {
        for former in ["anna", "bob"].into_iter().filter(|_| number > 1) {
            registrations
                .registered(former, "SN-1", number - 1, "deleted")
                .await;
        }
        registrations
            .registered(name, "SN-1", number, "complete")
            .await;
        let page = async |name: &str| {
            let (user, device) = (user(name), device("SN-1"));
            let owners = &registrations.owners;
            event::of_device(owners, &events, &user, &device, None, limit(20), None).await
        };
        assert_eq!(
            page(name).await.unwrap().items,
            [],
            "owner {number} starts with nothing"
        );

        for _ in 0..2 {
            let delivery = Delivery {
                device: "SN-1".into(),
                payload: message.to_vec(),
                received: at(1_000 + number as i64),
            };
            let (alerts, rejected) = (Noted::default(), Noted::default());
            let (owners, claim) = (&registrations.owners, Uuid::from_u128(1));
            let now = at(10_000);
            let reception =
                receive(owners, &events, &alerts, &rejected, delivery, claim, now).await;
            assert!(
                !matches!(reception.unwrap(), Reception::Rejected(_)),
                "{number}"
            );
        }
        let own = page(name).await.unwrap();
        assert_eq!(own.items.len(), 1, "owner {number}");
        assert_eq!(own.items[0].user, user(name));
        let stranger = if name == "anna" { "bob" } else { "anna" };
        assert!(page(stranger).await.is_err(), "owner {number}");
    }
}

#[tokio::test]
async fn alerts_of_all_classes_are_merged_by_time_under_one_key() {
    let client = engine::dynamodb().await;
    let events = table(client.clone());
    for (number, event_type) in (0..40).zip(EventType::ALL.into_iter().cycle()) {
        let mut row = record("anna", "SN-1", &number.to_string(), number);
        row.event.event_type = event_type;
        events.insert(&row).await.unwrap();
    }
    let settings = DynamoSettings::new(client.clone(), table::SETTINGS.into());
    let anna = user("anna");
    for (level, kept) in [
        (
            &["error", "warning", "info", "diagnostic"][..],
            &[0, 1, 2, 3][..],
        ),
        (&["warning", "diagnostic"], &[1, 3]),
    ] {
        level_of(&client, level).await;
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page = alert::page(&settings, &events, &anna, None, limit(7), after)
                .await
                .unwrap();
            seen.extend(page.items.iter().map(|it| it.message_id.to_string()));
            let Some(next) = page.next else { break };
            assert_eq!(page.items.len(), 7);
            after = Some(Order::parse(&next).unwrap());
        }
        let expected: Vec<_> = (0..40)
            .rev()
            .filter(|it| kept.contains(&(it % 4)))
            .map(|it| it.to_string())
            .collect();
        assert_eq!(seen, expected, "{level:?}");
        assert_eq!(
            alert::count(&settings, &events, &anna).await.unwrap(),
            expected.len()
        );
    }
}

/// Stores the alert level of Anna.
async fn level_of(client: &Client, level: &[&str]) {
    let setting = json!({"alertLevel": level, "sendNotification": false});
    client
        .put_item()
        .table_name(table::SETTINGS)
        .item(table::SETTING_ID, AttributeValue::S("anna".into()))
        .item(
            "setting",
            serde_dynamo::to_attribute_value(setting).unwrap(),
        )
        .item("createdAt", AttributeValue::S(domain::time::text(at(0))))
        .item("updatedAt", AttributeValue::S(domain::time::text(at(0))))
        .send()
        .await
        .unwrap();
}

/// Events of Anna's `SN-1`, each called by its number and received at it;
/// every seventh is an info, the others are warnings.
async fn fill(events: &DynamoEvents, numbers: std::ops::Range<i64>) -> Vec<Record> {
    let mut rows = Vec::new();
    for number in numbers {
        let mut row = record("anna", "SN-1", &number.to_string(), number);
        if number % 7 == 0 {
            row.event.event_type = EventType::Info;
        }
        events.insert(&row).await.unwrap();
        rows.push(row);
    }
    rows
}

fn ids(rows: &[Record]) -> Vec<String> {
    rows.iter()
        .map(|it| it.event.message_id.to_string())
        .collect()
}

fn limit(rows: usize) -> Limit {
    Limit::parse(Some(&rows.to_string()), 20).unwrap()
}

fn table(client: Client) -> DynamoEvents {
    DynamoEvents::new(client, table::EVENTS.into())
}
