//! What answers do to commands, and what they do not.

use serde_json::json;

use super::*;
use crate::command::world::World;
use crate::command::{REPAIR, Restored};
use crate::memory::{at, command};

#[tokio::test]
async fn an_answer_ends_a_pending_command() {
    for (status, expected) in [("success", "success"), ("failed", "failed")] {
        let world = World::new();
        let id = world.send("set-temp", json!(70), None, 7).await.unwrap().id;
        let answered = world.answer(id, status, 9).await.unwrap();
        assert!(matches!(answered, Answered::Ended(it) if it.id == id));
        assert_eq!(world.status(id), (expected, Some("so".to_owned())));
        assert_eq!(world.stored(id).updated_at, at(9));
        assert!(!world.stored(id).open);
    }
}

#[tokio::test]
async fn a_state_that_the_device_refused_is_taken_back() {
    let world = World::new();
    let older = world.send("set-temp", json!(60), None, 7).await.unwrap().id;
    let newer = world.send("set-temp", json!(70), None, 8).await.unwrap().id;
    world
        .send("set-mode", json!("HEAT"), None, 9)
        .await
        .unwrap();
    let state = |temperature| json!({"targetTemperature": temperature, "powerStatus": "HEAT"});

    world.answer(newer, "failed", 10).await.unwrap();
    assert_eq!(
        world.shadows.state("SN-1"),
        state(60),
        "what was wanted before"
    );
    world.answer(older, "failed", 11).await.unwrap();
    assert_eq!(world.shadows.state("SN-1"), json!({"powerStatus": "HEAT"}));
}

#[tokio::test]
async fn lesson_13_only_a_pending_command_changes_and_only_before_it_is_due() {
    let world = World::new();
    let id = world.send("set-temp", json!(70), None, 7).await.unwrap().id;
    world.answer(id, "success", 9).await.unwrap();
    let done = world.stored(id);
    for (status, millisecond) in [("success", 9), ("failed", 10), ("failed", 90_000)] {
        let answered = world.answer(id, status, millisecond).await.unwrap();
        assert!(matches!(answered, Answered::Repeated(it) if *it == done));
        assert_eq!(world.stored(id), done, "{status} at {millisecond}");
    }

    let late = world.send("set-temp", json!(71), None, 8).await.unwrap();
    let answered = world.answer(late.id, "success", 60_008).await.unwrap();
    assert!(matches!(answered, Answered::Late(it) if *it == late));
    assert_eq!(world.stored(late.id), late, "the sweep ends it");
    world.answer(late.id, "success", 60_007).await.unwrap();
    assert_eq!(world.status(late.id).0, "success", "the last moment counts");
    assert_eq!(world.rejected.all(), []);
}

#[tokio::test]
async fn lesson_3_a_device_answers_its_own_commands_of_its_present_registration_only() {
    let world = World::new();
    let id = world.send("set-temp", json!(70), None, 7).await.unwrap().id;
    world.owners.register("anna", "SN-2", 2, at(0));
    world.owners.register("bob", "SN-3", 3, at(0));
    let answer = json!({"commandId": id.to_string(), "status": "success", "deviceId": "SN-1"});
    let payload = answer.to_string();
    let check = async |device: &str, reason: &str| {
        let answered = world.deliver(device, payload.as_bytes(), 9).await.unwrap();
        let Answered::Rejected(refusal) = answered else {
            panic!("{answered:?}")
        };
        assert!(refusal.to_string().contains(reason), "{refusal}");
        let kept = world.rejected.all().pop().unwrap();
        assert_eq!(kept.reason, refusal.to_string());
        assert_eq!(kept.delivery.payload, payload.as_bytes());
    };
    let no_command = |device: &str| {
        format!("device `{device}` was sent no command `{id}` since its owner registered it")
    };
    check("SN-2", &no_command("SN-2")).await;
    check("SN-3", &no_command("SN-3")).await;
    check("SN-9", "device `SN-9` is not registered").await;
    check("a b", "the topic names no device").await;
    // Anna has let go of it, and has it again; then Bob has it.
    world.owners.register("anna", "SN-1", 4, at(8));
    check("SN-1", &no_command("SN-1")).await;
    world.owners.register("bob", "SN-1", 5, at(8));
    check("SN-1", &no_command("SN-1")).await;
    assert_eq!(world.status(id), ("pending", None));
}

#[tokio::test]
async fn what_is_no_answer_is_kept_with_the_reason() {
    let world = World::new();
    let answered = world.deliver("SN-1", b"done!", 9).await.unwrap();
    assert!(matches!(answered, Answered::Rejected(Refusal::Invalid(_))));
    let unknown = command("anna", "SN-1", 77).id;
    let answered = world.answer(unknown, "success", 9).await.unwrap();
    assert!(matches!(
        answered,
        Answered::Rejected(Refusal::NoCommand(..))
    ));
    assert_eq!(world.rejected.all().len(), 2);
}

#[tokio::test]
async fn whatever_call_fails_the_retry_finishes_it_and_so_does_the_sweep() {
    for (status, value) in [("success", json!(70)), ("failed", json!(60))] {
        for after in [false, true] {
            for retry in [false, true] {
                for number in 0.. {
                    let world = World::new();
                    world.send("set-temp", json!(60), None, 1).await.unwrap();
                    let id = world.send("set-temp", json!(70), None, 7).await.unwrap().id;
                    world.fail_at(number, after);
                    let answered = world.answer(id, status, 9).await;
                    if world.calls() <= number {
                        answered.unwrap();
                        break;
                    }
                    assert!(answered.is_err(), "call {number}");
                    world.heal();
                    let first = world.commands.all().remove(0).id;
                    world.answer(first, "success", 9).await.unwrap();
                    let was_pending = world.status(id).0 == "pending";
                    match retry {
                        true => drop(world.answer(id, status, 10).await.unwrap()),
                        false => drop(world.sweep(60_007).await),
                    }
                    let expected = match (retry, was_pending) {
                        (false, true) => ("failed", json!(60)),
                        _ => (status, value.clone()),
                    };
                    let command = world.stored(id);
                    assert_eq!((command.status.as_str(), command.open), (expected.0, false));
                    let state = world.shadows.state("SN-1");
                    assert_eq!(
                        state,
                        json!({"targetTemperature": expected.1}),
                        "call {number}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn a_shadow_that_is_right_stays_as_it_is() {
    let world = World::new();
    assert_eq!(REPAIR, "repair", "the topic rule's messages hold it");
    let id = world.send("set-temp", json!(70), None, 7).await.unwrap().id;
    world.answer(id, "success", 9).await.unwrap();
    assert_eq!(world.restore(10).await.unwrap(), Restored::Same);
}
