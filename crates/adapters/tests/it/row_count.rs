//! About how many rows a table has.

use adapters::DynamoRowCount;

use crate::service::Service;

#[tokio::test]
async fn the_number_is_the_one_that_dynamodb_keeps() {
    let answer = r#"{"Table": {"TableName": "Registrations", "ItemCount": 250}}"#;
    let dynamo = Service::answering(200, answer).await;
    assert_eq!(count(&dynamo).of("Registrations").await.unwrap(), 250);
    let asked = dynamo.asked_once();
    assert_eq!(
        asked.header("x-amz-target"),
        Some("DynamoDB_20120810.DescribeTable")
    );
    assert_eq!(asked.json()["TableName"], "Registrations");
}

#[tokio::test]
async fn an_answer_without_a_number_is_an_error() {
    for answer in ["{}", r#"{"Table": {"ItemCount": -1}}"#] {
        let dynamo = Service::answering(200, answer).await;
        let err = count(&dynamo).of("Registrations").await.unwrap_err();
        assert_eq!(err.to_string(), "could not read the number of rows");
    }
}

fn count(dynamo: &Service) -> DynamoRowCount {
    DynamoRowCount::new(aws_sdk_dynamodb::Client::new(&dynamo.sdk))
}
