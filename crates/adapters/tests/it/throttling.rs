//! DynamoDB says "not now": the SDK tries again, and where that does not help
//! the caller learns that a repeat may.

use std::time::Duration;

use adapters::{DynamoCommands, DynamoEvents, DynamoOwners, DynamoTargets};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use domain::command::{Commands, Ending, OpenCommands, Targets};
use domain::event::Events;
use domain::memory::{at, command, device, record, user};
use domain::owner::Owners;
use domain::store::{Cause, StoreError};

use crate::service::Service;

const THROTTLED: (u16, &str) = (
    400,
    r#"{"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", "message": "slowly"}"#,
);
const THROTTLED_TABLE: (u16, &str) = (
    400,
    r#"{"__type": "com.amazon.coral.availability#ThrottlingException", "message": "slowly"}"#,
);
const DONE: (u16, &str) = (200, "{}");

/// Attempts of one call, as every function has its clients make.
const ATTEMPTS: u32 = 3;

#[tokio::test]
async fn what_is_throttled_for_a_moment_is_done_by_a_repeat() {
    let service = Service::answering_in_turn(&[THROTTLED, THROTTLED_TABLE, DONE]).await;
    let commands = DynamoCommands::new(client(&service.sdk), "Commands".to_owned());
    let stored = commands.insert(&command("anna", "SN-1", 7), None).await;
    stored.unwrap();
    assert_eq!(service.asked().len(), 3);
}

#[tokio::test]
async fn what_stays_throttled_is_busy_and_tried_three_times() {
    for answer in [THROTTLED, THROTTLED_TABLE] {
        let service = Service::answering_in_turn(&[answer]).await;
        let client = client(&service.sdk);
        let table = || "Table".to_owned();
        let commands = DynamoCommands::new(client.clone(), table());
        let owners = DynamoOwners::new(client.clone(), table());
        let events = DynamoEvents::new(client.clone(), table());
        let targets = DynamoTargets::new(client, table(), table());
        let (anna, device) = (user("anna"), device("SN-1"));
        let sent = command("anna", "SN-1", 7);

        busy(commands.insert(&sent, None).await);
        busy(commands.end(sent.key(), &Ending::TimedOut, at(9)).await);
        busy(owners.of_device(&device).await);
        busy(owners.of_user(&anna, &device).await);
        busy(targets.of_user(&anna, &device, None).await);
        busy(events.insert(&record("anna", "SN-1", "m-1", 7)).await);
        let due = commands.due(at(9), 10).await;
        assert!(due.commands.iter().all(Result::is_err), "{due:?}");

        let shards = contract::table::OPEN_SHARDS.len();
        assert_eq!(service.asked().len(), (6 + shards) * ATTEMPTS as usize);
    }
}

fn client(sdk: &SdkConfig) -> aws_sdk_dynamodb::Client {
    let sdk = sdk
        .to_builder()
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(ATTEMPTS)
                .with_initial_backoff(Duration::from_millis(1)),
        )
        .build();
    aws_sdk_dynamodb::Client::new(&sdk)
}

fn busy<T: std::fmt::Debug>(answer: Result<T, StoreError>) {
    let error = answer.unwrap_err();
    assert_eq!(error.cause, Cause::Busy, "{}", error.operation);
}
