//! Policies of thing groups: attached and detached, however often.

use adapters::IotGroupPolicies;
use domain::store::Cause;
use serde_json::json;

use crate::service::Service;

const GROUP: &str = "arn:aws:iot:us-east-1:123456789012:thinggroup/Trial-Quarantine";

#[tokio::test]
async fn a_policy_is_attached_to_the_group_itself() {
    let iot = Service::answering(200, "{}").await;
    policies(&iot).attach("Quarantine", GROUP).await.unwrap();
    let asked = iot.asked_once();
    assert_eq!(asked.line, "PUT /target-policies/Quarantine");
    assert_eq!(asked.json(), json!({ "target": GROUP }));
}

#[tokio::test]
async fn a_policy_is_detached_even_if_it_is_gone() {
    let gone = r#"{"__type": "ResourceNotFoundException", "message": "no such group"}"#;
    for (status, answer) in [(200, "{}"), (404, gone)] {
        let iot = Service::answering(status, answer).await;
        policies(&iot).detach("Quarantine", GROUP).await.unwrap();
        let asked = iot.asked_once();
        assert_eq!(asked.line, "POST /target-policies/Quarantine");
        assert_eq!(asked.json(), json!({ "target": GROUP }));
    }
}

#[tokio::test]
async fn a_refusal_is_an_error() {
    let refusal = r#"{"__type": "UnauthorizedException", "message": "no"}"#;
    let iot = Service::answering(401, refusal).await;
    let err = policies(&iot).attach("Quarantine", GROUP).await;
    assert_eq!(err.unwrap_err().cause, Cause::Broken);
    let err = policies(&iot).detach("Quarantine", GROUP).await;
    assert_eq!(
        err.unwrap_err().to_string(),
        "could not detach the policy from the thing group"
    );
}

fn policies(iot: &Service) -> IotGroupPolicies {
    IotGroupPolicies::new(aws_sdk_iot::Client::new(&iot.sdk))
}
