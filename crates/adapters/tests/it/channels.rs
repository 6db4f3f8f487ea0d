//! What goes out to Lambda, SQS, IoT Core and SNS, byte for byte where it matters.

use adapters::{IotConsole, LambdaAlertRequests, SnsAlertTopic, SqsRejected};
use domain::alert::{AlertRequests, Broadcast, Request};
use domain::event::{Delivery, Rejected, Rejection};
use domain::memory::{at, record};
use domain::store::Cause;
use serde_json::json;
use uuid::Uuid;

use crate::service::Service;

#[tokio::test]
async fn a_request_for_an_alert_invokes_the_function_and_does_not_wait() {
    let lambda = Service::answering(202, "").await;
    let requests = requests(&lambda);
    let request = request();
    requests.request(&request).await.unwrap();

    let asked = lambda.asked_once();
    assert_eq!(
        asked.line,
        "POST /2015-03-31/functions/stack-alert/invocations"
    );
    assert_eq!(asked.header("x-amz-invocation-type"), Some("Event"));
    assert_eq!(asked.json(), serde_json::to_value(&request).unwrap());
}

#[tokio::test]
async fn lesson_16_a_request_whose_fate_is_unclear_is_not_repeated_under_the_same_claim() {
    let lambda = Service::answering(500, r#"{"message": "no luck"}"#).await;
    let failed = requests(&lambda).request(&request()).await.unwrap_err();
    assert_eq!(failed.cause, Cause::Busy);
    assert_eq!(
        failed.to_string(),
        "could not hand in a request for an alert"
    );
    lambda.asked_once();
}

#[tokio::test]
async fn a_rejected_message_is_kept_as_it_came_with_the_reason() {
    let sqs = Service::answering(200, r#"{"MessageId": "1"}"#).await;
    rejected(&sqs)
        .keep(&rejection(b"{\xff".to_vec()))
        .await
        .unwrap();

    let asked = sqs.asked_once();
    assert_eq!(asked.header("x-amz-target"), Some("AmazonSQS.SendMessage"));
    let body = asked.json();
    assert_eq!(body["QueueUrl"], "http://queue/rejected");
    let message: serde_json::Value =
        serde_json::from_str(body["MessageBody"].as_str().unwrap()).unwrap();
    assert_eq!(
        message,
        json!({
            "reason": "`type` must be a word",
            "deviceId": "SN-1",
            "receivedAt": "2020-09-13T12:26:40.007Z",
            "payload": "e/8=",
            "payloadBytes": 2,
        })
    );
}

#[tokio::test]
async fn a_rejected_message_never_outgrows_the_queue() {
    let sqs = Service::answering(200, r#"{"MessageId": "1"}"#).await;
    rejected(&sqs)
        .keep(&rejection(vec![b'x'; 1_000_000]))
        .await
        .unwrap();
    let body = sqs.asked_once().json();
    let message = body["MessageBody"].as_str().unwrap();
    assert!(message.len() < 256 * 1024, "{}", message.len());
    assert!(message.contains(r#""payloadBytes":1000000"#));
}

#[tokio::test]
async fn the_console_gets_the_alert_on_its_owners_topic_at_least_once() {
    let iot = Service::answering(200, "{}").await;
    let alert = record("anna", "SN-1", "m-1", 7).event;
    let console = IotConsole::new(aws_sdk_iotdataplane::Client::new(&iot.sdk));
    console.publish(&alert).await.unwrap();

    let asked = iot.asked_once();
    assert_eq!(
        asked.line,
        "POST /topics/smartproduct%2Falerts%2Fanna?qos=1"
    );
    assert_eq!(asked.json(), serde_json::to_value(&alert).unwrap());
}

#[tokio::test]
async fn the_topic_gets_the_alert_with_what_subscribers_filter_by() {
    let sns = Service::answering(200, PUBLISHED).await;
    let alert = record("anna", "SN-1", "m-1", 7).event;
    let topic = SnsAlertTopic::new(aws_sdk_sns::Client::new(&sns.sdk), "arn:topic".into());
    topic.publish(&alert).await.unwrap();

    let asked = sns.asked_once();
    assert_eq!(asked.field("TopicArn").as_deref(), Some("arn:topic"));
    let message = asked.field("Message").unwrap();
    assert_eq!(message, serde_json::to_string(&alert).unwrap());
    let mut attributes: Vec<_> = (1..=3)
        .map(|number| {
            let field = |name| asked.field(&format!("MessageAttributes.entry.{number}.{name}"));
            assert_eq!(field("Value.DataType").as_deref(), Some("String"));
            (field("Name").unwrap(), field("Value.StringValue").unwrap())
        })
        .collect();
    attributes.sort();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        attributes,
        [
            pair("deviceId", "SN-1"),
            pair("type", "warning"),
            pair("userId", "anna")
        ]
    );
}

/// SNS's answer to Publish.
pub(crate) const PUBLISHED: &str = "<PublishResponse><PublishResult><MessageId>1</MessageId>\
                                    </PublishResult></PublishResponse>";

fn requests(lambda: &Service) -> LambdaAlertRequests {
    LambdaAlertRequests::new(
        aws_sdk_lambda::Client::new(&lambda.sdk),
        "stack-alert".into(),
    )
}

fn request() -> Request {
    Request::of(&record("anna", "SN-1", "m-1", 0).event, Uuid::from_u128(7))
}

fn rejected(sqs: &Service) -> SqsRejected {
    SqsRejected::new(
        aws_sdk_sqs::Client::new(&sqs.sdk),
        "http://queue/rejected".into(),
    )
}

fn rejection(payload: Vec<u8>) -> Rejection {
    Rejection {
        reason: "`type` must be a word".into(),
        delivery: Delivery {
            device: "SN-1".into(),
            payload,
            received: at(7),
        },
    }
}
