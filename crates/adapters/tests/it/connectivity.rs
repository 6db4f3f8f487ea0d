//! The fleet index: what it is asked, and what its answers mean.

use adapters::IotConnectivity;
use domain::connectivity::{Connected, Connection, Connectivity};
use domain::memory::{at, device, user};
use serde_json::{Value, json};

use crate::service::Service;

#[tokio::test]
async fn a_device_is_asked_for_by_its_name_in_quotes() {
    let iot = Service::answering(200, r#"{"things": []}"#).await;
    index(&iot).of_device(&device("SN:1_a-b")).await;
    let asked = iot.asked_once();
    assert_eq!(asked.line, "POST /indices/search");
    assert_eq!(
        asked.json(),
        json!({"queryString": "thingName:\"SN:1_a-b\"", "maxResults": 100})
    );
}

#[tokio::test]
async fn a_device_is_connected_or_not_or_that_is_unknown() {
    let connected = |value: Value| json!({"thingName": "SN-1", "connectivity": value});
    for (things, expected) in [
        (json!([connected(json!({"connected": true}))]), Some(true)),
        (json!([connected(json!({"connected": false}))]), Some(false)),
        // Registered a moment ago.
        (json!([]), Some(false)),
        // Connections are not indexed.
        (json!([{"thingName": "SN-1"}]), None),
        (json!([connected(json!({}))]), None),
        // The index takes upper and lower case for the same.
        (
            json!([
                {"thingName": "sn-1", "connectivity": {"connected": true}},
                connected(json!({"connected": false})),
            ]),
            Some(false),
        ),
        (
            json!([{"thingName": "sn-1", "connectivity": {"connected": true}}]),
            Some(false),
        ),
    ] {
        let iot = Service::answering(200, &json!({"things": things}).to_string()).await;
        let found = index(&iot).of_device(&device("SN-1")).await;
        let found = found.map(|it| it.connected);
        assert_eq!(found, expected, "{things}");
    }
}

#[tokio::test]
async fn a_connection_says_since_when_it_is_so_and_why_the_last_one_ended() {
    let at_7 = 1_600_000_000_007_i64;
    for (connectivity, since, reason) in [
        (
            json!({"connected": true, "timestamp": at_7}),
            Some(at(7)),
            None,
        ),
        (
            json!({"connected": true, "timestamp": at_7, "disconnectReason": ""}),
            Some(at(7)),
            None,
        ),
        (
            json!({"connected": true, "timestamp": at_7, "disconnectReason": "DUPLICATE_CLIENTID"}),
            Some(at(7)),
            Some("DUPLICATE_CLIENTID"),
        ),
        (
            json!({"connected": false, "timestamp": at_7, "disconnectReason": "CONNECTION_LOST"}),
            Some(at(7)),
            Some("CONNECTION_LOST"),
        ),
        // Never connected.
        (json!({"connected": false, "timestamp": 0}), None, None),
        (json!({"connected": false}), None, None),
        // No time that there is.
        (
            json!({"connected": false, "timestamp": i64::MAX}),
            None,
            None,
        ),
    ] {
        let things = json!({"things": [{"thingName": "SN-1", "connectivity": connectivity}]});
        let iot = Service::answering(200, &things.to_string()).await;
        let expected = Connection {
            connected: connectivity["connected"] == true,
            since,
            disconnect_reason: reason.map(Into::into),
        };
        let found = index(&iot).of_device(&device("SN-1")).await;
        assert_eq!(found, Some(expected), "{connectivity}");
    }
    let iot = Service::answering(200, r#"{"things": []}"#).await;
    let found = index(&iot).of_device(&device("SN-1")).await;
    assert_eq!(found, Some(Connection::default()));
}

#[tokio::test]
async fn the_connected_devices_of_a_user_are_those_with_the_users_attribute() {
    let mut others = thing("SN-9");
    others["attributes"]["owner"] = json!("ANNA");
    let answer = json!({"things": [thing("SN-1"), others, thing("SN:2")]});
    let iot = Service::answering(200, &answer.to_string()).await;
    assert_eq!(
        index(&iot).of_user(&user("anna")).await,
        connected(&["SN-1", "SN:2"], true)
    );
    assert_eq!(
        iot.asked_once().json(),
        json!({
            "queryString": "attributes.owner:\"anna\" AND connectivity.connected:true",
            "maxResults": 100,
        })
    );
}

#[tokio::test]
async fn all_answers_of_the_index_count_together() {
    let first = json!({"things": [thing("SN-1")], "nextToken": "more"}).to_string();
    let second = json!({"things": [thing("SN-2")]}).to_string();
    let iot = Service::answering_in_turn(&[(200, &first), (200, &second)]).await;
    assert_eq!(
        index(&iot).of_user(&user("anna")).await,
        connected(&["SN-1", "SN-2"], true)
    );
    let tokens: Vec<_> = iot
        .asked()
        .iter()
        .map(|it| it.json()["nextToken"].clone())
        .collect();
    assert_eq!(tokens, [json!(null), json!("more")]);
}

#[tokio::test]
async fn who_has_very_many_connected_devices_learns_of_some() {
    let answer = json!({"things": [thing("SN-1")], "nextToken": "more"});
    let iot = Service::answering(200, &answer.to_string()).await;
    assert_eq!(
        index(&iot).of_user(&user("anna")).await,
        connected(&["SN-1"], false)
    );
    assert_eq!(iot.asked().len(), 5);
}

#[tokio::test]
async fn what_the_index_cannot_say_is_unknown_at_once() {
    for (status, code) in [
        (400, "IndexNotReadyException"),
        (404, "ResourceNotFoundException"),
        (400, "InvalidQueryException"),
        (429, "ThrottlingException"),
        (403, "AccessDeniedException"),
        (503, "ServiceUnavailableException"),
    ] {
        let error = json!({"__type": code, "message": "no"}).to_string();
        let iot = Service::answering(status, &error).await;
        assert_eq!(index(&iot).of_device(&device("SN-1")).await, None, "{code}");
        iot.asked_once();

        let iot = Service::answering(status, &error).await;
        let found = index(&iot).of_user(&user("anna")).await;
        assert_eq!(found, connected(&[], false), "{code}");
        iot.asked_once();
    }
}

#[tokio::test]
async fn what_was_found_before_the_index_got_busy_is_known() {
    let first = json!({"things": [thing("SN-1")], "nextToken": "more"}).to_string();
    let busy = r#"{"__type": "ThrottlingException"}"#;
    let iot = Service::answering_in_turn(&[(200, &first), (429, busy)]).await;
    assert_eq!(
        index(&iot).of_user(&user("anna")).await,
        connected(&["SN-1"], false)
    );
}

/// A connected thing of Anna's.
fn thing(name: &str) -> Value {
    json!({
        "thingName": name,
        "attributes": {"owner": "anna", "modelNumber": "T-100"},
        "connectivity": {"connected": true},
    })
}

fn connected(devices: &[&str], complete: bool) -> Connected {
    Connected {
        devices: devices.iter().map(|it| device(it)).collect(),
        complete,
    }
}

fn index(iot: &Service) -> IotConnectivity {
    IotConnectivity::new(aws_sdk_iot::Client::new(&iot.sdk))
}
