//! One request for an alert in, at most one alert out.

use contract::metric;
use domain::alert::{
    Alerts, Broadcast, Channels, DAILY_CAP, Outcome, Request, SendError, TextMessage, TextMessages,
    send,
};
use domain::settings::Settings;
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use runtime::Chain;
use tracing::{error, info, warn};

/// Translates one request into one domain call, and its outcome into log lines
/// and a metric. A failure is repeated by Lambda, with the same request.
pub(crate) async fn handle<C: Broadcast, T: Broadcast, M: TextMessages>(
    settings: &impl Settings,
    alerts: &impl Alerts,
    channels: &Channels<C, T, M>,
    event: LambdaEvent<Request>,
) -> Result<(), Diagnostic> {
    let request = event.payload;
    let (device, event) = (&request.device, request.event);
    let sending = send(settings, alerts, channels, &request, Timestamp::now());
    match Box::pin(sending).await {
        Ok(Outcome::Sent(text)) => {
            runtime::count(metric::NAMESPACE, metric::ALERT_SENT);
            info!(device.id = %device, event.id = %event, "sent an alert");
            if text == TextMessage::OverCap {
                warn!(user.id = %request.user, event.id = %event,
                    "sent no text message: the user has had {DAILY_CAP} today");
            }
            Ok(())
        }
        Ok(Outcome::NotWanted) => {
            info!(device.id = %device, event.id = %event, "the owner wants no alert of this type");
            Ok(())
        }
        Ok(Outcome::Claimed) => {
            info!(device.id = %device, event.id = %event, "another request has this alert");
            Ok(())
        }
        Ok(Outcome::Read) => {
            info!(device.id = %device, event.id = %event, "the owner has read the event");
            Ok(())
        }
        Err(err) => {
            if let SendError::Incomplete(failed) = &err {
                for (channel, err) in failed {
                    error!(device.id = %device, event.id = %event, alert.channel = %channel,
                        error.chain = %Chain(err), "{err}");
                }
            }
            Err(Diagnostic {
                error_type: "AlertFailure".to_owned(),
                error_message: Chain(&err).to_string(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::alert::Phone;
    use domain::event::{Event, EventId, Events};
    use domain::id::UserId;
    use domain::memory::{MemoryEvents, MemorySettings, Noted, record};
    use domain::settings::EventType;
    use domain::store::{Cause, StoreError};
    use jiff::civil::Date;
    use lambda_runtime::Context;
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn an_alert_goes_out_once() {
        let world = World::new().await;
        world.handle(1).await.unwrap();
        world.handle(1).await.unwrap();
        world.handle(2).await.unwrap();
        assert_eq!(world.channels.console.all()[0], world.event);
        assert_eq!(world.channels.topic.all()[0], world.event);
    }

    #[tokio::test]
    async fn a_type_that_the_owner_does_not_want_goes_nowhere() {
        let world = World::new().await;
        world.settings.set("anna", &[EventType::Error], false);
        world.handle(1).await.unwrap();
        assert_eq!(world.channels.console.all(), []);
        assert_eq!(world.channels.topic.all(), []);
    }

    #[tokio::test]
    async fn a_failed_channel_fails_the_invocation_and_the_retry_sends_only_what_is_missing() {
        let world = World::new().await;
        world.settings.set("anna", &[EventType::Warning], true);
        for attempt in [1, 1, 2] {
            let err = world.handle(attempt).await.unwrap_err();
            assert_eq!(err.error_type, "AlertFailure");
            assert_eq!(err.error_message, "the alert did not go out by sms");
        }
        assert_eq!(world.channels.console.all().len(), 1);
        assert_eq!(world.channels.topic.all().len(), 1);
    }

    #[tokio::test]
    async fn the_fixture_is_a_request() {
        let world = World::new().await;
        let json = include_str!("../fixtures/request.json");
        let request: Request = serde_json::from_str(json).unwrap();
        assert_eq!(request, Request::of(&world.event, request.claim));
    }

    struct World {
        settings: MemorySettings,
        events: MemoryEvents,
        channels: Channels<Noted<Event>, Noted<Event>, NoTexts>,
        event: Event,
    }

    impl World {
        async fn new() -> Self {
            let events = MemoryEvents::default();
            let record = record("anna", "SN-1", "m-1", 0);
            events.insert(&record).await.unwrap();
            Self {
                settings: MemorySettings::default(),
                events,
                channels: Channels {
                    console: Noted::default(),
                    topic: Noted::default(),
                    texts: NoTexts,
                },
                event: record.event,
            }
        }

        async fn handle(&self, claim: u128) -> Result<(), Diagnostic> {
            let request = Request::of(&self.event, Uuid::from_u128(claim));
            let event = LambdaEvent::new(request, Context::default());
            handle(&self.settings, &self.events, &self.channels, event).await
        }
    }

    /// Text messages that never get anywhere.
    struct NoTexts;

    impl TextMessages for NoTexts {
        async fn verified_phone(&self, _user: &UserId) -> Result<Option<Phone>, StoreError> {
            Err(StoreError {
                operation: "look up a number",
                cause: Cause::Busy,
                source: "away".into(),
            })
        }

        async fn allow(&self, _: &UserId, _: Date, _: EventId) -> Result<bool, StoreError> {
            Ok(false)
        }

        async fn send(&self, _: &Phone, _: &str) -> Result<(), StoreError> {
            Ok(())
        }
    }
}
