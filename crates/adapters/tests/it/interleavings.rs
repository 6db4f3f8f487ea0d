//! Many clients at once: what they do to one device, call by call in any order,
//! with calls that die between any two steps, ends in a state that the rules
//! allow. Tables are real, IoT Core's registry is a strict double.

mod gate;
mod iot;
mod world;

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::event::Change;
use proptest::prelude::*;

use self::world::{ACTORS, Op, Step, World};
use crate::engine;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        // A failure names its input; a file of seeds would outlive the operations.
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_comes_together_ends_as_the_rules_allow(
        (owner, programs) in programs(),
        schedule in schedule(),
    ) {
        check(owner, programs, schedule);
    }
}

/// Runs `programs` side by side, each an actor's operations one after the
/// other, on a device that `owner` has, or nobody.
fn check(owner: Option<usize>, programs: [Vec<Op>; ACTORS], schedule: Vec<Step>) {
    static CASES: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static ENGINE: (tokio::runtime::Runtime, aws_sdk_dynamodb::Client) = {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let client = runtime.block_on(engine::dynamodb());
            (runtime, client)
        };
    }
    ENGINE.with(|(runtime, client)| {
        runtime.block_on(async {
            let case = CASES.fetch_add(1, Ordering::Relaxed);
            let world = World::new(client, case).await;
            if let Some(user) = owner {
                world.begin_with_owner(user).await;
            }
            world.run(programs, schedule).await;
            world.repeat_what_was_not_done().await;
            world.assert_rules().await;
            world.assert_alive().await;
        });
    });
}

/// Who has the device at first, and what then comes together: one operation of
/// some clients, a few of most, or all those that are hardest on each other.
fn programs() -> impl Strategy<Value = (Option<usize>, [Vec<Op>; ACTORS])> {
    let owner = || prop::option::of(0usize..2);
    prop_oneof![
        (owner(), of_at_most(1)),
        (owner(), of_at_most(3)),
        Just((Some(0), rivals())),
        Just((None, newcomers())),
    ]
}

/// The owner lets go of the device twice at once, while it comes back and
/// everybody wants it.
fn rivals() -> [Vec<Op>; ACTORS] {
    [
        vec![Op::Delete(0)],
        vec![Op::Delete(0), Op::Register(0)],
        vec![Op::Register(1); 3],
        vec![Op::Register(1); 3],
        vec![Op::Connect(0); 3],
        vec![Op::Report(0), Op::Connect(0)],
        vec![Op::Tidy; 2],
    ]
}

/// A device is registered and deleted while others are about to register it.
fn newcomers() -> [Vec<Op>; ACTORS] {
    [
        vec![Op::Register(0), Op::Delete(0)],
        vec![],
        vec![Op::Register(1)],
        vec![Op::Register(1), Op::Delete(1)],
        vec![],
        vec![Op::Connect(0)],
        vec![],
    ]
}

/// Two users with two clients each, the device twice, and who tidies up.
fn of_at_most(most: usize) -> impl Strategy<Value = [Vec<Op>; ACTORS]> {
    [
        of_user(0, most).boxed(),
        of_user(0, most).boxed(),
        of_user(1, most).boxed(),
        of_user(1, most).boxed(),
        of_device(most).boxed(),
        of_device(most).boxed(),
        prop::collection::vec(Just(Op::Tidy), 0..3).boxed(),
    ]
}

fn of_user(user: usize, most: usize) -> impl Strategy<Value = Vec<Op>> {
    let change = prop_oneof![
        any::<bool>().prop_map(Change::Ack),
        any::<bool>().prop_map(Change::Suppress),
    ];
    let op = prop_oneof![
        3 => Just(Op::Register(user)),
        3 => Just(Op::Delete(user)),
        1 => change.prop_map(move |it| Op::Change(user, it)),
    ];
    prop::collection::vec(op, 0..=most)
}

/// Nearly always with the same certificate.
fn of_device(most: usize) -> impl Strategy<Value = Vec<Op>> {
    let certificate = || prop_oneof![4 => Just(0), 1 => Just(1)];
    let op = prop_oneof![
        certificate().prop_map(Op::Connect),
        certificate().prop_map(Op::Report),
    ];
    prop::collection::vec(op, 0..=2 * most)
}

/// Calls mostly take turns, or an actor mostly goes on with what it is at while
/// the others are held up.
fn schedule() -> impl Strategy<Value = Vec<Step>> {
    let step = |going_on: u32| {
        prop_oneof![
            going_on => (0usize..64).prop_map(Step::Continue),
            100 - going_on => (0usize..64).prop_map(Step::Switch),
            2 => (0..ACTORS).prop_map(Step::Kill),
            1 => Just(Step::Timeout),
        ]
    };
    prop_oneof![
        prop::collection::vec(step(50), 0..300),
        prop::collection::vec(step(90), 0..300),
    ]
}
