//! Single events: the suite of the port, on the double and on a real DynamoDB engine.

use std::sync::Arc;

use adapters::DynamoEvents;
use contract::table;
use domain::alert::Class;
use domain::event::{Change, EventId, Events, List, Query, SingleEvents, Timelines};
use domain::id::RegistrationId;
use domain::memory::{MemoryEvents, at, device, record, user};
use uuid::Uuid;

use crate::engine;

#[tokio::test]
async fn the_double_passes_the_suite() {
    suite(Arc::new(MemoryEvents::default())).await;
}

#[tokio::test]
async fn the_table_passes_the_suite() {
    suite(Arc::new(table().await)).await;
}

/// What every implementation of [`SingleEvents`] does.
async fn suite<S: Events + SingleEvents + Timelines + Send + 'static>(events: Arc<S>) {
    let event = record("anna", "SN-1", "m-1", 7);
    let id = event.event.id;
    events.insert(&event).await.unwrap();
    let (anna, bob) = (user("anna"), user("bob"));
    let (one, two) = (device("SN-1"), device("SN-2"));

    // It is found under its owner and device, and nowhere else.
    let found = events.get(&anna, &one, id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&event));
    let other = EventId::of(RegistrationId(Uuid::nil()), &event.event.message_id);
    for (user, device, id) in [(&bob, &one, id), (&anna, &two, id), (&anna, &one, other)] {
        assert_eq!(events.get(user, device, id).await.unwrap(), None);
    }

    // Nor is it changed from elsewhere.
    for (user, registration, device, id) in [
        (&bob, FIRST, &one, id),
        (&anna, SECOND, &one, id),
        (&anna, FIRST, &two, id),
        (&anna, FIRST, &one, other),
    ] {
        for change in [
            Change::Ack(true),
            Change::Ack(false),
            Change::Suppress(false),
        ] {
            let changed = events
                .change(user, registration, device, id, change, at(9))
                .await;
            assert_eq!(changed.unwrap(), None, "{user} {device} {id}");
        }
    }
    assert_eq!(
        events.get(&anna, &one, id).await.unwrap().as_ref(),
        Some(&event)
    );

    // Whatever is said, in whatever order: exactly that changes, and it is in
    // the list of what is unread if neither flag is set.
    let mut expected = event.event.clone();
    let both = |ack, suppress| Change::Both { ack, suppress };
    let [ack, suppress] = [Change::Ack, Change::Suppress];
    for (number, change) in [
        ack(false),
        suppress(false),
        ack(true),
        ack(true),
        suppress(true),
        ack(false),
        suppress(false),
        both(true, true),
        suppress(false),
        ack(false),
        both(false, true),
        ack(true),
        suppress(false),
        both(false, false),
        both(true, false),
        ack(false),
    ]
    .into_iter()
    .enumerate()
    {
        expected.ack = change.ack().unwrap_or(expected.ack);
        expected.suppress = change.suppress().unwrap_or(expected.suppress);
        expected.updated_at = at(20 + number as i64);
        let changed = events
            .change(&anna, FIRST, &one, id, change, expected.updated_at)
            .await;
        assert_eq!(
            changed.unwrap().as_ref(),
            Some(&expected),
            "{number} {change:?}"
        );
        let stored = events.get(&anna, &one, id).await.unwrap().unwrap();
        assert_eq!(stored.event, expected);
        let unread = unread(&*events).await;
        assert_eq!(unread == [id], expected.is_unread(), "{number} {change:?}");
    }

    // Lesson 11: of two that change different flags at once, none is lost.
    for round in 0..20_u8 {
        let set = round % 2 == 0;
        let changes = [Change::Ack(set), Change::Suppress(set)].map(|change| {
            let (events, anna, one) = (Arc::clone(&events), anna.clone(), one.clone());
            tokio::spawn(async move { events.change(&anna, FIRST, &one, id, change, at(90)).await })
        });
        for change in changes {
            assert!(change.await.unwrap().unwrap().is_some());
        }
        let stored = events.get(&anna, &one, id).await.unwrap().unwrap().event;
        assert_eq!((stored.ack, stored.suppress), (set, set));
        assert_eq!(unread(&*events).await == [id], !set);
    }
}

async fn unread(events: &impl Timelines) -> Vec<EventId> {
    let anna = user("anna");
    let list = Query::all(List::Unread(&anna, Class::Urgent));
    let rows = events.read(&list, None, 10).await.unwrap().rows;
    rows.into_iter().map(|it| it.event.id).collect()
}

const FIRST: RegistrationId = RegistrationId(Uuid::from_u128(1));
const SECOND: RegistrationId = RegistrationId(Uuid::from_u128(2));

async fn table() -> DynamoEvents {
    DynamoEvents::new(engine::dynamodb().await, table::EVENTS.into())
}
