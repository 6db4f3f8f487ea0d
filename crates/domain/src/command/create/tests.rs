//! What a caller gets, and what is stored, set and published for it.

use serde_json::json;

use super::*;
use crate::command::world::World;
use crate::command::{NOT_SENT, TIMEOUT};
use crate::memory::{at, command};

#[tokio::test]
async fn a_command_is_stored_as_pending_set_in_the_shadow_and_published() {
    let world = World::new();
    let sent = world.send("set-temp", json!(72.5), None, 7).await.unwrap();
    let mut expected = command("anna", "SN-1", 7);
    expected.name = sent.name.clone();
    expected.value = json!(72.5);
    expected.desired = json!({"targetTemperature": 72.5})
        .as_object()
        .cloned()
        .unwrap();
    assert_eq!(sent, expected);
    assert_eq!(world.commands.all(), std::slice::from_ref(&expected));
    assert_eq!(world.topic.all(), [expected]);
    assert_eq!(
        world.shadows.state("SN-1"),
        json!({"targetTemperature": 72.5})
    );
}

#[tokio::test]
async fn the_model_says_what_a_command_sets_and_how_long_it_may_take() {
    let world = World::new();
    let sent = world.send("reboot", json!(null), None, 7).await.unwrap();
    assert_eq!(sent.due, at(5_007));
    assert!(sent.desired.is_empty());
    assert_eq!(
        world.shadows.state("SN-1"),
        json!(null),
        "no shadow is made for it"
    );
}

#[tokio::test]
async fn what_the_product_does_not_take_is_refused_and_leaves_nothing() {
    let world = World::new();
    for (name, value) in [
        ("explode", json!(1)),
        ("set-temp", json!(49)),
        ("set-mode", json!("HOT")),
    ] {
        let refused = world.send(name, value, Some("k"), 7).await.unwrap_err();
        assert!(
            matches!(refused, CreateError::Refused(_)),
            "{name}: {refused}"
        );
    }
    assert_eq!(world.commands.all(), []);
    assert_eq!(world.shadows.state("SN-1"), json!(null));
    // Nor is the key used up.
    world
        .send("set-temp", json!(50), Some("k"), 8)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_model_that_was_loaded_unchecked_is_no_fault_of_the_sender() {
    let world = World::new();
    let error = world.send("broken", json!(1), None, 7).await.unwrap_err();
    assert!(matches!(error, CreateError::Owned(OwnedError::Store(_))));
    assert_eq!(world.commands.all(), []);
}

#[tokio::test]
async fn a_device_of_somebody_else_gets_no_command() {
    let world = World::new();
    world.owners.register("bob", "SN-1", 2, at(1));
    let error = world
        .send("set-temp", json!(70), None, 7)
        .await
        .unwrap_err();
    assert!(matches!(error, CreateError::Owned(OwnedError::NotOwner)));
    assert_eq!((world.commands.all(), world.topic.all()), (vec![], vec![]));
}

#[tokio::test]
async fn lesson_14_a_command_that_is_not_sent_fails_and_its_state_is_taken_back() {
    for (number, what) in [(2, "the shadow"), (3, "the topic")] {
        let world = World::new();
        world.send("set-temp", json!(60), None, 1).await.unwrap();
        world.fail_at(number, false);
        let error = world
            .send("set-temp", json!(70), None, 7)
            .await
            .unwrap_err();
        assert!(
            matches!(error, CreateError::NotSent { left: None, .. }),
            "{what}: {error}"
        );
        let id = command("anna", "SN-1", 7).id;
        assert_eq!(
            world.status(id),
            ("failed", Some(NOT_SENT.to_owned())),
            "{what}"
        );
        assert!(!world.stored(id).open, "{what}");
        let state = world.shadows.state("SN-1");
        assert_eq!(state, json!({"targetTemperature": 60}), "{what}");
    }
}

#[tokio::test]
async fn lesson_14_whatever_call_fails_nothing_is_pending_for_ever() {
    for key in [None, Some("k")] {
        for after in [false, true] {
            for number in 0.. {
                let world = World::new();
                world.send("set-temp", json!(60), None, 1).await.unwrap();
                world.fail_at(number, after);
                let sent = world.send("set-temp", json!(70), key, 7).await;
                if world.calls() <= number {
                    sent.unwrap();
                    break;
                }
                assert!(sent.is_err(), "call {number} of {key:?}");
                world.heal();
                world.sweep(100_000).await;
                let all = world.commands.all();
                assert!(
                    all.iter()
                        .all(|it| !it.open && it.status == CommandStatus::Failed)
                );
                let state = world.shadows.state("SN-1");
                assert_eq!(state, json!({}), "call {number} of {key:?}, after: {after}");
            }
        }
    }
}

#[tokio::test]
async fn of_two_faults_the_sweep_makes_good_the_second() {
    // The publish fails, then each call of what gives the command up.
    for number in 4..9 {
        let world = World::new();
        world.send("set-temp", json!(60), None, 1).await.unwrap();
        let sent = {
            let silent = Sending {
                targets: &world,
                commands: &world,
                shadows: &world,
                topic: &Silent,
            };
            world.fail_at(number - 1, false);
            let (user, device) = (crate::memory::user("anna"), crate::memory::device("SN-1"));
            let name = crate::id::CommandName::new("set-temp").unwrap();
            let wanted = Wanted::new(name, json!(70), None).unwrap();
            create(
                &silent,
                &user,
                &device,
                wanted,
                None,
                command("anna", "SN-1", 7).id,
            )
            .await
        };
        let CreateError::NotSent { left, id, .. } = sent.unwrap_err() else {
            panic!("call {number}")
        };
        assert_eq!(left.is_some(), world.calls() >= number, "call {number}");
        world.heal();
        world.sweep(60_007).await;
        let command = world.stored(id);
        assert_eq!(
            (command.status, command.open),
            (CommandStatus::Failed, false)
        );
        let reason = command.reason.unwrap();
        assert!([NOT_SENT, TIMEOUT].contains(&reason.as_str()), "{reason}");
    }
}

#[tokio::test]
async fn the_same_key_and_command_is_the_same_command_and_is_sent_while_it_is_pending() {
    let world = World::new();
    let first = world
        .send("set-temp", json!(70), Some("k"), 7)
        .await
        .unwrap();
    let again = world
        .send("set-temp", json!(70.0), Some("k"), 8)
        .await
        .unwrap();
    assert_eq!(again, first);
    assert_eq!(world.commands.all().len(), 1);
    assert_eq!(
        world.topic.all().len(),
        2,
        "nobody knows whether the first one arrived"
    );

    world.answer(first.id, "success", 9).await.unwrap();
    let again = world
        .send("set-temp", json!(70), Some("k"), 10)
        .await
        .unwrap();
    assert_eq!(again, world.stored(first.id), "as it is now");
    assert_eq!(world.topic.all().len(), 2);

    let other = world
        .send("set-temp", json!(70), Some("l"), 11)
        .await
        .unwrap();
    assert_ne!(other.id, first.id);
}

#[tokio::test]
async fn a_key_stands_for_one_command() {
    let world = World::new();
    let first = world
        .send("set-temp", json!(70), Some("k"), 7)
        .await
        .unwrap();
    for (name, value) in [
        ("set-temp", json!(71)),
        ("set-mode", json!("OFF")),
        ("explode", json!(70)),
    ] {
        let error = world.send(name, value, Some("k"), 8).await.unwrap_err();
        assert!(
            matches!(error, CreateError::OtherCommand(id) if id == first.id),
            "{name}"
        );
    }
    assert_eq!(
        (world.commands.all().len(), world.topic.all().len()),
        (1, 1)
    );
}

#[tokio::test]
async fn a_key_counts_for_a_day_and_for_one_registration() {
    const DAY: i64 = 24 * 3_600_000;
    for (registration, millisecond, known) in
        [(1, 7 + DAY - 1, true), (1, 7 + DAY, false), (2, 8, false)]
    {
        let world = World::new();
        let first = world
            .send("set-temp", json!(70), Some("k"), 7)
            .await
            .unwrap();
        world.owners.register("anna", "SN-1", registration, at(0));
        let again = world
            .send("set-temp", json!(70), Some("k"), millisecond)
            .await
            .unwrap();
        assert_eq!(again.id == first.id, known, "{registration} {millisecond}");
    }
}

#[tokio::test]
async fn whatever_call_fails_the_same_key_again_sends_the_command_once() {
    for after in [false, true] {
        for number in 0.. {
            let world = World::new();
            world.fail_at(number, after);
            let sent = world.send("set-temp", json!(70), Some("k"), 7).await;
            if world.calls() <= number {
                sent.unwrap();
                break;
            }
            world.heal();
            let again = world
                .send("set-temp", json!(70), Some("k"), 8)
                .await
                .unwrap();
            assert_eq!(world.commands.all(), std::slice::from_ref(&again));
            assert_eq!(again.status, CommandStatus::Pending);
            assert_eq!(world.topic.all().last(), Some(&again));
            let state = world.shadows.state("SN-1");
            assert_eq!(state, json!({"targetTemperature": 70}), "call {number}");
        }
    }
}

#[tokio::test]
async fn of_two_calls_at_once_under_a_key_the_later_one_shows_the_command_of_the_first() {
    let world = World::new();
    let first = world
        .send("set-temp", json!(70), Some("k"), 7)
        .await
        .unwrap();
    // It has looked for the key before the first one was stored.
    let late = Sending {
        targets: &Unaware(&world),
        commands: &world,
        shadows: &world,
        topic: &world,
    };
    for (value, known) in [(70, true), (71, false)] {
        let name = crate::id::CommandName::new("set-temp").unwrap();
        let wanted = Wanted::new(name, json!(value), None).unwrap();
        let key = IdempotencyKey::new("k").unwrap();
        let (user, device) = (crate::memory::user("anna"), crate::memory::device("SN-1"));
        let id = command("anna", "SN-1", 8).id;
        let again = create(&late, &user, &device, wanted, Some(&key), id).await;
        match known {
            true => assert_eq!(again.unwrap(), first),
            false => assert!(matches!(again, Err(CreateError::OtherCommand(id)) if id == first.id)),
        }
    }
    assert_eq!(
        (world.commands.all().len(), world.topic.all().len()),
        (1, 1)
    );
}

/// Publishes nothing.
struct Silent;

impl CommandTopic for Silent {
    async fn publish(&self, _: &Command, _: Timestamp) -> Result<(), StoreError> {
        Err(StoreError {
            operation: "publish a command",
            cause: Cause::Busy,
            source: "nobody listens".into(),
        })
    }
}

/// Finds no key.
struct Unaware<'a>(&'a World);

impl Targets for Unaware<'_> {
    async fn of_user(
        &self,
        user: &UserId,
        device: &DeviceId,
        _: Option<&IdempotencyKey>,
    ) -> Result<Option<crate::command::Target>, StoreError> {
        Targets::of_user(self.0, user, device, None).await
    }
}
