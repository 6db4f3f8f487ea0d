//! What is known of series of measurements, on a real DynamoDB engine.

use adapters::DynamoWatches;
use contract::table;
use domain::id::RegistrationId;
use domain::memory::at;
use domain::telemetry::{Finding, Moments, Series, Watch, Watches, Written};
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

async fn put(watches: &DynamoWatches, watch: &Watch) -> Written {
    watches.put(&series(1), watch, at(0)).await.unwrap()
}

fn series(registration: u128) -> Series {
    Series::of(RegistrationId(Uuid::from_u128(registration)), "temperature")
}

fn watch(version: u64) -> Watch {
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
    }
}
