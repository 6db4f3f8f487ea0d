//! What IoT Core indexes of things: read, changed as little as possible, written.

use adapters::{IotFleetIndexing, ThingIndexing};
use domain::store::Cause;
use serde_json::{Value, json};

use crate::service::Service;

#[tokio::test]
async fn the_present_setting_is_asked_for() {
    let iot = Service::answering(200, &answer(&json!({"thingIndexingMode": "OFF"}))).await;
    indexing(&iot).get().await.unwrap();
    assert_eq!(iot.asked_once().line, "GET /indexing/config");
}

#[tokio::test]
async fn only_what_is_missing_is_added() {
    // (found, written)
    for (found, written) in [
        // An account that has never set it.
        (
            json!({"thingIndexingMode": "OFF"}),
            json!({"thingIndexingMode": "REGISTRY", "thingConnectivityIndexingMode": "STATUS"}),
        ),
        (
            json!({"thingIndexingMode": "REGISTRY", "thingConnectivityIndexingMode": "OFF"}),
            json!({"thingIndexingMode": "REGISTRY", "thingConnectivityIndexingMode": "STATUS"}),
        ),
        (
            json!({"thingIndexingMode": "REGISTRY_AND_SHADOW"}),
            json!({
                "thingIndexingMode": "REGISTRY_AND_SHADOW",
                "thingConnectivityIndexingMode": "STATUS",
            }),
        ),
        // A mode that is newer than this program.
        (
            json!({"thingIndexingMode": "EVERYTHING"}),
            json!({"thingIndexingMode": "EVERYTHING", "thingConnectivityIndexingMode": "STATUS"}),
        ),
        (everything("OFF"), everything("STATUS")),
        (everything("STATUS"), everything("STATUS")),
    ] {
        let found = read(&found).await.with_registry_and_connectivity();
        let iot = Service::answering(200, "{}").await;
        indexing(&iot).set(&found).await.unwrap();
        let asked = iot.asked_once();
        assert_eq!(asked.line, "POST /indexing/config");
        let mut expected = written;
        for (mode, default) in [
            ("deviceDefenderIndexingMode", "OFF"),
            ("namedShadowIndexingMode", "OFF"),
        ] {
            if expected[mode].is_null() {
                expected[mode] = default.into();
            }
        }
        // AWS manages these fields, and thing groups are nobody's business.
        expected.as_object_mut().unwrap().remove("managedFields");
        assert_eq!(
            asked.json(),
            json!({ "thingIndexingConfiguration": expected })
        );
    }
}

#[tokio::test]
async fn what_says_the_same_is_the_same() {
    let one = read(&everything("STATUS")).await;
    let mut other = everything("STATUS");
    for list in [
        "/customFields",
        "/managedFields",
        "/filter/namedShadowNames",
        "/filter/geoLocations",
    ] {
        let list = other.pointer_mut(list).unwrap().as_array_mut().unwrap();
        list.reverse();
    }
    assert_eq!(one, read(&other).await);

    let short = json!({"thingIndexingMode": "OFF"});
    let long = json!({
        "thingIndexingMode": "OFF",
        "thingConnectivityIndexingMode": "OFF",
        "deviceDefenderIndexingMode": "OFF",
        "namedShadowIndexingMode": "OFF",
        "managedFields": [{"name": "thingName", "type": "String"}],
        "customFields": [],
        "filter": {},
    });
    assert_eq!(read(&short).await, read(&long).await);
}

#[tokio::test]
async fn every_part_of_the_setting_counts() {
    let whole = everything("STATUS");
    let same = read(&whole).await;
    for part in [
        "/thingIndexingMode",
        "/thingConnectivityIndexingMode",
        "/deviceDefenderIndexingMode",
        "/namedShadowIndexingMode",
        "/customFields/0/type",
        "/filter/namedShadowNames/0",
        "/filter/geoLocations/0/order",
        "/filter/connectivity/includeSocketInformation/0",
    ] {
        let mut changed = whole.clone();
        *changed.pointer_mut(part).unwrap() = "CHANGED".into();
        assert_ne!(read(&changed).await, same, "{part}");
    }
}

#[tokio::test]
async fn what_is_remembered_is_what_was_read() {
    let found = read(&everything("OFF")).await;
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<ThingIndexing>(&text).unwrap(), found);
}

#[tokio::test]
async fn a_refusal_is_an_error() {
    let refusal = r#"{"__type": "AccessDeniedException", "message": "no"}"#;
    let iot = Service::answering(403, refusal).await;
    let err = indexing(&iot).get().await.unwrap_err();
    assert_eq!(err.to_string(), "could not read the indexing of things");
    assert_eq!(err.cause, Cause::Broken);

    let found = read(&json!({"thingIndexingMode": "OFF"})).await;
    let refusal = r#"{"__type": "ThrottlingException", "message": "slowly"}"#;
    let iot = Service::answering(429, refusal).await;
    let err = indexing(&iot).set(&found).await.unwrap_err();
    assert_eq!(err.to_string(), "could not change the indexing of things");
    assert_eq!(err.cause, Cause::Busy);

    let iot = Service::answering(200, "{}").await;
    let err = indexing(&iot).get().await.unwrap_err();
    assert_eq!(err.cause, Cause::Broken);
}

/// A setting with everything that can be set.
fn everything(connectivity: &str) -> Value {
    json!({
        "thingIndexingMode": "REGISTRY_AND_SHADOW",
        "thingConnectivityIndexingMode": connectivity,
        "deviceDefenderIndexingMode": "VIOLATIONS",
        "namedShadowIndexingMode": "ON",
        "managedFields": [
            {"name": "connectivity.timestamp", "type": "Number"},
            {"name": "thingName", "type": "String"},
        ],
        "customFields": [
            {"name": "attributes.floor", "type": "Number"},
            {"name": "shadow.reported.on", "type": "Boolean"},
        ],
        "filter": {
            "namedShadowNames": ["config", "firmware"],
            "geoLocations": [
                {"name": "shadow.reported.home", "order": "LonLat"},
                {"name": "shadow.reported.place"},
            ],
            "connectivity": {"includeSocketInformation": ["GET_THING_CONNECTIVITY_DATA"]},
        },
    })
}

async fn read(configuration: &Value) -> ThingIndexing {
    let iot = Service::answering(200, &answer(configuration)).await;
    indexing(&iot).get().await.unwrap()
}

fn answer(configuration: &Value) -> String {
    json!({
        "thingIndexingConfiguration": configuration,
        "thingGroupIndexingConfiguration": {"thingGroupIndexingMode": "ON"},
    })
    .to_string()
}

fn indexing(iot: &Service) -> IotFleetIndexing {
    IotFleetIndexing::new(aws_sdk_iot::Client::new(&iot.sdk))
}
