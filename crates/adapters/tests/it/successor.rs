//! An invocation that goes on where another ends.

use adapters::LambdaSuccessor;

use crate::service::Service;

#[tokio::test]
async fn the_event_is_handed_over_and_nobody_waits() {
    let lambda = Service::answering(202, "").await;
    let client = aws_sdk_lambda::Client::new(&lambda.sdk);
    let successor = LambdaSuccessor::new(client, "Trial-helper".to_owned());
    successor.invoke(r#"{"a":1}"#.to_owned()).await.unwrap();
    let asked = lambda.asked_once();
    assert_eq!(
        asked.line,
        "POST /2015-03-31/functions/Trial-helper/invocations"
    );
    assert_eq!(asked.header("x-amz-invocation-type"), Some("Event"));
    assert_eq!(asked.body, br#"{"a":1}"#);
}
