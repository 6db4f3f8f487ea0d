//! What things say, and what they are told.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use contract::topic;
use fastrand::Rng;
use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::state::Ready;
use crate::backoff::Backoff;
use crate::broker::{Broker, Connection, Place, Refusal, Signal};
use crate::firmware::{Firmware, Reaction};
use crate::message::EventType;
use crate::outbox::Outbox;
use crate::products::Sample;
use crate::progress::say;
use crate::serial::Serial;
use crate::simulation::{BASE, CAP};
use crate::stop::Stop;
use crate::topics::Topics;

/// Attempts to connect: a new certificate is known everywhere after moments.
const ATTEMPTS: usize = 5;
/// How long the broker may take to confirm.
const PATIENCE: Duration = Duration::from_secs(10);

/// One thing that talks.
#[derive(Debug)]
struct Talker {
    name: Serial,
    broker: Broker,
    firmware: Firmware,
    outbox: Outbox,
    backoff: Backoff,
    rng: Rng,
}

impl Talker {
    fn new(place: &Place, thing: Ready) -> Result<Self> {
        let broker = Broker::new(&thing.name, &thing.files, place)?;
        let topics = Topics::new(&thing.name, topic::TELEMETRY, topic::EVENT);
        let now = Timestamp::now();
        let product = Sample::Thermostat.product(now);
        Ok(Self {
            firmware: Firmware::new(topics, "thing".to_owned(), product, now),
            name: thing.name,
            broker,
            outbox: Outbox::default(),
            backoff: Backoff::new(BASE, CAP),
            rng: Rng::new(),
        })
    }

    /// Connects, with a few attempts.
    async fn connect(&mut self) -> Result<Connection> {
        for attempt in 1.. {
            match self.broker.connect().await {
                Ok(connection) => return Ok(connection),
                Err(refusal @ Refusal::Untrusted(_)) => bail!("{}: {refusal}", self.name),
                Err(refusal) if attempt == ATTEMPTS => bail!("{}: {refusal}", self.name),
                Err(refusal) => say(&self.name, refusal),
            }
            sleep(self.backoff.next(&mut self.rng)).await;
        }
        bail!("{} has used up its attempts", self.name)
    }

    /// Publishes so many measurements and one event; the number of messages
    /// that the broker has confirmed.
    async fn send(mut self, messages: usize, pause: Duration) -> Result<usize> {
        let mut connection = self.connect().await?;
        let mut confirmed = 0;
        for number in 0..messages {
            if number > 0 {
                sleep(pause).await;
            }
            let measured = self.firmware.measure(Timestamp::now(), &mut self.rng);
            confirmed += self.deliver(measured, &mut connection).await?;
        }
        let now = Timestamp::now();
        let event = self.firmware.happen(EventType::Info, now, &mut self.rng);
        confirmed += self.deliver(event, &mut connection).await?;
        connection.close().await;
        Ok(confirmed)
    }

    /// Publishes, and waits until all of it is confirmed.
    async fn deliver(&mut self, reaction: Reaction, connection: &mut Connection) -> Result<usize> {
        for note in reaction.notes {
            say(&self.name, note);
        }
        for publication in reaction.publications {
            self.outbox.push(publication);
        }
        let waiting = self.outbox.len();
        timeout(PATIENCE, self.drain(connection))
            .await
            .with_context(|| format!("{}: the broker does not confirm", self.name))??;
        Ok(waiting)
    }

    async fn drain(&mut self, connection: &mut Connection) -> Result<()> {
        while self.outbox.len() > 0 {
            connection.publish_from(&mut self.outbox);
            match connection.next().await {
                Signal::Sent(id) => self.outbox.sent(id),
                Signal::Confirmed(id) => {
                    self.outbox.confirmed(id);
                }
                Signal::Lost(reason) => bail!(
                    "{}: connection lost: {reason} (perhaps the policy does not allow what it \
                     sends)",
                    self.name
                ),
                Signal::Message(_) | Signal::Subscribed(_) => {}
            }
        }
        Ok(())
    }

    /// Prints what comes, over as many connections as it takes. It ends only
    /// where it cannot connect.
    async fn listen(mut self) -> Result<()> {
        loop {
            let mut connection = self.connect().await?;
            self.backoff.reset();
            connection.subscribe(self.firmware.topics().subscriptions());
            loop {
                match connection.next().await {
                    Signal::Message(message) => {
                        let payload = String::from_utf8_lossy(&message.payload);
                        say(&self.name, format_args!("{} {payload}", message.topic));
                    }
                    Signal::Subscribed(true) => {
                        say(&self.name, "listens");
                        // So that there is something to be seen: its shadow.
                        connection.publish(self.firmware.connected());
                    }
                    Signal::Subscribed(false) => {
                        bail!("{}: the policy does not allow all of its topics", self.name);
                    }
                    Signal::Lost(reason) => {
                        say(&self.name, format_args!("connection lost: {reason}"));
                        break;
                    }
                    Signal::Sent(_) | Signal::Confirmed(_) => {}
                }
            }
        }
    }
}

/// Lets each of the things send.
///
/// # Errors
///
/// The first thing's that cannot.
pub(crate) async fn send(
    place: &Place,
    things: Vec<Ready>,
    messages: usize,
    pause: Duration,
) -> Result<()> {
    let mut talking = JoinSet::new();
    for thing in things {
        talking.spawn(Talker::new(place, thing)?.send(messages, pause));
    }
    let mut confirmed = 0;
    while let Some(sent) = talking.join_next().await {
        confirmed += sent??;
    }
    eprintln!("the broker has confirmed {confirmed} messages");
    Ok(())
}

/// Lets each of the things listen for `time`, or until asked to stop.
///
/// # Errors
///
/// The first thing's that cannot.
pub(crate) async fn subscribe(
    place: &Place,
    things: Vec<Ready>,
    time: Option<Duration>,
    stop: &mut Stop,
) -> Result<()> {
    let mut listening = JoinSet::new();
    for thing in things {
        listening.spawn(Talker::new(place, thing)?.listen());
    }
    let over = async {
        match time {
            Some(time) => sleep(time).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = listening.join_next() => ended.unwrap_or(Ok(Ok(())))?,
        () = over => Ok(()),
        () = stop.requested() => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::super::state::files;
    use super::*;
    use crate::fake_broker::{Behaviour, FakeBroker};
    use crate::{ca, device};

    /// Things with certificates, and a broker that trusts them.
    async fn bench(names: &[&str], behave: fn(&str, usize) -> Behaviour) -> (TempDir, FakeBroker) {
        let dir = tempfile::tempdir().unwrap();
        let ca = dir.path().join("ca");
        ca::create_in(&ca);
        for name in names {
            device::create_in(dir.path(), &name.parse().unwrap(), &ca);
        }
        let broker = FakeBroker::crowd(dir.path(), &ca, behave).await;
        (dir, broker)
    }

    fn things(dir: &TempDir, names: &[&str]) -> Vec<Ready> {
        let thing = |name: &&str| {
            let name: Serial = name.parse().unwrap();
            let files = files(dir.path(), &name);
            Ready { name, files }
        };
        names.iter().map(thing).collect()
    }

    fn place(broker: &FakeBroker) -> Place {
        Place::new("localhost", broker.port, Some(&broker.root_ca)).unwrap()
    }

    #[tokio::test]
    async fn each_thing_sends_its_messages_with_its_certificate_alone() {
        let names = ["t-1", "t-2"];
        let (dir, broker) = bench(&names, |_, before| match before {
            0 => Behaviour::Drop,
            _ => Behaviour::Policy,
        })
        .await;
        send(&place(&broker), things(&dir, &names), 3, Duration::ZERO)
            .await
            .unwrap();
        for name in names {
            let count = |kind: &str| {
                broker
                    .received(&format!("smartproduct/{kind}/{name}"))
                    .len()
            };
            assert_eq!((count("telemetry"), count("event")), (3, 1));
        }
        assert_eq!(broker.chain_lengths(), [1; 4]);
    }

    #[tokio::test]
    async fn a_thing_whose_messages_are_not_allowed_says_so() {
        let (dir, broker) = bench(&["t-1"], |_, _| Behaviour::BreakAfter(1)).await;
        let sent = send(&place(&broker), things(&dir, &["t-1"]), 1, Duration::ZERO).await;
        let error = sent.unwrap_err().to_string();
        assert!(
            error.contains("perhaps the policy does not allow"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_thing_listens_and_asks_for_its_shadow() {
        let (dir, broker) = bench(&["t-1"], |_, _| Behaviour::Command("{}")).await;
        let things = things(&dir, &["t-1"]);
        let time = Some(Duration::from_millis(500));
        subscribe(&place(&broker), things, time, &mut Stop::new().unwrap())
            .await
            .unwrap();
        assert_eq!(broker.subscriptions(), 1);
        assert_eq!(broker.received("$aws/things/t-1/shadow/get").len(), 1);
    }
}
