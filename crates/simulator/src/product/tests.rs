//! Rows of products, in an engine of the test's own.

use std::net::Ipv4Addr;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use domain::model::Model;
use dynoxide::Database;
use serde_json::json;
use tokio::net::TcpListener;

use super::*;

#[test]
fn details_are_an_object() {
    assert!(object(r#"{"a": {"b": [1, true, null]}}"#).is_ok());
    for bad in ["", "1", "[]", "null", "\"a\"", "{"] {
        assert!(object(bad).is_err(), "{bad}");
    }
}

fn check(number: &str, file: Option<Value>, more: Option<&Value>) -> Result<Value> {
    let file = file.map(|it| serde_json::from_value(it).unwrap());
    details(number, file, more)
}

#[test]
fn details_are_a_model_with_more_beside_it() {
    let white = json!({ "colour": "white" });
    let thermostat = check("thermostat-1", None, Some(&white)).unwrap();
    assert_eq!(thermostat["colour"], "white");
    assert!(thermostat["commands"]["set-temp"].is_object());
    let lock = check("lock-1", None, None).unwrap();
    assert!(lock["commands"]["unlock"].is_object());
    assert_eq!(check("pump-1", None, Some(&white)).unwrap(), white);
    let own = json!({ "commands": { "stop": {} } });
    let both = check("thermostat-1", Some(own), Some(&white)).unwrap();
    assert_eq!(
        both,
        json!({ "commands": { "stop": {} }, "colour": "white" })
    );
}

#[test]
fn what_breaks_a_model_is_refused_with_its_place() {
    let bad = json!({ "commands": { "stop": { "value": { "type": "nmber" } } } });
    for (file, more) in [(Some(bad.clone()), None), (None, Some(&bad))] {
        let error = check("thermostat-1", file, more).unwrap_err().to_string();
        assert!(error.contains("`commands.stop.value.type`"), "{error}");
    }
}

/// The details of a product after `put`, which had those of `row`, if any.
async fn after_put(number: &str, row: Option<Value>, details: Option<Value>) -> Value {
    let client = reference().await;
    let claimed = row.is_some();
    if let Some(row) = row {
        client
            .put_item()
            .table_name(table::REFERENCE)
            .item(table::DEVICE_ID, AttributeValue::S("SN-1".to_owned()))
            .item(table::MODEL_NUMBER, AttributeValue::S(number.to_owned()))
            .item("claims", AttributeValue::N("7".to_owned()))
            .item("details", serde_dynamo::to_attribute_value(row).unwrap())
            .send()
            .await
            .unwrap();
    }
    let serial = "SN-1".parse().unwrap();
    put(&client, table::REFERENCE, &serial, number, details.as_ref())
        .await
        .unwrap();
    let rows = client.scan().table_name(table::REFERENCE).send().await;
    let row = rows.unwrap().items.unwrap().remove(0);
    assert_eq!(row.contains_key("claims"), claimed);
    serde_dynamo::from_attribute_value(row["details"].clone()).unwrap()
}

/// An engine of its own with the table of products, empty.
async fn reference() -> Client {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let database = Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    let config = aws_config::SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "test",
        )))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    let client = Client::new(&config);
    let (hash, range) = (table::DEVICE_ID, table::MODEL_NUMBER);
    let attribute = |name| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap()
    };
    let key = |name, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .unwrap()
    };
    client
        .create_table()
        .table_name(table::REFERENCE)
        .attribute_definitions(attribute(hash))
        .attribute_definitions(attribute(range))
        .key_schema(key(hash, KeyType::Hash))
        .key_schema(key(range, KeyType::Range))
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
    client
}

#[tokio::test]
async fn a_row_is_given_a_model_only_where_it_has_none_unless_details_are_named() {
    let lock: Value = serde_json::from_str(Sample::Lock.details()).unwrap();
    let mut black = lock.clone();
    black["colour"] = "black".into();
    let own = json!({ "commands": { "stop": {} } });
    for (number, row, details, left) in [
        ("lock-1", None, None, lock.clone()),
        ("lock-1", Some(json!({})), None, lock.clone()),
        ("lock-1", Some(json!({ "colour": "black" })), None, black),
        ("lock-1", Some(own.clone()), None, own.clone()),
        ("lock-1", Some(lock), Some(own.clone()), own.clone()),
        ("pump-1", None, None, json!({})),
        ("pump-1", Some(own.clone()), None, own.clone()),
        ("pump-1", None, Some(own.clone()), own),
    ] {
        assert_eq!(after_put(number, row, details).await, left);
    }
}

/// What a table makes of a model is the same model: decimal numbers in
/// place of whole and binary ones.
#[test]
fn a_model_is_the_same_when_it_comes_out_of_a_table() {
    for sample in Sample::ALL {
        let before: Map<String, Value> = serde_json::from_str(sample.details()).unwrap();
        let stored: AttributeValue = serde_dynamo::to_attribute_value(&before).unwrap();
        let after: Map<String, Value> = serde_dynamo::from_attribute_value(stored).unwrap();
        assert_eq!(Model::check(&before), Model::check(&after));
    }
}
