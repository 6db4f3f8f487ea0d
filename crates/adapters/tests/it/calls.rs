//! How many calls to AWS each operation on events makes: the budget in
//! `docs/data-model.md`. What waits for nothing goes out together, so the
//! order of calls is not compared.

use adapters::{
    DynamoEvents, DynamoOwners, DynamoRegistrations, DynamoSettings, IotConnectivity, IotConsole,
    IotRegistry, LambdaAlertRequests, LambdaCleanup, SnsAlertTopic, SnsTextMessages,
};
use contract::table;
use domain::alert::{self, Channels, Outcome, Request, TextMessage};
use domain::device::Lease;
use domain::event::{self, Change, Delivery, EventType, Reception, receive};
use domain::memory::{Noted, at, device, record, user};
use domain::page::Limit;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::channels::PUBLISHED;
use crate::service::Service;

#[tokio::test]
async fn the_events_of_a_user_take_one_call() {
    let service = Service::answering(200, &nothing().to_string()).await;
    let events = events(&service);
    let limit = Limit::parse(None, 20).unwrap();
    let device = device("SN-1");
    for (device, event_type) in [
        (None, None),
        (Some(&device), None),
        (None, Some(EventType::Info)),
    ] {
        let before = service.asked().len();
        event::of_user(&events, &user("anna"), device, event_type, limit, None)
            .await
            .unwrap();
        assert_eq!(calls(&service)[before..], ["Query"]);
    }
}

#[tokio::test]
async fn the_events_of_a_device_take_two_calls() {
    let mut answer = nothing();
    answer["Item"] = registration();
    let service = Service::answering(200, &answer.to_string()).await;
    let (owners, events) = (owners(&service), events(&service));
    let (user, device) = (user("anna"), device("SN-1"));
    let limit = Limit::parse(None, 20).unwrap();
    event::of_device(&owners, &events, &user, &device, None, limit, None)
        .await
        .unwrap();
    assert_eq!(calls(&service), ["GetItem", "Query"]);
}

#[tokio::test]
async fn lesson_23_alerts_and_their_number_take_two_calls_and_none_to_the_user_directory() {
    let service = Service::answering(200, &nothing().to_string()).await;
    let (settings, events) = (settings(&service), events(&service));
    let limit = Limit::parse(None, 20).unwrap();
    alert::page(&settings, &events, &user("anna"), None, limit, None)
        .await
        .unwrap();
    assert_eq!(calls(&service), ["GetItem", "Query"]);
    alert::count(&settings, &events, &user("anna"))
        .await
        .unwrap();
    assert_eq!(calls(&service).len(), 4);
}

#[tokio::test]
async fn an_event_from_a_device_takes_three_calls() {
    let mut answer = nothing();
    answer["Items"] = json!([registration()]);
    let service = Service::answering(200, &answer.to_string()).await;
    let alerts = LambdaAlertRequests::new(aws_sdk_lambda::Client::new(&service.sdk), "f".into());
    let delivery = Delivery {
        device: "SN-1".into(),
        payload: br#"{"type":"info","messageId":"m-1"}"#.to_vec(),
        received: at(0),
    };
    let (owners, events) = (owners(&service), events(&service));
    let (rejected, claim) = (Noted::default(), Uuid::from_u128(1));
    let reception = receive(&owners, &events, &alerts, &rejected, delivery, claim, at(0)).await;
    assert!(matches!(reception, Ok(Reception::Stored(_))));
    let function = "POST /2015-03-31/functions/f/invocations";
    assert_eq!(calls(&service), [function, "PutItem", "Query"]);
}

#[tokio::test]
async fn an_alert_takes_two_calls_and_one_for_each_way_it_goes_out() {
    for (notify, expected) in [
        (false, &["GetItem", "UpdateItem"][..]),
        (
            true,
            &["AdminGetUser", "GetItem", "UpdateItem", "UpdateItem"],
        ),
    ] {
        let answer = json!({
            "Item": {"settingId": {"S": "anna"}, "createdAt": time(), "updatedAt": time(), "setting": {"M": {
                "alertLevel": {"L": [{"S": "warning"}]}, "sendNotification": {"BOOL": notify},
            }}},
            "Attributes": row(),
            "Username": "anna",
            "UserAttributes": [
                {"Name": "phone_number", "Value": "+15550100"},
                {"Name": "phone_number_verified", "Value": "true"},
            ],
        });
        let service = Service::answering(200, &answer.to_string()).await;
        let sns = Service::answering(200, PUBLISHED).await;
        let iot = Service::answering(200, "{}").await;
        let topic = aws_sdk_sns::Client::new(&sns.sdk);
        let channels = Channels {
            console: IotConsole::new(aws_sdk_iotdataplane::Client::new(&iot.sdk)),
            topic: SnsAlertTopic::new(topic.clone(), "arn:topic".into()),
            texts: SnsTextMessages::new(
                aws_sdk_cognitoidentityprovider::Client::new(&service.sdk),
                "us-east-1_Pool".into(),
                aws_sdk_dynamodb::Client::new(&service.sdk),
                table::SETTINGS.into(),
                topic,
            ),
        };
        let request = Request::of(&record("anna", "SN-1", "m-1", 0).event, Uuid::from_u128(1));
        let (settings, events) = (settings(&service), events(&service));
        let sending = alert::send(&settings, &events, &channels, &request, at(0));
        let outcome = Box::pin(sending).await;
        let text = if notify {
            TextMessage::Sent
        } else {
            TextMessage::NotWanted
        };
        assert_eq!(outcome.unwrap(), Outcome::Sent(text));
        assert_eq!(calls(&service), expected);
        assert_eq!(iot.asked().len(), 1);
        assert_eq!(sns.asked().len(), if notify { 2 } else { 1 });
    }
}

#[tokio::test]
async fn one_event_takes_two_calls_also_where_the_device_is_a_strangers() {
    for owned in [true, false] {
        let mut answer = nothing();
        if owned {
            // Read as a registration and as an event.
            let mut item = row();
            item.as_object_mut()
                .unwrap()
                .extend(registration().as_object().unwrap().clone());
            answer["Item"] = item;
        }
        let service = Service::answering(200, &answer.to_string()).await;
        let (owners, events) = (owners(&service), events(&service));
        let id = record("anna", "SN-1", "m-1", 0).event.id;
        let found = event::one(&owners, &events, &user("anna"), &device("SN-1"), id).await;
        assert_eq!(found.is_ok(), owned);
        assert_eq!(calls(&service), ["GetItem", "GetItem"]);
    }
}

#[tokio::test]
async fn an_update_of_an_event_takes_two_calls() {
    for change in [
        Change::Ack(true),
        Change::Suppress(false),
        Change::of(Some(false), Some(true)).unwrap(),
    ] {
        let mut answer = json!({"Attributes": row()});
        answer["Item"] = registration();
        let service = Service::answering(200, &answer.to_string()).await;
        let (owners, events) = (owners(&service), events(&service));
        let (user, device) = (user("anna"), device("SN-1"));
        let id = record("anna", "SN-1", "m-1", 0).event.id;
        event::update(&owners, &events, &user, &device, id, change, at(9))
            .await
            .unwrap();
        assert_eq!(calls(&service), ["GetItem", "UpdateItem"]);
    }
}

#[tokio::test]
async fn devices_take_two_calls_also_where_the_device_is_a_strangers() {
    let service = Service::answering(200, &nothing().to_string()).await;
    let index = Service::answering(200, r#"{"things":[]}"#).await;
    let tables = tables(&service);
    let connectivity = IotConnectivity::new(aws_sdk_iot::Client::new(&index.sdk));
    let limit = Limit::parse(None, 100).unwrap();
    let (anna, one) = (user("anna"), device("SN-1"));
    domain::device::list(&tables, &connectivity, &anna, None, limit)
        .await
        .unwrap();
    assert_eq!(calls(&service), ["Query"]);
    assert_eq!(index.asked().len(), 1);
    let found = domain::device::one(&tables, &connectivity, &anna, &one).await;
    assert!(found.is_err());
    assert_eq!(calls(&service), ["GetItem", "Query"]);
    assert_eq!(index.asked().len(), 2);
}

#[tokio::test]
async fn a_deletion_takes_nine_calls() {
    let mut row = registration();
    row["modelNumber"] = json!({"S": "T-100"});
    row["details"] = json!({"M": {}});
    row["updatedAt"] = time();
    row["certificateId"] = json!({"S": "a".repeat(64)});
    let service = Service::answering(200, &json!({"Attributes": row}).to_string()).await;
    let arn = format!("arn:aws:iot:us-east-1:123456789012:cert/{}", "a".repeat(64));
    let iot = Service::answering(200, &json!({"principals": [arn]}).to_string()).await;
    let registry = IotRegistry::new(
        aws_sdk_iot::Client::new(&iot.sdk),
        aws_sdk_iotdataplane::Client::new(&iot.sdk),
    );
    let lambda = Service::answering(202, "").await;
    let cleanup = LambdaCleanup::new(aws_sdk_lambda::Client::new(&lambda.sdk), "f".into());
    let (tables, anna, one) = (tables(&service), user("anna"), device("SN-1"));
    let lease = Lease {
        id: Uuid::from_u128(1),
        until: at(30_000),
    };
    domain::device::delete(&tables, &registry, &cleanup, &anna, &one, lease, at(0))
        .await
        .unwrap();
    assert_eq!(calls(&service), ["TransactWriteItems", "UpdateItem"]);
    assert_eq!(iot.asked().len(), 6);
    let handed: Value = lambda.asked_once().json();
    assert_eq!(
        (&handed["userId"], &handed["deviceId"]),
        (&json!("anna"), &json!("SN-1"))
    );
}

/// The calls so far, sorted: the operation, or the path where it is named there.
fn calls(service: &Service) -> Vec<String> {
    let mut calls: Vec<_> = service
        .asked()
        .iter()
        .map(|asked| match asked.header("x-amz-target") {
            Some(target) => target.rsplit('.').next().unwrap_or_default().to_owned(),
            None => asked.line.clone(),
        })
        .collect();
    calls.sort_by_key(|it| (!it.starts_with("POST"), it.clone()));
    calls
}

/// DynamoDB's answer where nothing is found.
fn nothing() -> Value {
    json!({"Count": 0, "ScannedCount": 0, "Items": []})
}

fn time() -> Value {
    json!({"S": domain::time::text(at(0))})
}

fn registration() -> Value {
    json!({
        "userId": {"S": "anna"},
        "deviceId": {"S": "SN-1"},
        "registrationId": {"S": Uuid::from_u128(1).to_string()},
        "deviceName": {"S": "Hall"},
        "status": {"S": "complete"},
        "createdAt": time(),
    })
}

/// The row of the warning that is asked for.
fn row() -> Value {
    let event = record("anna", "SN-1", "m-1", 0).event;
    json!({
        "id": {"S": event.id.to_string()},
        "userId": {"S": "anna"},
        "deviceId": {"S": "SN-1"},
        "deviceName": {"S": "Hall"},
        "registrationId": {"S": Uuid::from_u128(1).to_string()},
        "messageId": {"S": "m-1"},
        "message": {"S": ""},
        "type": {"S": "warning"},
        "timestamp": {"N": "1600000000000"},
        "ack": {"BOOL": false},
        "suppress": {"BOOL": false},
        "createdAt": time(),
        "updatedAt": time(),
    })
}

fn events(service: &Service) -> DynamoEvents {
    DynamoEvents::new(
        aws_sdk_dynamodb::Client::new(&service.sdk),
        table::EVENTS.into(),
    )
}

fn tables(service: &Service) -> DynamoRegistrations {
    DynamoRegistrations::new(
        aws_sdk_dynamodb::Client::new(&service.sdk),
        table::REGISTRATIONS.into(),
        table::REFERENCE.into(),
    )
}

fn owners(service: &Service) -> DynamoOwners {
    DynamoOwners::new(
        aws_sdk_dynamodb::Client::new(&service.sdk),
        table::REGISTRATIONS.into(),
    )
}

fn settings(service: &Service) -> DynamoSettings {
    DynamoSettings::new(
        aws_sdk_dynamodb::Client::new(&service.sdk),
        table::SETTINGS.into(),
    )
}
