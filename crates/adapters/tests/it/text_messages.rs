//! Text messages: to whom, how many, and that no number leaks.

use std::error::Error;

use adapters::SnsTextMessages;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use domain::alert::{DAILY_CAP, Phone, TextMessages};
use domain::event::EventId;
use domain::memory::{record, user};
use domain::store::StoreError;
use jiff::civil::{Date, date};
use serde_json::{Value, json};

use crate::channels::PUBLISHED;
use crate::engine;
use crate::service::Service;

const NUMBER: &str = "+15550100";
const DAY: Date = date(2020, 9, 13);

#[tokio::test]
async fn lesson_7_only_a_verified_number_counts() {
    let number = ("phone_number", NUMBER);
    for (attributes, expected) in [
        (
            &[number, ("phone_number_verified", "true")][..],
            Some(NUMBER),
        ),
        (&[number, ("phone_number_verified", "false")], None),
        (&[number], None),
        (&[("phone_number_verified", "true")], None),
        (&[], None),
    ] {
        let attributes: Vec<Value> = attributes
            .iter()
            .map(|(name, value)| json!({"Name": name, "Value": value}))
            .collect();
        let answer = json!({"Username": "anna", "UserAttributes": attributes}).to_string();
        let cognito = Service::answering(200, &answer).await;
        let found = texts(&cognito)
            .await
            .verified_phone(&user("anna"))
            .await
            .unwrap();
        assert_eq!(
            found,
            expected.map(|it| Phone::new(it.to_owned())),
            "{answer}"
        );
        let asked = cognito.asked_once();
        assert_eq!(
            asked.header("x-amz-target"),
            Some("AWSCognitoIdentityProviderService.AdminGetUser")
        );
        assert_eq!(
            asked.json(),
            json!({"UserPoolId": "us-east-1_Pool", "Username": "anna"})
        );
    }
}

#[tokio::test]
async fn a_user_who_is_gone_has_no_number() {
    let gone = json!({"__type": "UserNotFoundException", "message": "User does not exist."});
    let cognito = Service::answering(400, &gone.to_string()).await;
    let found = texts(&cognito).await.verified_phone(&user("anna")).await;
    assert_eq!(found.unwrap(), None);
}

#[tokio::test]
async fn a_text_goes_to_the_number_as_a_transactional_message() {
    let sns = Service::answering(200, PUBLISHED).await;
    let phone = Phone::new(NUMBER.to_owned());
    texts(&sns).await.send(&phone, "Too hot").await.unwrap();

    let asked = sns.asked_once();
    for (name, value) in [
        ("Action", "Publish"),
        ("PhoneNumber", NUMBER),
        ("Message", "Too hot"),
        ("MessageAttributes.entry.1.Name", "AWS.SNS.SMS.SMSType"),
        (
            "MessageAttributes.entry.1.Value.StringValue",
            "Transactional",
        ),
    ] {
        assert_eq!(asked.field(name).as_deref(), Some(value), "{name}");
    }
}

#[tokio::test]
async fn lesson_7_no_error_holds_a_number() {
    let refusal = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>Invalid \
         parameter: PhoneNumber Reason: {NUMBER} is not valid</Message></Error></ErrorResponse>"
    );
    let service = Service::answering(400, &refusal).await;
    let phone = Phone::new(NUMBER.to_owned());
    let failed = texts(&service)
        .await
        .send(&phone, "Too hot")
        .await
        .unwrap_err();
    assert_eq!(
        everything(&failed),
        "could not send a text message: InvalidParameter"
    );
    assert!(!format!("{failed:?}").contains(NUMBER));

    let refusal = json!({"__type": "InternalErrorException", "message": NUMBER}).to_string();
    let service = Service::answering(400, &refusal).await;
    let failed = texts(&service)
        .await
        .verified_phone(&user("anna"))
        .await
        .unwrap_err();
    assert_eq!(
        everything(&failed),
        "could not look up the phone number of a user: InternalErrorException"
    );
    assert!(!format!("{failed:?}").contains(NUMBER));
}

/// The error with its causes, as a log has it.
fn everything(err: &StoreError) -> String {
    let mut text = err.to_string();
    let mut cause = err.source();
    while let Some(err) = cause {
        text = format!("{text}: {err}");
        cause = err.source();
    }
    text
}

#[tokio::test]
async fn lesson_7_ten_texts_a_day_and_the_same_one_counts_once() {
    let texts = texts(&Service::answering(200, "").await).await;
    let allow = async |name, day, number: usize| {
        texts.allow(&user(name), day, event(number)).await.unwrap()
    };
    for number in 0..DAILY_CAP {
        assert!(allow("anna", DAY, number).await, "{number}");
        assert!(allow("anna", DAY, number).await, "{number} again");
    }
    assert!(!allow("anna", DAY, DAILY_CAP).await);
    assert!(
        allow("anna", DAY, 0).await,
        "a retry of one that was allowed"
    );
    assert!(allow("anna", DAY.tomorrow().unwrap(), DAILY_CAP).await);
    assert!(allow("bob", DAY, DAILY_CAP).await);
}

#[tokio::test]
async fn lesson_7_the_cap_holds_for_texts_at_the_same_time() {
    let texts = texts(&Service::answering(200, "").await).await;
    let mut attempts = tokio::task::JoinSet::new();
    for number in 0..30 {
        let texts = texts.clone();
        attempts.spawn(async move { texts.allow(&user("anna"), DAY, event(number)).await });
    }
    let allowed = attempts.join_all().await;
    let allowed = allowed
        .into_iter()
        .filter(|it| *it.as_ref().unwrap())
        .count();
    assert_eq!(allowed, DAILY_CAP);
}

#[tokio::test]
async fn a_count_goes_away_by_itself() {
    let client = engine::dynamodb().await;
    let texts = texts_counted_in(&Service::answering(200, "").await, client.clone());
    texts.allow(&user("anna"), DAY, event(1)).await.unwrap();
    let rows = client
        .scan()
        .table_name(table::SETTINGS)
        .send()
        .await
        .unwrap()
        .items
        .unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        rows[0][table::SETTING_ID],
        AttributeValue::S("sms#anna#2020-09-13".into())
    );
    // 2020-09-15T00:00:00Z
    assert_eq!(
        rows[0][table::EXPIRES_AT],
        AttributeValue::N("1600128000".into())
    );
}

fn event(number: usize) -> EventId {
    record("anna", "SN-1", &format!("m-{number}"), 0).event.id
}

async fn texts(service: &Service) -> SnsTextMessages {
    texts_counted_in(service, engine::dynamodb().await)
}

fn texts_counted_in(service: &Service, dynamo: aws_sdk_dynamodb::Client) -> SnsTextMessages {
    SnsTextMessages::new(
        aws_sdk_cognitoidentityprovider::Client::new(&service.sdk),
        "us-east-1_Pool".into(),
        dynamo,
        table::SETTINGS.into(),
        aws_sdk_sns::Client::new(&service.sdk),
    )
}
