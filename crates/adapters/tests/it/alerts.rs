//! Who sends an alert: the suite of the port, and sending on a real engine.

use std::collections::BTreeSet;
use std::slice;
use std::sync::Arc;

use adapters::DynamoEvents;
use contract::table;
use domain::alert::{
    Alerts, Channel, Channels, Claim, Outcome, Phone, Request, TextMessage, TextMessages, send,
};
use domain::event::{Event, EventId, Events};
use domain::id::UserId;
use domain::memory::{MemoryEvents, MemorySettings, Noted, at, record};
use domain::store::StoreError;
use jiff::civil::Date;
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

/// What every implementation of [`Alerts`] does.
async fn suite<S: Events + Alerts + Send + 'static>(store: Arc<S>) {
    let event = record("anna", "SN-1", "m-1", 0).event;
    let [first, second] = [1, 2].map(|it| request(&event, it));

    assert_eq!(
        store.claim(&first).await.unwrap(),
        Claim::Refused,
        "no such event"
    );
    store
        .insert(&record("anna", "SN-1", "m-1", 0))
        .await
        .unwrap();

    let granted = |served: &[Channel]| Claim::Granted {
        event: Box::new(event.clone()),
        served: served.iter().copied().collect(),
    };
    assert_eq!(store.claim(&first).await.unwrap(), granted(&[]));
    assert_eq!(
        store.claim(&first).await.unwrap(),
        granted(&[]),
        "its own again"
    );
    assert_eq!(store.claim(&second).await.unwrap(), Claim::Refused);

    release(&*store, &second, &[Channel::Sms]).await;
    assert_eq!(
        store.claim(&second).await.unwrap(),
        Claim::Refused,
        "not its to give back"
    );

    release(&*store, &first, &[]).await;
    assert_eq!(store.claim(&second).await.unwrap(), granted(&[]));
    assert_eq!(store.claim(&first).await.unwrap(), Claim::Refused);

    release(&*store, &second, &[Channel::Console]).await;
    assert_eq!(
        store.claim(&first).await.unwrap(),
        granted(&[Channel::Console])
    );
    release(&*store, &first, &[Channel::Topic, Channel::Sms]).await;
    assert_eq!(store.claim(&first).await.unwrap(), granted(&Channel::ALL));

    let other = record("anna", "SN-1", "m-2", 1);
    store.insert(&other).await.unwrap();
    let mut claims = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (store, request) = (Arc::clone(&store), request(&other.event, number));
        claims.spawn(async move { store.claim(&request).await.unwrap() });
    }
    let claims = claims.join_all().await;
    let granted = claims.iter().filter(|it| **it != Claim::Refused).count();
    assert_eq!(granted, 1, "of many at once");
}

#[tokio::test]
async fn lesson_16_a_crash_between_claim_and_sending_is_resumed_by_the_same_request_only() {
    let events = table().await;
    let record = record("anna", "SN-1", "m-1", 0);
    events.insert(&record).await.unwrap();
    let settings = MemorySettings::default();
    let channels = Channels {
        console: Noted::<Event>::default(),
        topic: Noted::<Event>::default(),
        texts: NoTexts,
    };
    let send = async |claim| {
        let request = request(&record.event, claim);
        send(&settings, &events, &channels, &request, at(0))
            .await
            .unwrap()
    };

    events.claim(&request(&record.event, 1)).await.unwrap();
    assert_eq!(send(2).await, Outcome::Claimed);
    assert_eq!(channels.console.all(), []);
    assert_eq!(send(1).await, Outcome::Sent(TextMessage::NotWanted));
    assert_eq!(send(3).await, Outcome::Claimed);
    assert_eq!(channels.console.all(), slice::from_ref(&record.event));
    assert_eq!(channels.topic.all(), slice::from_ref(&record.event));
}

/// Nobody here wants text messages.
struct NoTexts;

impl TextMessages for NoTexts {
    async fn verified_phone(&self, _: &UserId) -> Result<Option<Phone>, StoreError> {
        panic!("nobody asked for a text message")
    }

    async fn allow(&self, _: &UserId, _: Date, _: EventId) -> Result<bool, StoreError> {
        panic!("nobody asked for a text message")
    }

    async fn send(&self, _: &Phone, _: &str) -> Result<(), StoreError> {
        panic!("nobody asked for a text message")
    }
}

fn request(event: &Event, claim: u128) -> Request {
    Request::of(event, Uuid::from_u128(claim))
}

async fn release(store: &impl Alerts, request: &Request, served: &[Channel]) {
    let served: BTreeSet<_> = served.iter().copied().collect();
    store.release(request, &served).await.unwrap();
}

async fn table() -> DynamoEvents {
    DynamoEvents::new(engine::dynamodb().await, table::EVENTS.into())
}
