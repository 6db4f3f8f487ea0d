//! What is known of series of measurements, on a real DynamoDB engine.

use adapters::DynamoWatches;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use domain::id::RegistrationId;
use domain::memory::{at, command};
use domain::model::Side;
use domain::telemetry::{
    Crossing, Finding, Moments, Owed, Series, State, Watch, Watches, Way, Written,
};
use uuid::Uuid;

use crate::engine;

#[tokio::test]
async fn what_is_known_comes_back_to_the_last_digit() {
    let client = engine::dynamodb().await;
    let watches = DynamoWatches::new(client.clone(), table::SETTINGS.to_owned());
    assert_eq!(watches.get(&series(1)).await.unwrap(), None);

    let known = watch(1);
    assert_eq!(put(&watches, &known).await, Written::Done);
    assert_eq!(watches.get(&series(1)).await.unwrap(), Some(known));
    // Another registration, another series.
    assert_eq!(watches.get(&series(2)).await.unwrap(), None);

    let rows = client.scan().table_name(table::SETTINGS).send().await;
    let row = rows.unwrap().items.unwrap().remove(0);
    let key = row[table::SETTING_ID].as_s().unwrap();
    assert!(key.starts_with("watch#"), "{key}");
    let expires: i64 = row[table::EXPIRES_AT].as_n().unwrap().parse().unwrap();
    assert_eq!(expires, at(0).as_second() + 30 * 24 * 60 * 60);
}

#[tokio::test]
async fn of_two_that_have_read_the_same_one_writes() {
    let client = engine::dynamodb().await;
    let watches = DynamoWatches::new(client, table::SETTINGS.to_owned());
    assert_eq!(put(&watches, &watch(1)).await, Written::Done);
    assert_eq!(put(&watches, &watch(1)).await, Written::Overtaken);
    assert_eq!(put(&watches, &watch(2)).await, Written::Done);
    for late in [1, 2, 4] {
        assert_eq!(put(&watches, &watch(late)).await, Written::Overtaken);
    }
    let known = watches.get(&series(1)).await.unwrap().unwrap();
    assert_eq!(known.version, 2);
}

#[tokio::test]
async fn a_row_from_before_thresholds_is_read() {
    let client = engine::dynamodb().await;
    let before =
        r#"{"version":3,"last":7,"moments":{"count":1,"mean":2.0,"variance":0.0},"found":[]}"#;
    let text = |it: &str| AttributeValue::S(it.to_owned());
    client
        .put_item()
        .table_name(table::SETTINGS)
        .item(table::SETTING_ID, text(&format!("watch#{}", series(1))))
        .item("known", text(before))
        .item("version", AttributeValue::N("3".to_owned()))
        .send()
        .await
        .unwrap();
    let watches = DynamoWatches::new(client, table::SETTINGS.to_owned());
    let known = watches.get(&series(1)).await.unwrap().unwrap();
    assert_eq!((known.version, known.last), (3, 7));
    assert!(known.thresholds.is_empty());
    assert_eq!(put(&watches, &watch(4)).await, Written::Done);
}

async fn put(watches: &DynamoWatches, watch: &Watch) -> Written {
    watches.put(&series(1), watch, at(0)).await.unwrap()
}

fn series(registration: u128) -> Series {
    Series::of(RegistrationId(Uuid::from_u128(registration)), "temperature")
}

fn watch(version: u64) -> Watch {
    let state = State {
        side: Some(Side::Low),
        way: Some(Way {
            to: Side::High,
            limit: (0.1_f64 + 0.2).to_string(),
            since: 1_789_999_000_000,
        }),
        owes: true,
    };
    Watch {
        version,
        last: 1_790_000_000_000,
        moments: Moments {
            count: 31,
            mean: 0.1 + 0.2,
            variance: 1e-300,
        },
        found: vec![Finding {
            at: 1_790_000_000_000,
            value: 2.0_f64.sqrt(),
            lower: -1.0 / 3.0,
            upper: 1.0 / 3.0,
        }],
        thresholds: [("glare".to_owned(), state)].into(),
        crossed: vec![Crossing {
            name: "glare".to_owned(),
            to: Side::High,
            at: 1_790_000_000_000,
            value: 1.0 / 3.0,
            since: 1_789_999_000_000,
            above: 0.1 + 0.2,
            below: 0.1,
            seconds: 900,
        }],
        owed: vec![Owed {
            id: command("anna", "SN-1", 7).id,
            threshold: "glare".to_owned(),
            to: Side::High,
        }],
    }
}
