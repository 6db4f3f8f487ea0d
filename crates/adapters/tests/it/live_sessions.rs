//! What an address for live data lets its user do, and how it is made.

use std::collections::BTreeSet;

use adapters::{Broker, DynamoOwners, StsLiveSessions};
use contract::{table, topic};
use domain::id::DeviceId;
use domain::live::{Grant, LiveSessions, Opening, Session};
use domain::memory::{at, device, user};
use domain::owner::{OwnedError, Owners};
use domain::store::Cause;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::service::Service;

const SUB: &str = "8c6f1c52-6f0a-4f0e-9a3a-5a0e4f0b7c11";
const CLIENT: &str = "console-8c6f1c52-6f0a-4f0e-9a3a-5a0e4f0b7c11-0000beef";

#[tokio::test]
async fn a_session_may_connect_as_one_client_and_subscribe_to_topics_that_are_named_literally() {
    let sts = Service::answering(200, &issued(900)).await;
    let session = opened(&sts, &["SN-1", "SN:2"]).await;
    let topics = [
        &format!("smartproduct/alerts/{SUB}"),
        "smartproduct/telemetry/SN-1",
        "$aws/things/SN-1/shadow/update/documents",
        "smartproduct/commands/SN-1",
        "smartproduct/commands/SN-1/response",
        "smartproduct/telemetry/SN:2",
        "$aws/things/SN:2/shadow/update/documents",
        "smartproduct/commands/SN:2",
        "smartproduct/commands/SN:2/response",
    ];
    assert_eq!(session.topics, topics);
    assert_eq!(session.client, CLIENT);

    let asked = sts.asked_once();
    let field = |name| asked.field(name).unwrap();
    assert_eq!(field("Action"), "AssumeRole");
    assert_eq!(field("RoleArn"), ROLE);
    assert_eq!(field("RoleSessionName"), CLIENT);
    assert_eq!(field("DurationSeconds"), "900");
    let arn = |it: &str| format!("arn:aws:iot:us-east-1:123456789012:{it}");
    let filters = topics.map(|it| arn(&format!("topicfilter/{it}")));
    assert_eq!(
        serde_json::from_str::<Value>(&field("Policy")).unwrap(),
        json!({
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "iot:Connect", "Resource": arn(&format!("client/{CLIENT}"))},
                {"Effect": "Allow", "Action": "iot:Subscribe", "Resource": filters},
                {
                    "Effect": "Allow", "Action": "iot:Receive", "Resource": "*",
                    "Condition": {"DateLessThanIfExists": {"aws:CurrentTime": "2020-09-13T12:41:40Z"}},
                },
            ],
        })
    );
}

#[tokio::test]
async fn an_address_without_devices_has_the_alerts() {
    let sts = Service::answering(200, &issued(900)).await;
    let session = opened(&sts, &[]).await;
    assert_eq!(session.topics, [format!("smartproduct/alerts/{SUB}")]);
}

#[tokio::test]
async fn an_address_is_signed_with_the_session_and_ends_with_it() {
    let start = "wss://abc-ats.iot.us-east-1.amazonaws.com/mqtt\
        ?X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=ASIASESSION%2F20200913%2Fus-east-1%2Fiotdevicegateway%2Faws4_request\
        &X-Amz-Date=20200913T122640Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=";
    // An earlier end of the session wins, a later one does not.
    for (ends, expected) in [(900, 900), (880, 880), (960, 900)] {
        let sts = Service::answering(200, &issued(ends)).await;
        let session = opened(&sts, &["SN-1"]).await;
        assert_eq!(session.expires, at(expected * 1000));
        let url = session.url.as_str();
        assert!(url.starts_with(start), "{url}");
        assert!(url.ends_with("&X-Amz-Security-Token=a%2Btoken%3D"), "{url}");
        assert!(!url.contains("secret"), "{url}");
    }
}

/// What decides is the longest name of a region, a serial of 20 characters and
/// the prefixes that the manifest has.
#[tokio::test]
async fn five_devices_have_room_and_with_three_of_them_there_is_room_for_their_answers() {
    let serial = |number: usize| format!("SP-{number:017}");
    for count in 0..=5 {
        let serials: Vec<_> = (0..count).map(serial).collect();
        let serials: Vec<_> = serials.iter().map(String::as_str).collect();
        let sts = Service::answering(200, &issued(900)).await;
        let Opening::Opened(session) = in_region("ap-southeast-1", &sts, &serials).await.unwrap()
        else {
            panic!("no room for {count} devices");
        };
        let each = if count <= 3 { 4 } else { 3 };
        assert_eq!(session.topics.len(), 1 + each * count);
        let policy = sts.asked_once().field("Policy").unwrap();
        assert!(policy.len() <= 2048, "{} for {count}", policy.len());
    }
}

#[tokio::test]
async fn ids_that_are_too_long_together_are_told_and_nothing_is_asked_for() {
    let serials = ["a", "b", "c", "d", "e"].map(|it| it.repeat(64));
    let serials = serials.each_ref().map(String::as_str);
    let sts = Service::answering(200, &issued(900)).await;
    let opening = in_region("us-east-1", &sts, &serials).await.unwrap();
    assert_eq!(opening, Opening::NoRoom);
    assert!(sts.asked().is_empty());
    // The longest id there is fits, alone.
    let opening = in_region("ap-southeast-1", &sts, &[&"a".repeat(128)]).await;
    assert!(matches!(opening, Ok(Opening::Opened(_))));
}

#[tokio::test]
async fn sts_may_find_a_policy_too_large_or_fail() {
    let refused = |code| {
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>m</Message></Error></ErrorResponse>"
        )
    };
    let sts = Service::answering(400, &refused("PackedPolicyTooLarge")).await;
    let opening = in_region("us-east-1", &sts, &["SN-1"]).await.unwrap();
    assert_eq!(opening, Opening::NoRoom);

    for (status, code, cause) in [
        (400, "Throttling", Cause::Busy),
        (503, "ServiceUnavailable", Cause::Busy),
        (403, "AccessDenied", Cause::Broken),
        (400, "MalformedPolicyDocument", Cause::Broken),
    ] {
        let sts = Service::answering(status, &refused(code)).await;
        let error = in_region("us-east-1", &sts, &["SN-1"]).await.unwrap_err();
        assert_eq!(error.cause, cause, "{code}");
    }
}

#[tokio::test]
async fn a_role_that_is_none_is_told_by_name() {
    let sts = Service::answering(200, "").await;
    let client = aws_sdk_sts::Client::new(&sts.sdk);
    let error = StsLiveSessions::new(client, "live".to_owned(), broker("us-east-1")).unwrap_err();
    assert!(error.to_string().starts_with("`live` is no ARN"), "{error}");
}

#[tokio::test]
async fn an_address_takes_a_read_for_each_device_and_one_session_a_refusal_takes_none() {
    for (status, opens) in [("complete", true), ("deleted", false)] {
        let dynamo = Service::answering(200, &registration(status)).await;
        let sts = Service::answering(200, &issued(900)).await;
        let owners = DynamoOwners::new(
            aws_sdk_dynamodb::Client::new(&dynamo.sdk),
            table::REGISTRATIONS.into(),
        );
        let devices = ["SN-1", "SN-2", "SN-3"].map(device).to_vec();
        let session = open(&owners, &sts, devices).await;
        assert_eq!(session.is_ok(), opens);
        let asked = dynamo.asked();
        assert!(asked.len() <= 3, "{asked:?}");
        for it in asked {
            assert_eq!(it.header("x-amz-target"), Some("DynamoDB_20120810.GetItem"));
        }
        assert_eq!(sts.asked().len(), usize::from(opens));
    }
}

async fn open(
    owners: &impl Owners,
    sts: &Service,
    devices: Vec<DeviceId>,
) -> Result<Session, OwnedError> {
    let sessions = sessions("us-east-1", sts);
    let random = Uuid::from_u128(0xbeef);
    match domain::live::open(owners, &sessions, &user(SUB), devices, random, at(0)).await {
        Ok(session) => Ok(session),
        Err(domain::live::LiveError::Owned(err)) => Err(err),
        Err(other) => panic!("{other}"),
    }
}

const ROLE: &str = "arn:aws:iam::123456789012:role/Stack-LiveRole";

fn broker(region: &str) -> Broker {
    Broker {
        endpoint: format!("wss://abc-ats.iot.{region}.amazonaws.com"),
        region: region.to_owned(),
        telemetry: topic::TELEMETRY.to_owned(),
    }
}

fn sessions(region: &str, sts: &Service) -> StsLiveSessions {
    let client = aws_sdk_sts::Client::new(&sts.sdk);
    StsLiveSessions::new(client, ROLE.to_owned(), broker(region)).unwrap()
}

async fn opened(sts: &Service, serials: &[&str]) -> Session {
    match in_region("us-east-1", sts, serials).await {
        Ok(Opening::Opened(session)) => session,
        other => panic!("{other:?}"),
    }
}

async fn in_region(
    region: &str,
    sts: &Service,
    serials: &[&str],
) -> Result<Opening, domain::store::StoreError> {
    let grant = Grant {
        client: CLIENT.to_owned(),
        user: user(SUB),
        devices: serials.iter().map(|it| device(it)).collect::<BTreeSet<_>>(),
    };
    sessions(region, sts).open(&grant, at(0)).await
}

/// A session that ends so many seconds after `at(0)`.
fn issued(seconds: i64) -> String {
    let ends = domain::time::text(at(seconds * 1000));
    format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
         <AccessKeyId>ASIASESSION</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>\
         <SessionToken>a+token=</SessionToken><Expiration>{ends}</Expiration></Credentials></AssumeRoleResult>\
         </AssumeRoleResponse>"
    )
}

fn registration(status: &str) -> String {
    let time = domain::time::text(at(0));
    json!({"Item": {
        "userId": {"S": SUB},
        "deviceId": {"S": "SN-1"},
        "registrationId": {"S": Uuid::from_u128(1).to_string()},
        "deviceName": {"S": "Hall"},
        "status": {"S": status},
        "createdAt": {"S": time},
    }})
    .to_string()
}
