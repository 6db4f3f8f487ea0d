//! A long history, on a real DynamoDB engine: what was read costs nothing.

use std::collections::HashMap;

use adapters::{DynamoEvents, DynamoSettings};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use contract::{index, table};
use domain::alert;
use domain::event::Events;
use domain::memory::{record, user};
use domain::page::Limit;
use dynoxide::AttributeValue::{BOOL, N, S};
use dynoxide::types::Item;

use crate::engine;

/// Events that were read long ago.
const READ: i64 = 100_000;
/// Events that are unread.
const UNREAD: usize = 30;

#[tokio::test]
async fn lesson_19_unread_alerts_cost_the_same_behind_a_hundred_thousand_read_events() {
    let (client, database) = engine::with_database().await;
    let events = DynamoEvents::new(client.clone(), table::EVENTS.into());
    let settings = DynamoSettings::new(client.clone(), table::SETTINGS.into());
    for number in 0..UNREAD {
        let record = record(
            "anna",
            "SN-1",
            &format!("unread-{number}"),
            READ + number as i64,
        );
        events.insert(&record).await.unwrap();
    }
    let alone = cost(&client, &events, &settings).await;

    let rows = (0..READ).map(read).collect();
    database
        .import_items(table::EVENTS, rows, Default::default())
        .unwrap();
    assert_eq!(stored(&client).await, READ as usize + UNREAD);
    assert_eq!(cost(&client, &events, &settings).await, alone);
}

/// What a page of alerts and their number cost: rows read, alerts, and the
/// capacity that the index takes for them.
async fn cost(
    client: &Client,
    events: &DynamoEvents,
    settings: &DynamoSettings,
) -> (usize, usize, f64) {
    let anna = user("anna");
    let limit = Limit::parse(None, 100).unwrap();
    let page = alert::page(settings, events, &anna, None, limit, None)
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.next), (UNREAD, None));
    let count = alert::count(settings, events, &anna).await.unwrap();
    let consumed = client
        .query()
        .table_name(table::EVENTS)
        .index_name(index::EVENTS_UNREAD)
        .key_condition_expression("unread = :list")
        .expression_attribute_values(":list", AttributeValue::S("anna#urgent".into()))
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap()
        .consumed_capacity
        .unwrap();
    (page.scanned, count, consumed.capacity_units.unwrap())
}

async fn stored(client: &Client) -> usize {
    let described = client
        .describe_table()
        .table_name(table::EVENTS)
        .send()
        .await;
    let rows = described.unwrap().table.unwrap().item_count.unwrap();
    usize::try_from(rows).unwrap()
}

/// The row of an event that was acknowledged.
fn read(number: i64) -> Item {
    let event = record("anna", "SN-1", &format!("read-{number}"), number).event;
    let time = domain::time::text(event.created_at);
    HashMap::from([
        (table::USER_DEVICE.to_owned(), S("anna#SN-1".to_owned())),
        (table::ID.to_owned(), S(event.id.to_string())),
        (
            table::ORDER.to_owned(),
            S(event.order().as_str().to_owned()),
        ),
        (table::USER_ID.to_owned(), S("anna".to_owned())),
        (table::DEVICE_ID.to_owned(), S("SN-1".to_owned())),
        ("timestamp".to_owned(), N(event.timestamp.to_string())),
        ("type".to_owned(), S("warning".to_owned())),
        ("ack".to_owned(), BOOL(true)),
        ("suppress".to_owned(), BOOL(false)),
        ("unreadList".to_owned(), S("anna#urgent".to_owned())),
        ("createdAt".to_owned(), S(time.clone())),
        ("updatedAt".to_owned(), S(time)),
    ])
}
