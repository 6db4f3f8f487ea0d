//! Commands: the suite of the port, and pages on a real DynamoDB engine.

use std::sync::Arc;

use adapters::DynamoCommands;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use domain::command::{self, Command, CommandStatus, Commands};
use domain::memory::{MemoryCommands, at, command, device, user};
use domain::page::Limit;
use domain::store::Cause;
use serde_json::{Value, json};

use crate::engine;
use crate::owners;

#[tokio::test]
async fn the_double_passes_the_suite() {
    suite(Arc::new(MemoryCommands::default())).await;
}

#[tokio::test]
async fn the_table_passes_the_suite() {
    suite(Arc::new(table(engine::dynamodb().await))).await;
}

/// What every implementation of [`Commands`] does.
async fn suite<S: Commands + Send + 'static>(store: Arc<S>) {
    let (anna, bob) = (user("anna"), user("bob"));
    let (one, two) = (device("SN-1"), device("SN-2"));

    // Nothing is lost on the way, and a repetition changes nothing.
    let mut full = command("anna", "SN-1", 9);
    full.value = json!([1e300, -0.1, 18_446_744_073_709_551_615_u64, "", {"": null}]);
    full.details = json!({"why": {"Zu heiß": "\u{1f321}", "": ""}})
        .as_object()
        .cloned();
    store.insert(&full).await.unwrap();
    let mut again = full.clone();
    again.value = json!("changed");
    store.insert(&again).await.unwrap();
    let found = store.get(&anna, &one, full.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&full));

    // It is found under its owner and device, and nowhere else.
    let other = command("anna", "SN-1", 1_000).id;
    for (user, device, id) in [
        (&bob, &one, full.id),
        (&anna, &two, full.id),
        (&anna, &one, other),
    ] {
        assert_eq!(store.get(user, device, id).await.unwrap(), None);
    }

    // Each list has what belongs to it, newest first.
    let success = CommandStatus::Success;
    for (millisecond, name, serial, status) in [
        (1, "anna", "SN-1", success),
        (3, "anna", "SN-2", success),
        (2, "anna", "SN-1", CommandStatus::Pending),
        (4, "bob", "SN-1", success),
        (5, "anna", "SN-1", success),
    ] {
        let mut row = command(name, serial, millisecond);
        row.status = status;
        store.insert(&row).await.unwrap();
    }
    for (user, device, status, expected) in [
        (&anna, &one, None, &[9, 5, 2, 1][..]),
        (&anna, &one, Some(success), &[5, 1]),
        (&anna, &one, Some(CommandStatus::Pending), &[9, 2]),
        (&anna, &one, Some(CommandStatus::Failed), &[]),
        (&anna, &two, None, &[3]),
        (&bob, &one, None, &[4]),
        (&bob, &two, None, &[]),
    ] {
        let read = store.read(user, device, status, None, 100).await.unwrap();
        assert_eq!(times(&read.rows), expected, "{user} {device} {status:?}");
        assert_eq!(read.end, None);
    }

    // A list goes on after any place, whether or not a command is there still;
    // the filter comes after the cut.
    let after = |millisecond| Some(command("anna", "SN-1", millisecond).id);
    for (status, place, most, expected, scanned, end) in [
        (None, after(9), 2, &[5, 2][..], 2, after(2)),
        (None, after(4), 2, &[2, 1], 2, after(1)),
        (None, after(1), 2, &[], 0, None),
        (Some(success), None, 2, &[5], 2, after(5)),
        (Some(success), after(5), 2, &[1], 2, after(1)),
    ] {
        let read = store.read(&anna, &one, status, place, most).await.unwrap();
        assert_eq!(
            (times(&read.rows), read.scanned, read.end),
            (expected.to_vec(), scanned, end),
            "{status:?} after {place:?}"
        );
    }

    // Only what is pending fails, of many at once with one reason.
    let done = store.get(&anna, &one, after(5).unwrap()).await.unwrap();
    let done = done.unwrap();
    store.fail(&done, "late", at(50)).await.unwrap();
    assert_eq!(store.get(&anna, &one, done.id).await.unwrap(), Some(done));

    let mut fails = tokio::task::JoinSet::new();
    for number in 0..10 {
        let (store, command) = (Arc::clone(&store), full.clone());
        fails.spawn(async move {
            let reason = format!("reason {number}");
            store
                .fail(&command, &reason, at(50 + number))
                .await
                .unwrap();
        });
    }
    fails.join_all().await;
    let failed = store.get(&anna, &one, full.id).await.unwrap().unwrap();
    let by = failed.updated_at.as_millisecond() - at(50).as_millisecond();
    assert_eq!(failed.status, CommandStatus::Failed);
    assert_eq!(failed.reason, Some(format!("reason {by}")));
    assert_eq!(
        Command {
            status: CommandStatus::Pending,
            reason: None,
            updated_at: full.updated_at,
            ..failed
        },
        full
    );
    let gone = command("anna", "SN-1", 77);
    store.fail(&gone, "expired", at(50)).await.unwrap();
    assert_eq!(store.get(&anna, &one, gone.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_row_has_the_attributes_of_the_data_model() {
    let client = engine::dynamodb().await;
    let mut sent = command("anna", "SN-1", 7);
    sent.value = json!({"target": 72.5});
    sent.details = json!({"unit": "F"}).as_object().cloned();
    table(client.clone()).insert(&sent).await.unwrap();
    let row = only_row(&client).await;
    let id = sent.id.to_string();
    let registration = sent.registration.to_string();
    let mut expected = json!({
        "userDevice": "anna#SN-1", "commandId": id, "registrationId": registration,
        "deviceId": "SN-1", "deviceName": "Device SN-1", "userId": "anna",
        "status": "pending", "command": "reboot",
        "value": "{\"target\":72.5}", "details": "{\"unit\":\"F\"}",
        "createdAt": "2020-09-13T12:26:40.007Z", "updatedAt": "2020-09-13T12:26:40.007Z",
        "expiresAt": "1631536000",
    });
    assert_eq!(row, expected);

    let store = table(client.clone());
    store.fail(&sent, "not sent", at(8)).await.unwrap();
    for (attribute, value) in [
        ("status", "failed"),
        ("reason", "not sent"),
        ("updatedAt", "2020-09-13T12:26:40.008Z"),
    ] {
        expected[attribute] = json!(value);
    }
    assert_eq!(only_row(&client).await, expected);
}

#[tokio::test]
async fn a_page_of_the_largest_commands_is_full_within_the_steps_of_a_request() {
    let client = engine::dynamodb().await;
    let (owners, store) = (owners::World::over(client.clone()), table(client));
    owners.registered("anna", "SN-1", 1, "complete").await;
    for number in 0..101 {
        let mut row = command("anna", "SN-1", 100 + number);
        row.value = json!("x".repeat(command::LARGEST - 2));
        store.insert(&row).await.unwrap();
    }
    let (user, device) = (user("anna"), device("SN-1"));
    let limit = Limit::parse(Some("100"), 20).unwrap();
    let page = command::page(&owners.owners, &store, &user, &device, None, limit, None);
    let page = page.await.unwrap();
    assert_eq!(page.items.len(), 100);
    assert!(page.next.is_some());
    let answer: usize = page.items.iter().map(|it| it.value.to_string().len()).sum();
    assert!(answer < 6 * 1024 * 1024, "{answer}");
}

#[tokio::test]
async fn a_filter_finds_each_command_once_while_others_are_sent() {
    let client = engine::dynamodb().await;
    let (owners, store) = (owners::World::over(client.clone()), table(client));
    owners.registered("anna", "SN-1", 1, "complete").await;
    let rare = |number: i64| number % 97 == 0;
    for number in 0..1_200 {
        let mut row = command("anna", "SN-1", 100 + number);
        row.status = match rare(number) {
            true => CommandStatus::Failed,
            false => CommandStatus::Success,
        };
        store.insert(&row).await.unwrap();
    }
    let (user, device) = (user("anna"), device("SN-1"));
    let limit = Limit::parse(Some("3"), 20).unwrap();
    let failed = Some(CommandStatus::Failed);
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = command::page(&owners.owners, &store, &user, &device, failed, limit, after);
        let page = page.await.unwrap();
        found.extend(times(&page.items));
        let mut new = command("anna", "SN-1", 10_000 + found.len() as i64);
        new.status = CommandStatus::Failed;
        store.insert(&new).await.unwrap();
        let Some(next) = page.next else { break };
        after = command::CommandId::new(&next).ok();
        assert!(after.is_some());
    }
    let expected: Vec<_> = (0..1_200).rev().filter(|it| rare(*it)).collect();
    assert_eq!(
        found,
        expected.iter().map(|it| 100 + it).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_row_that_somebody_else_wrote_is_an_error_and_no_panic() {
    let client = engine::dynamodb().await;
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let id = command("anna", "SN-1", 7).id;
    let put = client.put_item().table_name(table::COMMANDS);
    put.item(table::USER_DEVICE, text("anna#SN-1"))
        .item(table::COMMAND_ID, text(&id.to_string()))
        .item("status", text("lost"))
        .send()
        .await
        .unwrap();
    let (store, user, device) = (table(client), user("anna"), device("SN-1"));
    let error = store.get(&user, &device, id).await.unwrap_err();
    assert_eq!(
        (error.cause, error.to_string().as_str()),
        (Cause::Broken, "could not read a command")
    );
    let error = store.read(&user, &device, None, None, 10).await;
    assert_eq!(error.unwrap_err().cause, Cause::Broken);
}

/// The only row of the table, numbers as texts.
async fn only_row(client: &Client) -> Value {
    let rows = client.scan().table_name(table::COMMANDS).send().await;
    let rows = rows.unwrap().items.unwrap();
    assert_eq!(rows.len(), 1);
    let text = |value: &AttributeValue| match value {
        AttributeValue::S(text) | AttributeValue::N(text) => json!(text),
        other => panic!("{other:?}"),
    };
    rows[0]
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

/// When commands were sent, as [`at`] counts.
fn times(commands: &[Command]) -> Vec<i64> {
    let start = at(0).as_millisecond();
    let sent = commands.iter().map(|it| it.created_at.as_millisecond());
    sent.map(|it| it - start).collect()
}

fn table(client: Client) -> DynamoCommands {
    DynamoCommands::new(client, table::COMMANDS.into())
}
