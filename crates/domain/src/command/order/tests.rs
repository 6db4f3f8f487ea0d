//! What is stored, set and published for a command that nobody has asked for.

use serde_json::{Value, json};

use super::*;
use crate::command::answer::Answered;
use crate::command::world::World;
use crate::id::CommandName;
use crate::memory::{at, command, device};

#[tokio::test]
async fn it_is_the_owners_command_like_any_other() {
    let world = World::new();
    assert_eq!(
        order(&world, "set-temp", json!(72), 7).await,
        Ok(Ordered::Sent)
    );
    let sent = world.topic.all().remove(0);
    assert_eq!(world.commands.all(), std::slice::from_ref(&sent));
    assert_eq!(
        world.shadows.state("SN-1"),
        json!({"targetTemperature": 72})
    );
    assert_eq!((sent.created_at, sent.due), (at(7), at(60_007)));
    let answered = world.answer(sent.id, "success", 100).await.unwrap();
    assert!(matches!(answered, Answered::Ended(_)), "{answered:?}");
}

#[tokio::test]
async fn any_call_may_fail_and_the_next_attempt_makes_up_for_it() {
    let world = World::new();
    world.fail_at(usize::MAX, false);
    order(&world, "set-temp", json!(72), 7).await.unwrap();
    let calls = world.calls();
    for number in 0..calls {
        for after in [false, true] {
            let world = World::new();
            world.fail_at(number, after);
            assert!(
                order(&world, "set-temp", json!(72), 7).await.is_err(),
                "{number}"
            );
            world.heal();
            assert_eq!(
                order(&world, "set-temp", json!(72), 7).await,
                Ok(Ordered::Sent)
            );
            assert_eq!(world.commands.all().len(), 1, "{number}");
            assert!(!world.topic.all().is_empty(), "{number}");
        }
    }
}

#[tokio::test]
async fn what_has_come_to_its_end_is_not_sent_again() {
    let world = World::new();
    order(&world, "set-temp", json!(72), 7).await.unwrap();
    let id = world.topic.all()[0].id;
    world.answer(id, "success", 100).await.unwrap();
    assert_eq!(
        order(&world, "set-temp", json!(72), 7).await,
        Ok(Ordered::Over)
    );

    // Nor one whose time is over.
    let world = World::new();
    order(&world, "set-temp", json!(72), 7).await.unwrap();
    let again = order_at(&world, "set-temp", json!(72), 7, 60_007).await;
    assert_eq!(again, Ok(Ordered::Over));
    assert_eq!(world.topic.all().len(), 1);
}

#[tokio::test]
async fn a_device_that_is_somebody_elses_gets_none() {
    let world = World::new();
    let owner = world.owners.get("SN-1").unwrap();
    for (name, registration) in [("ben", 2), ("anna", 3)] {
        world.owners.register(name, "SN-1", registration, at(0));
        let wanted = Wanted::new(CommandName::new("reboot").unwrap(), Value::Null, None).unwrap();
        let id = command("anna", "SN-1", 7).id;
        let ordered = sending(&world)
            .order(&owner, &device("SN-1"), wanted, id, at(7))
            .await;
        assert_eq!(ordered.unwrap(), Ordered::Over);
    }
    assert_eq!(world.commands.all(), []);
}

#[tokio::test]
async fn what_the_product_does_not_take_is_refused_and_leaves_nothing() {
    let world = World::new();
    for (name, value) in [
        ("explode", json!(1)),
        ("set-temp", json!(49)),
        ("broken", json!(1)),
    ] {
        let refused = order(&world, name, value, 7).await;
        assert!(matches!(refused, Ok(Ordered::Refused(_))), "{refused:?}");
    }
    assert_eq!(world.commands.all(), []);
}

fn sending(world: &World) -> Sending<'_, World, World, World, World> {
    Sending {
        targets: world,
        commands: world,
        shadows: world,
        topic: world,
    }
}

async fn order(world: &World, name: &str, value: Value, id: i64) -> Result<Ordered, String> {
    order_at(world, name, value, id, id).await
}

async fn order_at(
    world: &World,
    name: &str,
    value: Value,
    id: i64,
    now: i64,
) -> Result<Ordered, String> {
    let owner = world.owners.get("SN-1").unwrap();
    let wanted = Wanted::new(CommandName::new(name).unwrap(), value, None).unwrap();
    let id = command("anna", "SN-1", id).id;
    let ordered = sending(world)
        .order(&owner, &device("SN-1"), wanted, id, at(now))
        .await;
    ordered.map_err(|err| err.to_string())
}
