//! Pages and single commands as their reader finds them.

use super::*;
use crate::memory::{MemoryCommands, MemoryOwners, at, command, device, user};
use crate::page::{CHUNK, STEPS};

#[tokio::test]
async fn the_newest_commands_come_first() {
    let world = World::with([1, 3, 2]).await;
    let page = world.page("anna", None, 20, None).await.unwrap();
    assert_eq!(times(&page), [3, 2, 1]);
    assert_eq!((page.scanned, page.next), (3, None));
}

#[tokio::test]
async fn lesson_21_each_of_250_commands_is_on_one_page() {
    let world = World::with(1..=250).await;
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = world.page("anna", None, 50, after).await.unwrap();
        assert_eq!(page.items.len(), 50);
        found.extend(times(&page));
        // What comes in meanwhile moves nothing.
        world
            .store(command("anna", "SN-1", 1_000 + found.len() as i64))
            .await;
        let Some(next) = page.next else { break };
        after = CommandId::new(&next).ok();
    }
    assert_eq!(found, (1..=250).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn lesson_20_a_rare_filter_walks_a_bounded_way_and_then_says_where_it_is() {
    let world = World::with(1..=2_500).await;
    let mut rare = command("anna", "SN-1", 0);
    rare.status = CommandStatus::Failed;
    world.store(rare).await;

    let failed = Some(CommandStatus::Failed);
    let first = world.page("anna", failed, 20, None).await.unwrap();
    assert_eq!((first.items.len(), first.scanned), (0, STEPS * CHUNK));
    assert_eq!(world.commands.reads(), STEPS);

    let (mut found, mut after, mut pages) = (times(&first), first.next, 1);
    while let Some(next) = after {
        let after_this = CommandId::new(&next).ok();
        let page = world.page("anna", failed, 20, after_this).await.unwrap();
        found.extend(times(&page));
        after = page.next;
        pages += 1;
    }
    assert_eq!((found, pages), (vec![0], 3));
}

#[tokio::test]
async fn a_device_of_somebody_else_is_answered_as_one_that_is_not_there() {
    let world = World::with(1..=3).await;
    let id = command("anna", "SN-1", 1).id;
    for (name, serial) in [("bob", "SN-1"), ("bob", "SN-9"), ("anna", "SN-9")] {
        let (user, device) = (user(name), device(serial));
        let (owners, commands) = (&world.owners, &world.commands);
        let query = Query {
            status: None,
            limit: limit(20),
            after: None,
        };
        let found = page(owners, commands, &user, &device, &query, at(50_000)).await;
        assert!(
            matches!(found, Err(OwnedError::NotOwner)),
            "{user} {device}"
        );
        let found = one(owners, commands, &user, &device, id, at(50_000)).await;
        assert!(
            matches!(found, Err(CommandError::Owned(OwnedError::NotOwner))),
            "{user} {device}"
        );
    }
}

#[tokio::test]
async fn whoever_registers_a_device_again_has_sent_it_nothing_yet() {
    let world = World::with(1..=300).await;
    let former = command("anna", "SN-1", 300).id;
    assert_eq!(world.one("anna", former).await, "found");

    world.owners.register("anna", "SN-1", 2, at(1_000));
    for status in [None, Some(CommandStatus::Failed)] {
        let before = world.commands.reads();
        let empty = world.page("anna", status, 20, None).await.unwrap();
        assert_eq!((empty.items, empty.next), (vec![], None));
        assert_eq!(
            world.commands.reads() - before,
            1,
            "it stops where the registration starts"
        );
    }
    assert_eq!(world.one("anna", former).await, "missing");

    let mut mine = command("anna", "SN-1", 2_000);
    mine.registration = world.owners.get("SN-1").unwrap().registration;
    world.store(mine.clone()).await;
    let page = world.page("anna", None, 20, None).await.unwrap();
    assert_eq!(page.items, [mine.clone()]);
    assert_eq!(world.one("anna", mine.id).await, "found");

    world.owners.register("bob", "SN-1", 3, at(3_000));
    assert_eq!(world.one("anna", mine.id).await, "not the owner");
    assert_eq!(world.one("bob", mine.id).await, "missing");
}

#[tokio::test]
async fn a_command_whose_time_is_over_is_failed_for_every_reader() {
    let world = World::with([1, 20_000]).await;
    let (user, device) = (user("anna"), device("SN-1"));
    for (status, now, expected) in [
        (None, 60_000, &[20_000, 1][..]),
        (Some(CommandStatus::Pending), 60_000, &[20_000, 1]),
        (Some(CommandStatus::Pending), 60_001, &[20_000]),
        (Some(CommandStatus::Failed), 60_000, &[]),
        (Some(CommandStatus::Failed), 60_001, &[1]),
        (Some(CommandStatus::Failed), 80_000, &[20_000, 1]),
        (Some(CommandStatus::Success), 80_000, &[]),
    ] {
        let query = Query {
            status,
            limit: limit(20),
            after: None,
        };
        let (owners, commands) = (&world.owners, &world.commands);
        let found = page(owners, commands, &user, &device, &query, at(now))
            .await
            .unwrap();
        assert_eq!(times(&found), expected, "{status:?} at {now}");
        let of_status = |it: &Command| status.is_none_or(|status| it.status == status);
        assert!(found.items.iter().all(of_status), "{status:?} at {now}");
    }
    let id = command("anna", "SN-1", 1).id;
    let found = one(
        &world.owners,
        &world.commands,
        &user,
        &device,
        id,
        at(60_001),
    )
    .await
    .unwrap();
    assert_eq!(found.reason.as_deref(), Some("timeout"));
}

/// Anna has `SN-1`.
struct World {
    owners: MemoryOwners,
    commands: MemoryCommands,
}

impl World {
    /// Commands of Anna's, each sent at its number.
    async fn with(numbers: impl IntoIterator<Item = i64>) -> Self {
        let world = Self {
            owners: MemoryOwners::default(),
            commands: MemoryCommands::default(),
        };
        world.owners.register("anna", "SN-1", 1, at(0));
        for number in numbers {
            world.store(command("anna", "SN-1", number)).await;
        }
        world
    }

    async fn store(&self, command: Command) {
        self.commands.insert(&command, None).await.unwrap();
    }

    async fn page(
        &self,
        name: &str,
        status: Option<CommandStatus>,
        rows: usize,
        after: Option<CommandId>,
    ) -> Result<Page<Command>, OwnedError> {
        let (user, device) = (user(name), device("SN-1"));
        let (owners, commands) = (&self.owners, &self.commands);
        let query = Query {
            status,
            limit: limit(rows),
            after,
        };
        page(owners, commands, &user, &device, &query, at(50_000)).await
    }

    async fn one(&self, name: &str, id: CommandId) -> &'static str {
        let (user, device) = (user(name), device("SN-1"));
        match one(&self.owners, &self.commands, &user, &device, id, at(50_000)).await {
            Ok(found) => {
                assert_eq!(found.id, id);
                "found"
            }
            Err(CommandError::Missing(missing)) => {
                assert_eq!(missing, id);
                "missing"
            }
            Err(CommandError::Owned(OwnedError::NotOwner)) => "not the owner",
            Err(err) => panic!("{err}"),
        }
    }
}

/// When the commands of a page were sent, as [`at`] counts.
fn times(page: &Page<Command>) -> Vec<i64> {
    let start = at(0).as_millisecond();
    let sent = page.items.iter().map(|it| it.created_at.as_millisecond());
    sent.map(|it| it - start).collect()
}

fn limit(rows: usize) -> Limit {
    Limit::parse(Some(&rows.to_string()), 20).unwrap()
}
