//! What is left when nobody answers, and when something is interrupted.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::command::world::World;
use crate::command::{Restored, TIMEOUT};
use crate::memory::{at, command};

#[tokio::test]
async fn lesson_14_a_command_that_nobody_answers_times_out() {
    let world = World::new();
    world.send("set-temp", json!(60), None, 1).await.unwrap();
    let id = world.send("reboot", json!(null), None, 7).await.unwrap().id;
    for (millisecond, timed_out) in [(5_006, 0), (5_007, 1), (5_008, 0)] {
        let sweep = world.sweep(millisecond).await;
        assert_eq!((sweep.timed_out, sweep.finished), (timed_out, timed_out));
        assert!(sweep.failed.is_empty() && !sweep.more);
    }
    let command = world.stored(id);
    assert_eq!(world.status(id), ("failed", Some(TIMEOUT.to_owned())));
    assert_eq!(command.updated_at, at(5_007), "when it was due");
    assert!(!command.open);
}

#[tokio::test]
async fn the_state_of_a_command_that_timed_out_is_taken_back() {
    let world = World::new();
    world.send("set-temp", json!(60), None, 1).await.unwrap();
    world
        .send("set-mode", json!("AC"), None, 30_000)
        .await
        .unwrap();
    let sweep = world.sweep(60_001).await;
    assert_eq!((sweep.timed_out, sweep.restored), (1, 1));
    assert_eq!(world.shadows.state("SN-1"), json!({"powerStatus": "AC"}));
}

#[tokio::test]
async fn a_device_that_was_let_go_gets_no_shadow() {
    for next in [None, Some("anna"), Some("bob")] {
        let world = World::new();
        let mut left = command("anna", "SN-9", 7);
        left.desired.insert("targetTemperature".into(), json!(60));
        world.commands.insert(&left, None).await.unwrap();
        if let Some(name) = next {
            world.owners.register(name, "SN-9", 2, at(8));
        }
        let sweep = world.sweep(60_007).await;
        assert_eq!((sweep.timed_out, sweep.finished, sweep.restored), (1, 1, 0));
        assert_eq!(world.shadows.state("SN-9"), Value::Null, "{next:?}");
    }
}

#[tokio::test]
async fn what_fails_does_not_hold_up_the_rest() {
    for number in 1..12 {
        let world = World::new();
        for millisecond in 0..4 {
            world
                .send("set-temp", json!(60 + millisecond), None, millisecond)
                .await
                .unwrap();
        }
        world.fail_at(number, false);
        let sweep = world.sweep(100_000).await;
        assert_eq!(
            (sweep.failed.len(), sweep.finished),
            (1, 3),
            "call {number}"
        );
        world.heal();
        assert_eq!(world.sweep(100_001).await.finished, 1);
        assert!(world.commands.all().iter().all(|it| !it.open));
        assert_eq!(world.shadows.state("SN-1"), json!({}));
    }
}

#[tokio::test]
async fn a_sweep_that_fails_as_a_whole_says_so() {
    let world = World::new();
    world.send("reboot", json!(null), None, 7).await.unwrap();
    world.fail_at(0, false);
    let sweep = world.sweep(100_000).await;
    assert!(matches!(sweep.failed.as_slice(), [(None, _)]));
}

#[tokio::test]
async fn a_sweep_is_bounded_and_says_that_there_is_more() {
    let world = World::new();
    for millisecond in 0..30 {
        world
            .send("reboot", json!(null), None, millisecond)
            .await
            .unwrap();
    }
    let upkeep = world.upkeep();
    for (most, finished, more) in [(20, 20, true), (20, 10, false), (20, 0, false)] {
        let sweep = sweep(&upkeep, at(100_000), most).await;
        assert_eq!((sweep.finished, sweep.more), (finished, more));
    }
}

/// What may happen to the commands of a device, at any time and in any order.
#[derive(Clone, Debug)]
enum Step {
    /// Its owner commands it.
    Send(&'static str, Value, Option<&'static str>),
    /// It answers one of the commands that there were, by number.
    Answer(usize, &'static str),
    /// Another device does.
    Pose(usize),
    /// It writes its own desired state; the rule tells us of it, or not.
    Write(Value),
    /// The minute is over.
    Sweep,
    /// Nothing, for as long as this.
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let command = prop_oneof![
        (50..54).prop_map(|it| ("set-temp", json!(it))),
        prop::sample::select(vec!["HEAT", "AC", "OFF"]).prop_map(|it| ("set-mode", json!(it))),
        (0..3).prop_map(|it| ("mix", json!({"a": {"b": it}, "c": [it]}))),
        Just(("mix", json!({"d": {}}))),
        Just(("reboot", Value::Null)),
    ];
    let key = prop::option::weighted(0.3, prop::sample::select(vec!["k", "l"]));
    let status = prop::sample::select(vec!["success", "failed"]);
    prop_oneof![
        4 => (command, key).prop_map(|((name, value), key)| Step::Send(name, value, key)),
        4 => (0..8_usize, status).prop_map(|(number, status)| Step::Answer(number, status)),
        1 => (0..8_usize).prop_map(Step::Pose),
        1 => (0..3).prop_map(|it| Step::Write(json!({"targetTemperature": it, "mix": {"x": it}}))),
        2 => Just(Step::Sweep),
        3 => (1..70_000_i64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever happens, and whichever calls fail: a command ends once, by its
    /// own device or its time; in the end nothing is open, and the shadow says
    /// what the commands want.
    #[test]
    fn in_the_end_all_is_as_the_commands_say(
        steps in prop::collection::vec((step(), prop::option::weighted(0.3, (0..6_usize, any::<bool>()))), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(play(steps));
    }
}

async fn play(steps: Vec<(Step, Option<(usize, bool)>)>) {
    let world = World::new();
    world.owners.register("bob", "SN-2", 2, at(0));
    let mut now = 1;
    for (step, fault) in steps {
        let before = world.commands.all();
        let sent: Vec<_> = before.iter().map(|it| it.id).collect();
        match fault {
            Some((number, after)) => world.fail_at(number, after),
            None => world.heal(),
        }
        now += 1;
        let mut posing = false;
        match &step {
            Step::Send(name, value, key) => drop(world.send(name, value.clone(), *key, now).await),
            Step::Answer(number, status) => {
                if let Some(id) = sent.get(*number) {
                    drop(world.answer(*id, status, now).await);
                }
            }
            Step::Pose(number) => {
                if let Some(id) = sent.get(*number) {
                    let payload = json!({"commandId": id.to_string(), "status": "success"});
                    drop(
                        world
                            .deliver("SN-2", payload.to_string().as_bytes(), now)
                            .await,
                    );
                    posing = true;
                }
            }
            Step::Write(patch) => world.shadows.write("SN-1", patch),
            Step::Sweep => drop(world.sweep(now).await),
            Step::Wait(milliseconds) => now += milliseconds,
        }
        world.heal();
        for old in before {
            let new = world.stored(old.id);
            assert!(
                !posing || new == old,
                "another device's answer changes nothing"
            );
            if old.status != CommandStatus::Pending {
                let ended = (new.status, &new.reason, new.updated_at);
                assert_eq!(ended, (old.status, &old.reason, old.updated_at), "{step:?}");
            } else if old.due <= at(now) && new.status != CommandStatus::Pending {
                assert_eq!(new.reason.as_deref(), Some(TIMEOUT), "{step:?}");
            }
        }
    }

    now += 100_000;
    let sweep = world.sweep(now).await;
    assert!(sweep.failed.is_empty() && !sweep.more);
    for command in world.commands.all() {
        assert!(!command.open && command.status != CommandStatus::Pending);
    }
    // The rule has told of the last change.
    world.restore(now).await.unwrap();
    assert_eq!(
        world.restore(now).await.unwrap(),
        Restored::Same,
        "{:?}",
        world.shadows
    );
    let mut expected = serde_json::Map::new();
    for command in world.commands.all() {
        if command.status == CommandStatus::Success {
            expected.extend(command.desired);
        }
    }
    expected.retain(|_, it| *it != json!({"d": {}}));
    let state = world.shadows.state("SN-1");
    let state = state.as_object().cloned().unwrap_or_default();
    assert_eq!(state, expected);
}
