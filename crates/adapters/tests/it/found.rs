//! What was found in the account, on a real DynamoDB engine.

use adapters::DynamoFound;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use jiff::Timestamp;

use crate::engine;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

#[tokio::test]
async fn a_row_is_written_read_replaced_and_deleted() {
    let found = row(&engine::dynamodb().await, "indexing");
    assert!(found.get().await.unwrap().is_none());

    found.put(None, &"off".to_owned(), NOW).await.unwrap();
    let first = found.get().await.unwrap().unwrap();
    assert_eq!(first.value, "off");

    found
        .put(Some(&first), &"on".to_owned(), NOW)
        .await
        .unwrap();
    let second = found.get().await.unwrap().unwrap();
    assert_eq!(second.value, "on");

    found.delete(&second).await.unwrap();
    assert!(found.get().await.unwrap().is_none());
}

#[tokio::test]
async fn who_has_read_before_somebody_else_wrote_changes_nothing() {
    let found = row(&engine::dynamodb().await, "indexing");
    found.put(None, &"off".to_owned(), NOW).await.unwrap();
    let read = found.get().await.unwrap().unwrap();
    found.put(Some(&read), &"on".to_owned(), NOW).await.unwrap();

    let late = "late".to_owned();
    assert!(found.put(None, &late, NOW).await.is_err());
    assert!(found.put(Some(&read), &late, NOW).await.is_err());
    assert!(found.delete(&read).await.is_err());
    assert_eq!(found.get().await.unwrap().unwrap().value, "on");

    let read = found.get().await.unwrap().unwrap();
    found.delete(&read).await.unwrap();
    assert!(found.put(Some(&read), &late, NOW).await.is_err());
    assert!(found.delete(&read).await.is_err());
    assert!(found.get().await.unwrap().is_none());
}

#[tokio::test]
async fn each_setting_of_the_account_has_a_row_that_no_user_and_no_setting_has() {
    let client = engine::dynamodb().await;
    for name in ["indexing", "audit"] {
        row(&client, name)
            .put(None, &name.to_owned(), NOW)
            .await
            .unwrap();
    }
    let rows = client.scan().table_name(table::SETTINGS).send().await;
    let mut keys: Vec<_> = rows
        .unwrap()
        .items()
        .iter()
        .map(|it| it[table::SETTING_ID].as_s().unwrap().clone())
        .collect();
    keys.sort();
    assert_eq!(keys, ["found#audit", "found#indexing"]);
}

#[tokio::test]
async fn a_row_of_an_odd_shape_is_an_error() {
    let client = engine::dynamodb().await;
    for setting in [
        AttributeValue::S("not JSON".to_owned()),
        AttributeValue::Bool(true),
    ] {
        client
            .put_item()
            .table_name(table::SETTINGS)
            .item(
                table::SETTING_ID,
                AttributeValue::S("found#indexing".to_owned()),
            )
            .item("setting", setting)
            .send()
            .await
            .unwrap();
        let err = row(&client, "indexing").get().await.unwrap_err();
        assert_eq!(
            err.to_string(),
            "could not read what was found in the account"
        );
    }
}

fn row(client: &Client, name: &str) -> DynamoFound<String> {
    DynamoFound::new(client.clone(), table::SETTINGS.to_owned(), name)
}
