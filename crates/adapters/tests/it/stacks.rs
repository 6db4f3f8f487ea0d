//! A stack: what it is doing, and its deletion.

use adapters::{CloudFormationStack, StackState};
use domain::store::Cause;

use crate::service::Service;

#[tokio::test]
async fn the_state_has_its_reason_and_its_role() {
    let cloudformation = Service::answering(
        200,
        "<DescribeStacksResponse><DescribeStacksResult><Stacks><member>\
         <StackName>Solution</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime>\
         <StackStatus>DELETE_FAILED</StackStatus><StackStatusReason>a table</StackStatusReason>\
         <RoleARN>arn:aws:iam::123456789012:role/r</RoleARN>\
         </member></Stacks></DescribeStacksResult></DescribeStacksResponse>",
    )
    .await;
    let state = stack(&cloudformation).state().await.unwrap();
    let expected = StackState {
        status: "DELETE_FAILED".to_owned(),
        reason: Some("a table".to_owned()),
        role: Some("arn:aws:iam::123456789012:role/r".to_owned()),
    };
    assert_eq!(state, Some(expected));
    let asked = cloudformation.asked_once();
    assert_eq!(asked.field("Action").as_deref(), Some("DescribeStacks"));
    assert_eq!(asked.field("StackName").as_deref(), Some("Solution"));
}

#[tokio::test]
async fn a_stack_that_is_not_there_is_none_and_any_other_refusal_an_error() {
    let refusal = refusal("ValidationError", "Stack with id Solution does not exist");
    let cloudformation = Service::answering(400, &refusal).await;
    assert_eq!(stack(&cloudformation).state().await.unwrap(), None);

    for (code, message, cause) in [
        (
            "ValidationError",
            "1 validation error detected",
            Cause::Broken,
        ),
        (
            "AccessDenied",
            "Solution does not exist for you",
            Cause::Broken,
        ),
        ("Throttling", "Rate exceeded", Cause::Busy),
    ] {
        let refusal = self::refusal(code, message);
        let cloudformation = Service::answering(400, &refusal).await;
        let err = stack(&cloudformation).state().await.unwrap_err();
        assert_eq!(err.to_string(), "could not look at the stack");
        assert_eq!(err.cause, cause, "{code}");
    }
}

#[tokio::test]
async fn a_deletion_is_asked_for_by_name_and_by_nobodys_role() {
    let answer = "<DeleteStackResponse><ResponseMetadata/></DeleteStackResponse>";
    let cloudformation = Service::answering(200, answer).await;
    stack(&cloudformation).delete().await.unwrap();
    let asked = cloudformation.asked_once();
    assert_eq!(asked.field("Action").as_deref(), Some("DeleteStack"));
    assert_eq!(asked.field("StackName").as_deref(), Some("Solution"));
    assert_eq!(asked.field("RoleARN"), None);

    let refusal = refusal("ValidationError", "TerminationProtection is enabled");
    let cloudformation = Service::answering(400, &refusal).await;
    let err = stack(&cloudformation).delete().await.unwrap_err();
    assert_eq!(err.to_string(), "could not delete the stack");
}

fn refusal(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error></ErrorResponse>"
    )
}

fn stack(cloudformation: &Service) -> CloudFormationStack {
    let client = aws_sdk_cloudformation::Client::new(&cloudformation.sdk);
    CloudFormationStack::new(client, "Solution".to_owned())
}
