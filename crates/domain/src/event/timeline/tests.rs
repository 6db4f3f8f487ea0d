//! Pages as a reader walks through them.

use proptest::prelude::*;

use super::*;
use crate::event::{Events, Record};
use crate::memory::{MemoryEvents, MemoryOwners, at, device, record, user};
use crate::page::{CHUNK, STEPS};

#[tokio::test]
async fn the_newest_events_come_first() {
    let events = stored([1, 3, 2]).await;
    let page = of_user(&events, &user("anna"), None, None, limit(20), None)
        .await
        .unwrap();
    assert_eq!(messages(&page), ["m-3", "m-2", "m-1"]);
    assert_eq!((page.scanned, page.next), (3, None));
}

#[tokio::test]
async fn lesson_21_each_of_250_events_is_on_one_page_and_the_last_page_says_so() {
    let events = stored(1..=250).await;
    let pages = pages(&events, None, limit(50)).await;
    assert_eq!(
        pages.iter().map(|it| it.items.len()).collect::<Vec<_>>(),
        [50; 5]
    );
    let all: Vec<_> = pages.iter().flat_map(messages).collect();
    let expected: Vec<_> = (1..=250).rev().map(|it| format!("m-{it}")).collect();
    assert_eq!(all, expected);
    assert!(pages.iter().all(|it| it.scanned == 50));
}

#[tokio::test]
async fn what_comes_in_meanwhile_moves_nothing() {
    let events = stored(1..=30).await;
    let mut seen = Vec::new();
    let mut after = None;
    for round in 0.. {
        let page = of_user(&events, &user("anna"), None, None, limit(10), after)
            .await
            .unwrap();
        seen.extend(messages(&page));
        events
            .insert(&record(
                "anna",
                "SN-1",
                &format!("new-{round}"),
                1_000 + round,
            ))
            .await
            .unwrap();
        let Some(next) = page.next else { break };
        after = Order::parse(&next);
    }
    let expected: Vec<_> = (1..=30).rev().map(|it| format!("m-{it}")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn lesson_20_a_rare_filter_walks_a_bounded_way_and_then_says_where_it_is() {
    let events = stored(1..=2_500).await;
    events.insert(&typed(0, EventType::Error)).await.unwrap();

    let first = of_user(
        &events,
        &user("anna"),
        None,
        Some(EventType::Error),
        limit(20),
        None,
    )
    .await
    .unwrap();
    assert_eq!((first.items.len(), first.scanned), (0, STEPS * CHUNK));
    assert_eq!(events.reads(), STEPS);

    let pages = pages(&events, Some(EventType::Error), limit(20)).await;
    assert_eq!(pages.iter().flat_map(messages).collect::<Vec<_>>(), ["m-0"]);
    assert_eq!(pages.len(), 3);
}

#[tokio::test]
async fn a_filtered_page_is_full_while_more_events_match() {
    let events = stored([]).await;
    for number in 1..=400 {
        let event_type = if number % 10 == 0 {
            EventType::Error
        } else {
            EventType::Info
        };
        events.insert(&typed(number, event_type)).await.unwrap();
    }
    let pages = pages(&events, Some(EventType::Error), limit(15)).await;
    assert_eq!(
        pages.iter().map(|it| it.items.len()).collect::<Vec<_>>(),
        [15, 15, 10]
    );
}

#[tokio::test]
async fn a_device_of_somebody_else_is_answered_as_one_that_is_not_there() {
    let events = stored(1..=3).await;
    let owners = MemoryOwners::default();
    owners.register("anna", "SN-1", 1, at(0));
    for (name, serial) in [("bob", "SN-1"), ("bob", "SN-9"), ("anna", "SN-9")] {
        let (user, device) = (user(name), device(serial));
        let page = of_device(&owners, &events, &user, &device, None, limit(20), None).await;
        assert!(matches!(page, Err(OwnedError::NotOwner)), "{user} {device}");
    }
}

#[tokio::test]
async fn lesson_10_whoever_registers_a_device_again_starts_with_an_empty_history() {
    let events = stored(1..=300).await;
    let owners = MemoryOwners::default();
    let page = async |only| {
        let (user, device) = (user("anna"), device("SN-1"));
        of_device(&owners, &events, &user, &device, only, limit(20), None)
            .await
            .unwrap()
    };
    owners.register("anna", "SN-1", 2, at(1_000));
    for only in [None, Some(EventType::Error)] {
        let before = events.reads();
        let empty = page(only).await;
        assert_eq!((empty.items, empty.next), (vec![], None));
        assert_eq!(
            events.reads() - before,
            1,
            "it stops where the registration starts"
        );
    }

    let mut mine = typed(2_000, EventType::Error);
    mine.registration = owners.get("SN-1").unwrap().registration;
    events.insert(&mine).await.unwrap();
    assert_eq!(page(None).await.items, [mine.event.clone()]);
    assert_eq!(page(Some(EventType::Error)).await.items, [mine.event]);
}

#[tokio::test]
async fn a_user_with_a_filter_by_device_reads_this_device_only() {
    let events = stored(1..=3).await;
    events
        .insert(&record("anna", "SN-2", "other", 7))
        .await
        .unwrap();
    events
        .insert(&record("bob", "SN-2", "foreign", 8))
        .await
        .unwrap();
    for (serial, expected) in [("SN-2", vec!["other"]), ("SN-9", vec![])] {
        let device = device(serial);
        let page = of_user(&events, &user("anna"), Some(&device), None, limit(20), None).await;
        assert_eq!(messages(&page.unwrap()), expected);
    }
}

proptest! {
    /// Several lists, filtered, read in steps of any size: the merged pages are
    /// what sorting all of it at once gives.
    #[test]
    fn pages_of_merged_lists_hold_each_event_once_in_order(
        rows in prop::collection::vec((0usize..4, any::<bool>()), 0..60),
        rows_of_a_page in 1usize..10,
        most in 1usize..10,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (found, expected) = runtime.block_on(async {
            let events = stored([]).await;
            let mut expected = Vec::new();
            for (number, (kind, here)) in rows.into_iter().enumerate() {
                let mut row = record("anna", if here { "SN-1" } else { "SN-2" }, &format!("m-{number}"), number as i64);
                row.event.event_type = EventType::ALL[kind];
                events.insert(&row).await.unwrap();
                if here && row.event.event_type != EventType::Warning {
                    expected.push(row.event.message_id.to_string());
                }
            }
            expected.reverse();

            let (user, device) = (user("anna"), device("SN-1"));
            let queries = Class::ALL.map(|class| Query {
                unread: false,
                list: List::Unread(&user, class),
                device: Some(&device),
                event_type: (class == Class::Urgent).then_some(EventType::Error),
            });
            let slow = Slow { events, most };
            let mut found = Vec::new();
            let mut after = None;
            loop {
                let walk = Walk::new(limit(rows_of_a_page), after);
                let page = read_all(&slow, &queries, walk).await.unwrap();
                found.extend(messages(&page));
                assert!(page.items.len() <= rows_of_a_page);
                let Some(next) = page.next else { break };
                after = Order::parse(&next);
            }
            (found, expected)
        });
        prop_assert_eq!(found, expected);
    }
}

/// Ends each call after `most` rows, as DynamoDB does after 1 MB.
struct Slow {
    events: MemoryEvents,
    most: usize,
}

impl Timelines for Slow {
    async fn read(
        &self,
        query: &Query<'_>,
        after: Option<&Order>,
        most: usize,
    ) -> Result<Stretch<Record>, StoreError> {
        self.events.read(query, after, most.min(self.most)).await
    }

    async fn count(&self, query: &Query<'_>, after: Option<&Order>) -> Result<Counted, StoreError> {
        self.events.count(query, after).await
    }
}

/// Warnings `m-{number}` of Anna's `SN-1`, each received at its number.
async fn stored(numbers: impl IntoIterator<Item = i64>) -> MemoryEvents {
    let events = MemoryEvents::default();
    for number in numbers {
        events
            .insert(&typed(number, EventType::Warning))
            .await
            .unwrap();
    }
    events
}

fn typed(number: i64, event_type: EventType) -> Record {
    let mut row = record("anna", "SN-1", &format!("m-{number}"), number);
    row.event.event_type = event_type;
    row
}

/// All pages of Anna's events.
async fn pages(events: &MemoryEvents, only: Option<EventType>, limit: Limit) -> Vec<Page<Event>> {
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = of_user(events, &user("anna"), None, only, limit, after)
            .await
            .unwrap();
        after = page.next.as_deref().and_then(Order::parse);
        pages.push(page);
        if after.is_none() {
            return pages;
        }
    }
}

fn messages(page: &Page<Event>) -> Vec<String> {
    page.items
        .iter()
        .map(|it| it.message_id.to_string())
        .collect()
}

fn limit(rows: usize) -> Limit {
    Limit::parse(Some(&rows.to_string()), 20).unwrap()
}
