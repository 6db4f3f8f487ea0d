//! Commands: the suite of the port, and pages on a real DynamoDB engine.

use std::collections::HashMap;
use std::sync::Arc;

use adapters::{DynamoCommands, DynamoTargets};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use domain::command::{
    self, Command, CommandId, CommandKey, CommandStatus, Commands, Ended, Ending, Insertion,
    KEY_HOURS, OpenCommands, Query, Targets,
};
use domain::id::{IdempotencyKey, RegistrationId};
use domain::memory::{MemoryCommands, MemoryOwners, MemoryTargets, at, command, device, user};
use domain::page::Limit;
use domain::store::Cause;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

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
    store.insert(&full, None).await.unwrap();
    let mut again = full.clone();
    again.value = json!("changed");
    store.insert(&again, None).await.unwrap();
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
        store.insert(&row, None).await.unwrap();
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
        let read = store
            .read(user, device, status, None, 100, at(50))
            .await
            .unwrap();
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
        let read = store
            .read(&anna, &one, status, place, most, at(50))
            .await
            .unwrap();
        assert_eq!(
            (times(&read.rows), read.scanned, read.end),
            (expected.to_vec(), scanned, end),
            "{status:?} after {place:?}"
        );
    }

    // Who asks later finds failed what is pending until then.
    let failed = Some(CommandStatus::Failed);
    for (status, now, expected) in [
        (Some(CommandStatus::Pending), 60_002, &[9][..]),
        (failed, 60_002, &[2]),
        (Some(CommandStatus::Pending), 60_009, &[]),
        (failed, 60_009, &[9, 2]),
        (Some(success), 60_009, &[5, 1]),
    ] {
        let read = store
            .read(&anna, &one, status, None, 100, at(now))
            .await
            .unwrap();
        assert_eq!(times(&read.rows), expected, "{status:?} at {now}");
    }
}

#[tokio::test]
async fn ends_of_the_double_pass_the_suite() {
    ends(Arc::new(MemoryCommands::default())).await;
}

#[tokio::test]
async fn ends_in_the_table_pass_the_suite() {
    ends(Arc::new(table(engine::dynamodb().await))).await;
}

/// What every implementation of [`OpenCommands`] does.
async fn ends<S: Commands + OpenCommands + Send + 'static>(store: Arc<S>) {
    let done = Ending::Done { reason: None };
    let refused = Ending::Refused {
        reason: Some("jammed".to_owned()),
    };
    let endings = [
        done.clone(),
        refused.clone(),
        Ending::NotSent,
        Ending::TimedOut,
    ];

    // A pending command ends as the domain says, before its time or after it;
    // one that has ended stays as it is.
    for (number, (ending, again)) in endings
        .iter()
        .flat_map(|one| endings.iter().map(move |other| (one, other)))
        .enumerate()
    {
        let mut sent = command("anna", "SN-1", 100_000 * number as i64);
        sent.desired = json!({"a": {"b": [1e300, "\u{fc}"]}})
            .as_object()
            .cloned()
            .unwrap();
        store.insert(&sent, None).await.unwrap();
        let due = sent.due.as_millisecond() - at(0).as_millisecond();
        let (early, late) = (at(due - 1), at(due));
        let (fits, wrong) = match ending {
            Ending::TimedOut => (late, early),
            _ => (early, late),
        };
        let unfit = store.end(sent.key(), ending, wrong).await.unwrap();
        assert_eq!(unfit, Ended::Unfit(Box::new(sent.clone())), "{ending:?}");
        let ended = ending.apply(sent.clone(), fits);
        let found = store.end(sent.key(), ending, fits).await.unwrap();
        assert_eq!(found, Ended::Now(Box::new(ended.clone())), "{ending:?}");
        let stored = store.get(&sent.user, &sent.device, sent.id).await.unwrap();
        assert_eq!(stored.as_ref(), Some(&ended));

        let unfit = Ended::Unfit(Box::new(ended));
        for now in [early, late] {
            let found = store.end(sent.key(), again, now).await.unwrap();
            assert_eq!(found, unfit, "{ending:?}, then {again:?}");
        }
        store.close(sent.key()).await.unwrap();
        let stored = store.get(&sent.user, &sent.device, sent.id).await.unwrap();
        assert!(!stored.unwrap().open);
    }
    assert!(store.due(at(9_999_999), 100).await.commands.is_empty());

    // Nothing ends, or comes to be, under another registration, user, device or id.
    let sent = command("anna", "SN-2", 7);
    store.insert(&sent, None).await.unwrap();
    let (bob, other) = (user("bob"), device("SN-1"));
    let key = sent.key();
    for strange in [
        CommandKey { user: &bob, ..key },
        CommandKey {
            device: &other,
            ..key
        },
        CommandKey {
            registration: RegistrationId(Uuid::from_u128(2)),
            ..key
        },
        CommandKey {
            id: command("anna", "SN-2", 8).id,
            ..key
        },
    ] {
        let found = store.end(strange, &done, at(8)).await.unwrap();
        assert_eq!(found, Ended::Missing, "{strange:?}");
        store.close(strange).await.unwrap();
        let found = store
            .get(strange.user, strange.device, strange.id)
            .await
            .unwrap();
        assert!(found.is_none_or(|it| it == sent), "{strange:?}");
    }

    // Of many at once, one ends it.
    let mut ends = tokio::task::JoinSet::new();
    for number in 0..10 {
        let (store, sent) = (Arc::clone(&store), sent.clone());
        ends.spawn(async move {
            let ending = Ending::Refused {
                reason: Some(format!("reason {number}")),
            };
            store
                .end(sent.key(), &ending, at(50 + number))
                .await
                .unwrap()
        });
    }
    let ends = ends.join_all().await;
    let mut won: Vec<_> = ends
        .iter()
        .filter(|it| matches!(it, Ended::Now(_)))
        .collect();
    let stored = store
        .get(&sent.user, &sent.device, sent.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(won.pop(), Some(&Ended::Now(Box::new(stored.clone()))));
    assert_eq!(won, Vec::<&Ended>::new());
    let by = stored.updated_at.as_millisecond() - at(50).as_millisecond();
    assert_eq!(stored.reason, Some(format!("reason {by}")));

    // What has failed is due at once, what is pending when its time is over.
    let pending = command("bob", "SN-3", 5_000_000);
    store.insert(&pending, None).await.unwrap();
    for (now, expected) in [
        (at(49), &[][..]),
        (stored.due, &[sent.id]),
        (at(5_059_999), &[sent.id]),
        (at(5_060_000), &[sent.id, pending.id]),
    ] {
        let due = store.due(now, 100).await;
        let mut found: Vec<_> = due.commands.into_iter().map(|it| it.unwrap().id).collect();
        found.sort();
        assert_eq!((found.as_slice(), due.more), (expected, false), "{now}");
    }
}

#[tokio::test]
async fn keys_of_the_double_pass_the_suite() {
    let (owners, commands) = (MemoryOwners::default(), Arc::new(MemoryCommands::default()));
    owners.register("anna", "SN-1", 1, at(7));
    let targets = MemoryTargets {
        owners: &owners,
        commands: &commands,
        details: Map::new(),
    };
    keys(&targets, Arc::clone(&commands)).await;
}

#[tokio::test]
async fn keys_in_the_table_pass_the_suite() {
    let client = engine::dynamodb().await;
    let owners = owners::World::over(client.clone());
    owners.registered("anna", "SN-1", 1, "complete").await;
    let targets = targets(client.clone());
    keys(&targets, Arc::new(table(client))).await;
}

/// What every implementation of [`Commands`] does with keys, and [`Targets`] find.
async fn keys<S: Commands + Send + 'static>(targets: &impl Targets, store: Arc<S>) {
    const DAY: i64 = KEY_HOURS * 3_600_000;
    let key = |text: &str| IdempotencyKey::new(text).unwrap();
    let (anna, one) = (user("anna"), device("SN-1"));
    let used = async |text: &str| {
        let found = targets
            .of_user(&anna, &one, Some(&key(text)))
            .await
            .unwrap();
        found.unwrap().used
    };

    // Without a key, what is there already is told as it is now.
    let plain = command("anna", "SN-3", 99_000);
    assert_eq!(store.insert(&plain, None).await.unwrap(), Insertion::New);
    let mut other = plain.clone();
    other.value = serde_json::json!("other");
    let known = Insertion::Known(Box::new(plain));
    assert_eq!(store.insert(&other, None).await.unwrap(), known);

    // The first one is stored, and repeating it changes nothing.
    let first = command("anna", "SN-1", 100_000);
    assert_eq!(used("k").await, None);
    for _ in 0..2 {
        let stored = store.insert(&first, Some(&key("k"))).await.unwrap();
        assert_eq!(stored, Insertion::New);
    }
    let found = used("k").await.unwrap();
    assert_eq!(
        (found.command, found.registration),
        (first.id, first.registration)
    );
    assert_eq!(
        found.expires,
        Timestamp::from_second(at(100_000 + DAY).as_second()).unwrap()
    );
    assert_eq!(used("K").await, None, "every character counts");

    // Another one under the key is not; it counts for its user and device only.
    let second = command("anna", "SN-1", 100_001);
    let known = Insertion::Known(Box::new(first.clone()));
    assert_eq!(store.insert(&second, Some(&key("k"))).await.unwrap(), known);
    assert_eq!(store.get(&anna, &one, second.id).await.unwrap(), None);
    for (name, serial, number) in [("bob", "SN-1", 100_002), ("anna", "SN-2", 100_003)] {
        let other = command(name, serial, number);
        assert_eq!(
            store.insert(&other, Some(&key("k"))).await.unwrap(),
            Insertion::New
        );
    }

    // Lists show no keys.
    let read = store
        .read(&anna, &one, None, None, 100, at(0))
        .await
        .unwrap();
    assert_eq!(read.rows, std::slice::from_ref(&first));

    // It counts for a day, and for one registration.
    let late = command("anna", "SN-1", 100_000 + DAY - 1);
    assert_eq!(store.insert(&late, Some(&key("k"))).await.unwrap(), known);
    let later = command("anna", "SN-1", 100_000 + DAY);
    assert_eq!(
        store.insert(&later, Some(&key("k"))).await.unwrap(),
        Insertion::New
    );
    assert_eq!(used("k").await.unwrap().command, later.id);
    let mut again = command("anna", "SN-1", 100_001 + DAY);
    again.registration = RegistrationId(Uuid::from_u128(2));
    assert_eq!(
        store.insert(&again, Some(&key("k"))).await.unwrap(),
        Insertion::New
    );
    assert_eq!(used("k").await.unwrap().registration, again.registration);

    // Of many at once, one is stored, and all others are told which.
    let mut inserts = tokio::task::JoinSet::new();
    for number in 0..10 {
        let store = Arc::clone(&store);
        let (sent, key) = (command("anna", "SN-1", 300_000 + number), key("race"));
        inserts.spawn(async move {
            // DynamoDB refuses a transaction that meets another one.
            loop {
                match store.insert(&sent, Some(&key)).await {
                    Ok(Insertion::New) => return sent.id,
                    Ok(Insertion::Known(known)) => return known.id,
                    Err(err) => assert_eq!(err.cause, Cause::Busy, "{err:?}"),
                }
            }
        });
    }
    let mut shown = inserts.join_all().await;
    shown.dedup();
    assert_eq!(shown, [used("race").await.unwrap().command]);
}

#[tokio::test]
async fn a_device_that_is_being_deleted_takes_no_commands() {
    let client = engine::dynamodb().await;
    let owners = owners::World::over(client.clone());
    let targets = targets(client.clone());
    let key = IdempotencyKey::new("k").unwrap();
    let find = async |name: &str, key: Option<&IdempotencyKey>| {
        let found = targets.of_user(&user(name), &device("SN-1"), key).await;
        found.unwrap()
    };
    for status in ["pending", "complete", "deleted"] {
        owners.registered("anna", "SN-1", 1, status).await;
        for key in [None, Some(&key)] {
            assert_eq!(
                find("anna", key).await.is_some(),
                status != "deleted",
                "{status}"
            );
            assert_eq!(find("bob", key).await, None);
        }
    }
    // Closing: the owner's still, but not active.
    owners.registered("anna", "SN-1", 1, "complete").await;
    let update = client.update_item().table_name(table::REGISTRATIONS);
    update
        .key(table::USER_ID, AttributeValue::S("anna".into()))
        .key(table::DEVICE_ID, AttributeValue::S("SN-1".into()))
        .update_expression("REMOVE activeDevice")
        .send()
        .await
        .unwrap();
    assert_eq!(find("anna", None).await, None);
    assert_eq!(find("anna", Some(&key)).await, None);
}

#[tokio::test]
async fn a_sweep_reads_so_many_of_each_shard_and_says_that_there_are_more() {
    let client = engine::dynamodb().await;
    let store = table(client.clone());
    for number in 0..40_u8 {
        let mut sent = command("anna", "SN-1", i64::from(number));
        let mut id = *sent.id.0.as_bytes();
        id[15] = number;
        sent.id = CommandId(Uuid::from_bytes(id));
        store.insert(&sent, None).await.unwrap();
    }
    for (most, found, more) in [(20, 20, true), (100, 40, false)] {
        let due = store.due(at(100_000), most).await;
        assert_eq!((due.commands.len(), due.more), (found, more));
    }
    // One row that nobody can read hides no other.
    let id = command("anna", "SN-1", 7).id.to_string();
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let put = client.put_item().table_name(table::COMMANDS);
    put.item(table::USER_DEVICE, text("anna#SN-9"))
        .item(table::COMMAND_ID, text(&id))
        .item(table::OPEN, text("0"))
        .item(table::DUE, text("2020-09-13T12:26:40.007Z"))
        .send()
        .await
        .unwrap();
    let due = store.due(at(100_000), 100).await;
    let (read, unread): (Vec<_>, Vec<_>) = due.commands.iter().partition(|it| it.is_ok());
    assert_eq!((read.len(), unread.len()), (40, 1));
}

#[tokio::test]
async fn a_row_has_the_attributes_of_the_data_model() {
    let client = engine::dynamodb().await;
    let mut sent = command("anna", "SN-1", 7);
    sent.value = json!({"target": 72.5});
    sent.details = json!({"unit": "F"}).as_object().cloned();
    sent.desired = json!({"target": 72.5}).as_object().cloned().unwrap();
    let store = table(client.clone());
    store.insert(&sent, None).await.unwrap();
    let id = sent.id.to_string();
    let registration = sent.registration.to_string();
    let mut expected = json!({
        "userDevice": "anna#SN-1", "commandId": id, "registrationId": registration,
        "deviceId": "SN-1", "deviceName": "Device SN-1", "userId": "anna",
        "status": "pending", "command": "reboot",
        "value": "{\"target\":72.5}", "details": "{\"unit\":\"F\"}",
        "desired": "{\"target\":72.5}", "due": "2020-09-13T12:27:40.007Z", "open": "0",
        "createdAt": "2020-09-13T12:26:40.007Z", "updatedAt": "2020-09-13T12:26:40.007Z",
        "expiresAt": "1631536000",
    });
    assert_eq!(rows(&client).await, std::slice::from_ref(&expected));

    store
        .end(sent.key(), &Ending::NotSent, at(8))
        .await
        .unwrap();
    for (attribute, value) in [
        ("status", "failed"),
        ("reason", "not sent"),
        ("due", "2020-09-13T12:26:40.008Z"),
        ("updatedAt", "2020-09-13T12:26:40.008Z"),
    ] {
        expected[attribute] = json!(value);
    }
    assert_eq!(rows(&client).await, std::slice::from_ref(&expected));
    store.close(sent.key()).await.unwrap();
    expected.as_object_mut().unwrap().remove("open");
    assert_eq!(rows(&client).await, [expected]);
}

#[tokio::test]
async fn a_key_is_a_row_of_its_own() {
    let client = engine::dynamodb().await;
    let sent = command("anna", "SN-1", 7);
    let key = IdempotencyKey::new("k").unwrap();
    table(client.clone())
        .insert(&sent, Some(&key))
        .await
        .unwrap();
    let mut rows = rows(&client).await;
    rows.retain(|it| it["commandId"] == "k");
    let expected = json!({
        "userDevice": "anna#SN-1#keys", "commandId": "k", "sentAs": sent.id.to_string(),
        "registrationId": sent.registration.to_string(), "expiresAt": "1600086400",
    });
    assert_eq!(rows, [expected]);
}

#[tokio::test]
async fn a_row_of_a_time_without_time_limits_has_failed() {
    let client = engine::dynamodb().await;
    let (store, sent) = (table(client.clone()), command("anna", "SN-1", 7));
    store.insert(&sent, None).await.unwrap();
    let update = client.update_item().table_name(table::COMMANDS);
    update
        .key(table::USER_DEVICE, AttributeValue::S("anna#SN-1".into()))
        .key(table::COMMAND_ID, AttributeValue::S(sent.id.to_string()))
        .update_expression("REMOVE due, #open")
        .expression_attribute_names("#open", table::OPEN)
        .send()
        .await
        .unwrap();
    let (user, device) = (user("anna"), device("SN-1"));
    let found = store.get(&user, &device, sent.id).await.unwrap().unwrap();
    assert_eq!((found.due, found.open), (sent.created_at, false));
    for (status, expected) in [(CommandStatus::Failed, 1), (CommandStatus::Pending, 0)] {
        let read = store
            .read(&user, &device, Some(status), None, 9, at(8))
            .await;
        assert_eq!(read.unwrap().rows.len(), expected, "{status:?}");
    }
}

#[tokio::test]
async fn a_page_of_the_largest_commands_is_full_within_the_steps_of_a_request() {
    let client = engine::dynamodb().await;
    let (owners, store) = (owners::World::over(client.clone()), table(client));
    owners.registered("anna", "SN-1", 1, "complete").await;
    for number in 0..101 {
        let mut row = command("anna", "SN-1", 100 + number);
        row.value = json!("x".repeat(command::LARGEST - 2));
        store.insert(&row, None).await.unwrap();
    }
    let (user, device) = (user("anna"), device("SN-1"));
    let query = Query {
        status: None,
        limit: Limit::parse(Some("100"), 20).unwrap(),
        after: None,
    };
    let page = command::page(&owners.owners, &store, &user, &device, &query, at(0));
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
        store.insert(&row, None).await.unwrap();
    }
    let (user, device) = (user("anna"), device("SN-1"));
    let mut query = Query {
        status: Some(CommandStatus::Failed),
        limit: Limit::parse(Some("3"), 20).unwrap(),
        after: None,
    };
    let mut found = Vec::new();
    loop {
        let page = command::page(&owners.owners, &store, &user, &device, &query, at(0));
        let page = page.await.unwrap();
        found.extend(times(&page.items));
        let mut new = command("anna", "SN-1", 10_000 + found.len() as i64);
        new.status = CommandStatus::Failed;
        store.insert(&new, None).await.unwrap();
        let Some(next) = page.next else { break };
        query.after = CommandId::new(&next).ok();
        assert!(query.after.is_some());
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
    let error = store.read(&user, &device, None, None, 10, at(0)).await;
    assert_eq!(error.unwrap_err().cause, Cause::Broken);
}

/// All rows of the table, numbers as texts.
async fn rows(client: &Client) -> Vec<Value> {
    let rows = client.scan().table_name(table::COMMANDS).send().await;
    let text = |value: &AttributeValue| match value {
        AttributeValue::S(text) | AttributeValue::N(text) => json!(text),
        other => panic!("{other:?}"),
    };
    let row = |row: &HashMap<String, AttributeValue>| {
        row.iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect()
    };
    rows.unwrap().items.unwrap().iter().map(row).collect()
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

fn targets(client: Client) -> DynamoTargets {
    DynamoTargets::new(client, table::REGISTRATIONS.into(), table::COMMANDS.into())
}
