use serde_json::json;

use super::*;
use crate::cloudformation::{CloudFormation, answers};

const CREATE: &str = include_str!("../../fixtures/create.json");
const DELETE: &str = include_str!("../../fixtures/delete.json");

#[tokio::test]
async fn an_answer_says_what_was_done_and_to_which_request() {
    let cloudformation = CloudFormation::answering(&[200]);
    let caller = cloudformation.caller(DELETE);
    answers()
        .send(&caller, Ok(Attributes::new()))
        .await
        .unwrap();

    let asked = cloudformation.asked();
    // Signed byte by byte, and with an empty content type.
    assert_eq!(asked.line, "PUT /arn%3Aaws%7Cx/y?a=%2F&b");
    assert!(
        !asked.headers.contains(&"content-type".to_owned()),
        "{:?}",
        asked.headers
    );
    assert_eq!(
        asked.body,
        json!({
            "Status": "SUCCESS",
            "Reason": "",
            "PhysicalResourceId": "FleetIndexing",
            "StackId": caller.stack_id,
            "RequestId": "b1c0a3d4-0f6e-4d0a-8f1e-2f7f3d5e9c77",
            "LogicalResourceId": "FleetIndexing",
        })
    );
}

#[tokio::test]
async fn an_answer_says_what_the_resource_has() {
    let cloudformation = CloudFormation::answering(&[200]);
    let caller = cloudformation.caller(CREATE);
    let attributes = Attributes::from([("Address", "broker.example".to_owned())]);
    answers().send(&caller, Ok(attributes)).await.unwrap();
    let body = cloudformation.asked().body;
    assert_eq!(body["Data"], json!({ "Address": "broker.example" }));
}

#[tokio::test]
async fn a_failure_says_why_in_as_many_words_as_fit() {
    for (reason, expected) in [
        ("no".to_owned(), "no".to_owned()),
        ("ö\"".repeat(5000), "ö\"".repeat(300)),
        ("\u{0}".repeat(5000), "\u{0}".repeat(600)),
    ] {
        let cloudformation = CloudFormation::answering(&[200]);
        let caller = cloudformation.caller(CREATE);
        answers().send(&caller, Err(reason)).await.unwrap();
        let body = cloudformation.asked().body;
        assert_eq!(body["Status"], "FAILED");
        assert_eq!(body["Reason"], expected);
        assert_eq!(body["PhysicalResourceId"], "FleetIndexing");
        let longest = body.to_string().len() + caller.stack_id.len();
        assert!(longest <= 4096, "{longest}");
    }
}

#[tokio::test]
async fn an_answer_that_did_not_get_through_is_sent_again() {
    let cloudformation = CloudFormation::answering(&[503, 0, 500, 200]);
    let caller = cloudformation.caller(CREATE);
    answers()
        .send(&caller, Ok(Attributes::new()))
        .await
        .unwrap();
    for _ in 0..3 {
        assert_eq!(cloudformation.asked().body["Status"], "SUCCESS");
    }
    assert!(cloudformation.is_done());
}

#[tokio::test]
async fn an_answer_that_is_refused_is_an_error_that_does_not_tell_the_address() {
    let cloudformation = CloudFormation::answering(&[403]);
    let caller = cloudformation.caller(CREATE);
    let err = answers()
        .send(&caller, Ok(Attributes::new()))
        .await
        .unwrap_err();
    let printed = format!("{} {err:?}", runtime::Chain(&err));
    assert!(printed.contains("refused with status 403"), "{printed}");
    assert!(!printed.contains("arn%3A"), "{printed}");
    assert!(!format!("{caller:?}").contains("arn%3A"));
}
