//! What the devices of a fleet send, and when. No clock and no I/O of its own.

use std::time::Duration;

use fastrand::Rng;

use crate::message::{EventType, Kind, Publication};
use crate::topics::Topics;

/// Bytes of an event that is too large: the product takes 32 KiB.
const TOO_LARGE: usize = 33 * 1024;

/// What a device of the fleet sends next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Next {
    Telemetry,
    Event(EventType),
    Bad(Bad),
}

/// A message that breaks the device contract.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum Bad {
    /// An event that is no JSON.
    NotJson,
    /// An event without a type.
    NoType,
    /// An event of more bytes than the product takes.
    TooLarge,
    /// An event in another device's name: the broker ends the connection.
    ForeignTopic,
}

impl Bad {
    pub(crate) fn publication(self, topics: &Topics) -> Publication {
        let topic = match self {
            Self::ForeignTopic => foreign(topics),
            Self::NotJson | Self::NoType | Self::TooLarge => topics.event.clone(),
        };
        let payload = match self {
            Self::NotJson => b"{\"type\": \"info\", ".to_vec(),
            Self::NoType => br#"{"messageId": "bad", "message": "no type"}"#.to_vec(),
            Self::TooLarge => format!(
                r#"{{"messageId": "bad", "type": "info", "message": "{}"}}"#,
                "x".repeat(TOO_LARGE)
            )
            .into_bytes(),
            Self::ForeignTopic => {
                br#"{"messageId": "bad", "type": "error", "message": "foreign"}"#.to_vec()
            }
        };
        Publication {
            topic,
            payload,
            kind: Kind::Bad,
        }
    }
}

/// The event topic of a device that is not this one.
pub(crate) fn foreign(topics: &Topics) -> String {
    format!("{}-other", topics.event)
}

/// The shares of what is sent.
#[derive(Clone, Debug)]
pub(crate) struct Mix {
    /// Of all messages, 0 to 1; what is neither an event nor bad is telemetry.
    pub(crate) events: f64,
    pub(crate) event_types: Vec<EventType>,
    /// Of all messages, 0 to 1.
    pub(crate) bad: f64,
    pub(crate) bad_kinds: Vec<Bad>,
}

impl Mix {
    pub(crate) fn draw(&self, rng: &mut Rng) -> Next {
        let drawn = rng.f64();
        if drawn < self.bad
            && let Some(kind) = rng.choice(&self.bad_kinds)
        {
            return Next::Bad(*kind);
        }
        if drawn < self.bad + self.events
            && let Some(kind) = rng.choice(&self.event_types)
        {
            return Next::Event(*kind);
        }
        Next::Telemetry
    }
}

/// Time between two messages of one device, for `rate` messages a second of
/// all `devices` together; `None` where nothing is sent.
pub(crate) fn pace(rate: f64, devices: usize) -> Option<Duration> {
    let seconds = f64::from(u32::try_from(devices).unwrap_or(u32::MAX)) / rate;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Spells without a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spells {
    /// Of the fleet, that is away at any time: more than 0, less than 1.
    pub(crate) share: f64,
    /// Mean length of one spell.
    pub(crate) length: Duration,
}

impl Spells {
    /// How long a device stays away this time.
    pub(crate) fn away(&self, rng: &mut Rng) -> Duration {
        self.length.mul_f64(0.5 + rng.f64())
    }

    /// How long it stays connected before that, so that the share comes out.
    pub(crate) fn present(&self, rng: &mut Rng) -> Duration {
        let mean = self.length.as_secs_f64() * (1.0 - self.share) / self.share;
        Duration::try_from_secs_f64(mean * (0.5 + rng.f64())).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use contract::topic;
    use serde_json::Value;

    use super::*;

    fn mix(events: f64, bad: f64) -> Mix {
        Mix {
            events,
            event_types: vec![EventType::Error, EventType::Info],
            bad,
            bad_kinds: vec![Bad::NotJson, Bad::ForeignTopic],
        }
    }

    #[test]
    fn the_shares_come_out_and_every_kind_is_drawn() {
        let mut rng = Rng::with_seed(1);
        for (events, bad) in [
            (0.0, 0.0),
            (0.25, 0.0),
            (0.25, 0.25),
            (0.0, 1.0),
            (1.0, 0.0),
        ] {
            let mix = mix(events, bad);
            let drawn: Vec<_> = (0..10_000).map(|_| mix.draw(&mut rng)).collect();
            let share = |wanted: fn(&Next) -> bool| {
                let count = drawn.iter().filter(|it| wanted(it)).count();
                f64::from(u32::try_from(count).unwrap()) / 10_000.0
            };
            assert!((share(|it| matches!(it, Next::Event(_))) - events).abs() < 0.02);
            assert!((share(|it| matches!(it, Next::Bad(_))) - bad).abs() < 0.02);
            for kind in [Bad::NotJson, Bad::ForeignTopic] {
                assert_eq!(drawn.contains(&Next::Bad(kind)), bad > 0.0, "{kind:?}");
            }
        }
    }

    #[test]
    fn the_rate_is_the_whole_fleets() {
        assert_eq!(pace(100.0, 500), Some(Duration::from_secs(5)));
        assert_eq!(pace(0.5, 1), Some(Duration::from_secs(2)));
        assert_eq!(pace(4_000.0, 1), Some(Duration::from_micros(250)));
        assert_eq!(pace(0.0, 500), None);
    }

    #[test]
    fn a_bad_message_breaks_the_contract_in_one_way() {
        let topics = Topics::new(&"SN-1".parse().unwrap(), topic::TELEMETRY, topic::EVENT);
        let json = |bad: Bad| serde_json::from_slice::<Value>(&bad.publication(&topics).payload);
        assert!(json(Bad::NotJson).is_err());
        assert_eq!(json(Bad::NoType).unwrap().get("type"), None);
        assert_eq!(json(Bad::TooLarge).unwrap()["type"], "info");
        assert!(Bad::TooLarge.publication(&topics).payload.len() > 32 * 1024);
        assert_eq!(json(Bad::ForeignTopic).unwrap()["type"], "error");
        for bad in [Bad::NotJson, Bad::NoType, Bad::TooLarge] {
            assert_eq!(bad.publication(&topics).topic, "smartproduct/event/SN-1");
        }
        let foreign = Bad::ForeignTopic.publication(&topics).topic;
        assert_eq!(foreign, "smartproduct/event/SN-1-other");
    }

    #[test]
    fn the_share_of_the_fleet_is_away_in_the_long_run() {
        let mut rng = Rng::with_seed(1);
        for share in [0.1, 0.5, 0.9] {
            let spells = Spells {
                share,
                length: Duration::from_secs(30),
            };
            let sum = |draw: &mut dyn FnMut() -> Duration| {
                (0..5_000).map(|_| draw().as_secs_f64()).sum::<f64>()
            };
            let away = sum(&mut || spells.away(&mut rng));
            let present = sum(&mut || spells.present(&mut rng));
            assert!((away / (away + present) - share).abs() < 0.02, "{share}");
        }
    }
}
