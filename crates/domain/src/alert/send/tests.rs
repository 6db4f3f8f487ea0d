//! One alert, whatever fails and however often it is asked for.

use std::collections::BTreeMap;
use std::sync::Mutex;

use uuid::Uuid;

use super::*;
use crate::event::{EventType, Events};
use crate::memory::{MemoryEvents, MemorySettings, at, record, user};
use crate::store::Cause;

use Channel::{Console, Sms, Topic};

#[tokio::test]
async fn an_alert_goes_to_console_and_topic() {
    let world = World::new().await;
    assert_eq!(
        world.send(1).await,
        Ok(Outcome::Sent(TextMessage::NotWanted))
    );
    assert_eq!(world.sent(), [Console, Topic]);
}

#[tokio::test]
async fn a_type_outside_the_level_is_no_alert_and_claims_nothing() {
    let world = World::new().await;
    world.settings.set("anna", &[EventType::Error], true);
    assert_eq!(world.send(1).await, Ok(Outcome::NotWanted));
    assert_eq!(world.sent(), []);

    world.settings.set("anna", &[EventType::Warning], false);
    assert_eq!(
        world.send(2).await,
        Ok(Outcome::Sent(TextMessage::NotWanted))
    );
}

#[tokio::test]
async fn lesson_16_the_same_event_asked_for_twice_is_one_alert() {
    let world = World::new().await;
    world.send(1).await.unwrap();
    assert_eq!(world.send(2).await, Ok(Outcome::Claimed));
    assert_eq!(world.sent(), [Console, Topic]);
}

#[tokio::test]
async fn an_event_that_is_not_there_is_not_sent() {
    let world = World::new().await;
    let gone = record("anna", "SN-1", "gone", 0).event;
    let request = Request::of(&gone, Uuid::from_u128(1));
    let outcome = send(
        &world.settings,
        &world.events,
        &world.channels(),
        &request,
        at(0),
    )
    .await;
    assert_eq!(outcome.unwrap(), Outcome::Claimed);
    assert_eq!(world.sent(), []);
}

#[tokio::test]
async fn what_was_read_meanwhile_is_not_sent() {
    let world = World::new().await;
    world.events.acknowledge(world.event.id);
    assert_eq!(world.send(1).await, Ok(Outcome::Read));
    assert_eq!(world.sent(), []);
}

#[tokio::test]
async fn a_channel_that_fails_is_repeated_and_only_this_one() {
    for broken in Channel::ALL {
        let world = World::new().await.with_phone();
        world.break_down(&[broken]);
        let failed = world.send(1).await;
        assert_eq!(failed, Err(format!("the alert did not go out by {broken}")));
        let mut sent = world.sent();
        assert_eq!(sent.len(), 2, "{broken}");
        assert!(!sent.contains(&broken));

        world.break_down(&[]);
        assert!(
            matches!(world.send(1).await, Ok(Outcome::Sent(_))),
            "{broken}"
        );
        sent.push(broken);
        assert_eq!(world.sent(), sent, "{broken}");
        assert!(world.send(1).await.is_ok(), "{broken}");
    }
}

#[tokio::test]
async fn another_request_may_finish_what_failed() {
    let world = World::new().await;
    world.break_down(&[Console, Topic]);
    let failed = world.send(1).await;
    assert_eq!(
        failed,
        Err("the alert did not go out by console, topic".into())
    );

    world.break_down(&[Topic]);
    assert_eq!(
        world.send(2).await,
        Err("the alert did not go out by topic".into())
    );
    world.break_down(&[]);
    assert_eq!(
        world.send(3).await,
        Ok(Outcome::Sent(TextMessage::NotWanted))
    );
    assert_eq!(world.send(1).await, Ok(Outcome::Claimed));
    assert_eq!(world.sent(), [Console, Topic]);
}

#[tokio::test]
async fn lesson_16_a_request_killed_after_its_claim_is_finished_by_its_retry_only() {
    let world = World::new().await;
    world.events.claim(&world.request(1)).await.unwrap();
    assert_eq!(
        world.send(2).await,
        Ok(Outcome::Claimed),
        "it might still be running"
    );
    assert_eq!(
        world.send(1).await,
        Ok(Outcome::Sent(TextMessage::NotWanted))
    );
    assert_eq!(world.sent(), [Console, Topic]);
}

#[tokio::test]
async fn lesson_7_only_a_verified_number_of_an_owner_who_wants_it_gets_a_text() {
    for (wanted, phone, expected) in [
        (false, true, TextMessage::NotWanted),
        (true, false, TextMessage::NoVerifiedPhone),
        (true, true, TextMessage::Sent),
    ] {
        let mut world = World::new().await;
        world.settings.set("anna", &[EventType::Warning], wanted);
        world.phone = phone.then(|| Phone::new("+15550100".into()));
        assert_eq!(world.send(1).await, Ok(Outcome::Sent(expected)));
        assert_eq!(world.sent().contains(&Sms), expected == TextMessage::Sent);
    }
}

#[tokio::test]
async fn lesson_7_the_number_of_texts_in_a_day_is_capped() {
    let world = World::new().await.with_phone();
    for number in 0..=DAILY_CAP {
        let alert = record("anna", "SN-1", &format!("day-{number}"), 0);
        world.events.insert(&alert).await.unwrap();
        let request = Request::of(&alert.event, Uuid::from_u128(1));
        let outcome = send(
            &world.settings,
            &world.events,
            &world.channels(),
            &request,
            at(0),
        )
        .await;
        let expected = if number < DAILY_CAP {
            TextMessage::Sent
        } else {
            TextMessage::OverCap
        };
        assert_eq!(outcome.unwrap(), Outcome::Sent(expected), "{number}");
    }
    let texts = world.sent().into_iter().filter(|it| *it == Sms).count();
    assert_eq!(texts, DAILY_CAP);
}

#[test]
fn a_phone_number_is_printed_nowhere() {
    let phone = Phone::new("+15550100".into());
    assert_eq!(format!("{phone:?}"), "Phone(…)");
}

/// Anna, a warning of hers, and channels that note what went out.
struct World {
    settings: MemorySettings,
    events: MemoryEvents,
    event: Event,
    phone: Option<Phone>,
    sent: Mutex<Vec<Channel>>,
    broken: Mutex<BTreeSet<Channel>>,
    allowed: Mutex<BTreeMap<(UserId, Date), BTreeSet<EventId>>>,
}

impl World {
    async fn new() -> Self {
        let events = MemoryEvents::default();
        let record = record("anna", "SN-1", "m-1", 0);
        events.insert(&record).await.unwrap();
        Self {
            settings: MemorySettings::default(),
            events,
            event: record.event,
            phone: None,
            sent: Mutex::default(),
            broken: Mutex::default(),
            allowed: Mutex::default(),
        }
    }

    fn with_phone(mut self) -> Self {
        self.settings.set("anna", &[EventType::Warning], true);
        self.phone = Some(Phone::new("+15550100".into()));
        self
    }

    fn request(&self, claim: u128) -> Request {
        Request::of(&self.event, Uuid::from_u128(claim))
    }

    fn channels(&self) -> Channels<To<'_>, To<'_>, To<'_>> {
        Channels {
            console: To(self, Console),
            topic: To(self, Topic),
            texts: To(self, Sms),
        }
    }

    async fn send(&self, claim: u128) -> Result<Outcome, String> {
        let request = self.request(claim);
        send(
            &self.settings,
            &self.events,
            &self.channels(),
            &request,
            at(0),
        )
        .await
        .map_err(|err| err.to_string())
    }

    fn break_down(&self, channels: &[Channel]) {
        *self.broken.lock().unwrap() = channels.iter().copied().collect();
    }

    fn sent(&self) -> Vec<Channel> {
        self.sent.lock().unwrap().clone()
    }
}

struct To<'a>(&'a World, Channel);

impl To<'_> {
    fn go(&self) -> Result<(), StoreError> {
        if self.0.broken.lock().unwrap().contains(&self.1) {
            let source = "away".into();
            return Err(StoreError {
                operation: "send",
                cause: Cause::Busy,
                source,
            });
        }
        self.0.sent.lock().unwrap().push(self.1);
        Ok(())
    }
}

impl Broadcast for To<'_> {
    async fn publish(&self, alert: &Event) -> Result<(), StoreError> {
        assert_eq!(alert.user, user("anna"));
        self.go()
    }
}

impl TextMessages for To<'_> {
    async fn verified_phone(&self, _user: &UserId) -> Result<Option<Phone>, StoreError> {
        Ok(self.0.phone.clone())
    }

    async fn allow(&self, user: &UserId, day: Date, event: EventId) -> Result<bool, StoreError> {
        let mut allowed = self.0.allowed.lock().unwrap();
        let events = allowed.entry((user.clone(), day)).or_default();
        if events.len() < DAILY_CAP {
            events.insert(event);
        }
        Ok(events.contains(&event))
    }

    async fn send(&self, phone: &Phone, text: &str) -> Result<(), StoreError> {
        assert_eq!(phone.number(), "+15550100");
        assert_eq!(text, "Alert (warning) from \"Device SN-1\"");
        self.go()
    }
}
