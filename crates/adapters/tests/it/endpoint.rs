//! Where devices and pages connect to.

use adapters::IotEndpoint;
use domain::store::Cause;

use crate::service::Service;

#[tokio::test]
async fn the_address_is_the_one_that_devices_trust() {
    let body = r#"{"endpointAddress":"abc-ats.iot.eu-west-1.amazonaws.com"}"#;
    let iot = Service::answering(200, body).await;
    assert_eq!(
        endpoint(&iot).address().await.unwrap(),
        "abc-ats.iot.eu-west-1.amazonaws.com"
    );
    assert_eq!(
        iot.asked_once().line,
        "GET /endpoint?endpointType=iot%3AData-ATS"
    );
}

#[tokio::test]
async fn an_answer_without_an_address_is_an_error_that_says_so() {
    let iot = Service::answering(200, "{}").await;
    let err = endpoint(&iot).address().await.unwrap_err();
    assert_eq!(err.operation, "read the address of the broker");
    assert_eq!(err.cause, Cause::Broken);
    assert_eq!(err.source.to_string(), "the answer has no endpointAddress");
}

fn endpoint(iot: &Service) -> IotEndpoint {
    IotEndpoint::new(aws_sdk_iot::Client::new(&iot.sdk))
}
