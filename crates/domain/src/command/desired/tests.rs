//! What the cloud wants, and what a shadow needs to say it.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::command::world::World;
use crate::memory::{MemoryShadows, at, command, device};

#[tokio::test]
async fn lesson_6_a_desired_state_that_a_device_wrote_is_put_right() {
    let world = World::new();
    let id = world.send("set-temp", json!(70), None, 7).await.unwrap().id;
    world.answer(id, "success", 8).await.unwrap();
    let right = json!({"targetTemperature": 70});
    for wrong in [
        json!({"targetTemperature": 110}),
        json!({"targetTemperature": null}),
        json!({"targetTemperature": {"a": 1}}),
        json!({"powerStatus": "HEAT", "x": {"y": 1}}),
    ] {
        world.shadows.write("SN-1", &wrong);
        let checked = check(&world, "SN-1", Some("mine")).await;
        assert_eq!(checked, Checked::Repaired, "{wrong}");
        assert_eq!(world.shadows.state("SN-1"), right, "{wrong}");
        assert_eq!(check(&world, "SN-1", Some(REPAIR)).await, Checked::Same);
        assert_eq!(check(&world, "SN-1", None).await, Checked::Same);
    }
}

#[tokio::test]
async fn a_repair_never_follows_a_repair() {
    let world = World::new();
    world.shadows.write("SN-1", &json!({"x": 1}));
    assert_eq!(check(&world, "SN-1", Some(REPAIR)).await, Checked::Differs);
    assert_eq!(world.shadows.state("SN-1"), json!({"x": 1}));
}

#[tokio::test]
async fn a_thing_that_nobody_registered_is_left_alone() {
    let world = World::new();
    world.shadows.write("SN-9", &json!({"x": 1}));
    assert_eq!(check(&world, "SN-9", None).await, Checked::NotOurs);
    assert_eq!(world.shadows.state("SN-9"), json!({"x": 1}));
}

#[tokio::test]
async fn a_command_sets_its_state_while_it_is_pending_and_once_it_is_done() {
    let world = World::new();
    for (millisecond, status, reason) in [
        (1, CommandStatus::Success, None),
        (2, CommandStatus::Pending, None),
        (3, CommandStatus::Failed, Some("jammed")),
    ] {
        let mut row = setting(millisecond, &json!({"a": millisecond}));
        row.status = status;
        row.reason = reason.map(str::to_owned);
        world.commands.insert(&row, None).await.unwrap();
    }
    for (now, expected) in [(60_001, 2), (60_002, 1), (99_999, 1)] {
        world.restore(now).await.unwrap();
        assert_eq!(
            world.shadows.state("SN-1"),
            json!({"a": expected}),
            "at {now}"
        );
    }
}

#[tokio::test]
async fn lesson_1_what_a_former_owner_wanted_is_not_wanted_any_more() {
    let world = World::new();
    world
        .commands
        .insert(&setting(1, &json!({"a": 1})), None)
        .await
        .unwrap();
    world.shadows.write("SN-1", &json!({"a": 1}));
    world.owners.register("anna", "SN-1", 2, at(5));
    assert_eq!(world.restore(6).await.unwrap(), Restored::Changed);
    assert_eq!(world.shadows.state("SN-1"), json!({}));
}

#[tokio::test]
async fn what_no_command_wants_is_removed_only_where_all_commands_are_known() {
    for (commands, expected) in [
        (98, json!({"b": 1})),
        (101, json!({"a": 0, "x": 9, "b": 1})),
    ] {
        let world = World::new();
        world
            .commands
            .insert(&setting(1, &json!({"b": 1})), None)
            .await
            .unwrap();
        for number in 0..commands {
            // The newest hundred want nothing but `b`.
            let row = setting(10 + number, &json!({"b": 1}));
            world.commands.insert(&row, None).await.unwrap();
        }
        world
            .shadows
            .write("SN-1", &json!({"a": 0, "x": 9, "b": 2}));
        world.restore(1_000).await.unwrap();
        assert_eq!(world.shadows.state("SN-1"), expected, "{commands}");
    }
}

#[tokio::test]
async fn a_change_by_another_one_is_not_overwritten() {
    for (others, restored) in [(0, true), (2, true), (3, false), (9, false)] {
        let world = World::new();
        world
            .commands
            .insert(&setting(1, &json!({"a": 1})), None)
            .await
            .unwrap();
        world.shadows.write("SN-1", &json!({"a": 0}));
        let busy = Busy {
            shadows: &world.shadows,
            others: others.into(),
        };
        let owner = world.owners.get("SN-1").unwrap();
        let outcome = restore(&world, &busy, &owner, &device("SN-1"), at(2)).await;
        match restored {
            true => assert_eq!(outcome.unwrap(), Restored::Changed),
            false => assert_eq!(outcome.unwrap_err().cause, Cause::Busy),
        }
    }
}

#[test]
fn a_patch_says_no_more_than_it_must() {
    for (present, wanted, expected) in [
        (json!(null), json!(null), None),
        (json!(1), json!(null), Some(json!(null))),
        (json!(1), json!({}), Some(json!(null))),
        (json!(72), json!(72.0), None),
        (json!(72), json!(73), Some(json!(73))),
        (json!([1, {"a": 1}]), json!([1, {"a": 1.0}]), None),
        (json!([1]), json!([1, 2]), Some(json!([1, 2]))),
        (json!({"a": 1}), json!(1), Some(json!(1))),
        (
            json!({"a": 1, "b": {"c": 1, "d": 2}, "e": 3}),
            json!({"a": 1, "b": {"c": 2}, "f": {"g": 4}}),
            Some(json!({"b": {"c": 2, "d": null}, "e": null, "f": {"g": 4}})),
        ),
    ] {
        let found = Some(&present).filter(|it| !it.is_null());
        assert_eq!(patch(found, &wanted), expected, "{present} {wanted}");
    }
}

proptest! {
    /// Shadows merge, so a patch has to name what must go.
    #[test]
    fn a_patched_state_is_what_is_wanted(state in state(), wanted in state()) {
        let shadows = MemoryShadows::default();
        shadows.write("SN-1", &state);
        let wants = Wants { state: wanted.as_object().cloned().unwrap(), complete: true };
        let present = shadows.state("SN-1").as_object().cloned().unwrap();
        shadows.write("SN-1", &Value::Object(wants.missing_in(&present)));
        let present = shadows.state("SN-1").as_object().cloned().unwrap();
        prop_assert_eq!(wants.missing_in(&present), Map::new());

        let alone = MemoryShadows::default();
        alone.write("SN-1", &wanted);
        prop_assert_eq!(shadows.state("SN-1"), alone.state("SN-1"));
    }
}

fn state() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..3).prop_map(Value::from),
        prop::collection::vec((0..3).prop_map(Value::from), 0..3).prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 12, 3, |inner| {
        prop::collection::hash_map("[a-c]", inner, 0..3).prop_map(|it| json!(it))
    });
    prop::collection::hash_map("[a-c]", value, 0..4).prop_map(|it| json!(it))
}

async fn check(world: &World, serial: &str, token: Option<&str>) -> Checked {
    check_desired(&world.upkeep(), &device(serial), token, at(9))
        .await
        .unwrap()
}

/// A command of Anna's that sets `desired`.
fn setting(millisecond: i64, desired: &Value) -> Command {
    let mut row = command("anna", "SN-1", millisecond);
    row.desired = desired.as_object().cloned().unwrap();
    row
}

/// Shadows that another one changes before a patch comes in.
struct Busy<'a> {
    shadows: &'a MemoryShadows,
    /// How often.
    others: std::sync::Mutex<usize>,
}

impl DesiredStates for Busy<'_> {
    async fn desired(&self, device: &DeviceId) -> Result<Option<Desired>, StoreError> {
        self.shadows.desired(device).await
    }

    async fn patch(
        &self,
        device: &DeviceId,
        patch: &Map<String, Value>,
        token: &str,
        version: Option<u64>,
    ) -> Result<Patched, StoreError> {
        {
            let mut others = self.others.lock().unwrap();
            if *others > 0 {
                *others -= 1;
                self.shadows.write(device.as_str(), &json!({"z": *others}));
            }
        }
        self.shadows.patch(device, patch, token, version).await
    }
}
