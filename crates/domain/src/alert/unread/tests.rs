//! Alerts by level, newest first, and their number.

use super::*;
use crate::event::Events;
use crate::memory::{MemoryEvents, MemorySettings, device, record, user};

const ALL: &[EventType] = &EventType::ALL;

#[tokio::test]
async fn an_alert_is_unread_and_of_a_type_in_the_level() {
    for (level, expected) in [
        (None, &["warning-5", "error-4", "warning-1", "error-0"][..]),
        (
            Some(ALL),
            &[
                "diagnostic-7",
                "info-6",
                "warning-5",
                "error-4",
                "diagnostic-3",
                "info-2",
                "warning-1",
                "error-0",
            ],
        ),
        (Some(&[EventType::Error][..]), &["error-4", "error-0"]),
        (
            Some(&[EventType::Warning, EventType::Info]),
            &["info-6", "warning-5", "info-2", "warning-1"],
        ),
        (
            Some(&[EventType::Diagnostic]),
            &["diagnostic-7", "diagnostic-3"],
        ),
        (Some(&[]), &[]),
    ] {
        let world = World::with(8).await;
        if let Some(level) = level {
            world.settings.set("anna", level, false);
        }
        assert_eq!(world.all(100).await, expected, "{level:?}");
        assert_eq!(world.all(1).await, expected, "{level:?} one by one");
        assert_eq!(world.count().await, expected.len(), "{level:?}");
    }
}

#[tokio::test]
async fn what_is_read_is_no_alert_any_more() {
    let world = World::with(8).await;
    for record in world.events.records().iter().take(6) {
        world.events.acknowledge(record.event.id);
    }
    assert_eq!(world.all(100).await, ["warning-1", "error-0"]);
    assert_eq!(world.count().await, 2);
}

#[tokio::test]
async fn a_filter_by_device_leaves_the_others_out_however_many_there_are() {
    let world = World::with(1_200).await;
    let mut expected = Vec::new();
    for number in [1, 500, 1_100, 2_000] {
        let row = record("anna", "SN-2", &number.to_string(), number);
        world.events.insert(&row).await.unwrap();
        expected.insert(0, row.event);
    }
    let user = user("anna");
    let device = device("SN-2");
    let page = page(
        &world.settings,
        &world.events,
        &user,
        Some(&device),
        limit(20),
        None,
    )
    .await
    .unwrap();
    assert_eq!((page.items, page.next), (expected, None));
}

#[tokio::test]
async fn others_alerts_are_not_there() {
    let world = World::with(8).await;
    let bob = user("bob");
    let page = page(&world.settings, &world.events, &bob, None, limit(20), None)
        .await
        .unwrap();
    assert_eq!((page.items, page.next), (vec![], None));
    assert_eq!(
        count(&world.settings, &world.events, &bob).await.unwrap(),
        0
    );
}

#[tokio::test]
async fn lesson_19_list_and_count_read_one_list_with_the_default_level() {
    let world = World::with(8).await;
    let before = world.events.reads();
    world.count().await;
    assert_eq!(world.events.reads() - before, 1);

    let before = world.events.reads();
    world.page(20, None).await;
    assert_eq!(world.events.reads() - before, 1);

    world.settings.set("anna", ALL, false);
    let before = world.events.reads();
    world.page(20, None).await;
    assert_eq!(world.events.reads() - before, 3);
}

struct World {
    settings: MemorySettings,
    events: MemoryEvents,
}

impl World {
    /// Events of all types in turn, `{type}-{number}`.
    async fn with(events: i64) -> Self {
        let world = Self {
            settings: MemorySettings::default(),
            events: MemoryEvents::default(),
        };
        for (number, event_type) in (0..events).zip(EventType::ALL.into_iter().cycle()) {
            let message = format!("{}-{number}", event_type.as_str());
            let mut record = record("anna", "SN-1", &message, number);
            record.event.event_type = event_type;
            world.events.insert(&record).await.unwrap();
        }
        world
    }

    async fn page(&self, rows: usize, after: Option<Order>) -> Page<Event> {
        page(
            &self.settings,
            &self.events,
            &user("anna"),
            None,
            limit(rows),
            after,
        )
        .await
        .unwrap()
    }

    /// The alerts of all pages.
    async fn all(&self, rows: usize) -> Vec<String> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = self.page(rows, after).await;
            found.extend(page.items.iter().map(|it| it.message_id.to_string()));
            after = page.next.as_deref().and_then(Order::parse);
            if after.is_none() {
                return found;
            }
        }
    }

    async fn count(&self) -> usize {
        count(&self.settings, &self.events, &user("anna"))
            .await
            .unwrap()
    }
}

fn limit(rows: usize) -> Limit {
    Limit::parse(Some(&rows.to_string()), 20).unwrap()
}
