//! One simulated device from its first connection attempt to Ctrl-C.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use contract::topic;
use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};

use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout};

use crate::answers::Answers;
use crate::aws::Account;
use crate::backoff::Backoff;
use crate::broker::{Broker, Connection, Place, Refusal, Signal};
use crate::device::Files;
use crate::endpoint::Endpoint;
use crate::firmware::{Firmware, Reaction};
use crate::message::{EventType, Kind};
use crate::outbox::Outbox;
use crate::products::Sample;
use crate::progress::say;
use crate::serial::Serial;
use crate::stop::Stop;
use crate::topics::{self, Topics};

/// Bounds of the wait between two connection attempts. Just-in-time
/// registration takes well under a second, so the first tries come quickly.
pub(crate) const BASE: Duration = Duration::from_millis(500);
pub(crate) const CAP: Duration = Duration::from_secs(60);
/// A connection that holds this long is a good one: the next loss starts with
/// short waits again. One that is let in and thrown out at once is not.
pub(crate) const STABLE: Duration = Duration::from_secs(10);
/// How long the end waits for what the broker has not confirmed yet.
const DRAIN: Duration = Duration::from_secs(2);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Serial number of the device.
    #[arg(long)]
    serial: Serial,
    /// Folder of the device's files, made by `simulator device`.
    #[arg(long)]
    dir: PathBuf,
    #[command(flatten)]
    broker: Endpoint,
    /// Time between two telemetry messages.
    #[arg(long, env = "SIMULATOR_INTERVAL", default_value = "5s", value_parser = interval_time)]
    interval: Duration,
    /// Mean time between two events; `0s` for none.
    #[arg(long, env = "SIMULATOR_EVENT_INTERVAL", default_value = "30s", value_parser = duration)]
    event_interval: Duration,
    /// Types of events, in turn.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "warning,info,diagnostic,error",
        value_name = "TYPES"
    )]
    event_types: Vec<EventType>,
    /// Publish this many events at once and end when the broker has confirmed them.
    #[arg(long, value_name = "NUMBER")]
    events: Option<usize>,
    /// Topic prefix of telemetry, as in the manifest.
    #[arg(long, env = "TELEMETRY_TOPIC", default_value = topic::TELEMETRY, value_parser = topics::prefix)]
    telemetry_topic: String,
    /// Topic prefix of events, as in the manifest.
    #[arg(long, env = "EVENT_TOPIC", default_value = topic::EVENT, value_parser = topics::prefix)]
    event_topic: String,
    /// Model number, told in events; that of the sample product where it is missing.
    #[arg(long)]
    model: Option<String>,
    #[command(flatten)]
    answers: Answers,
    /// End with an error when the broker lets no message through for so long; never where it is missing.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    give_up_after: Option<Duration>,
    #[command(flatten)]
    aws: Account,
}

/// Runs the subcommand.
pub(crate) async fn run(args: Args, sample: Sample) -> Result<()> {
    let mut stop = Stop::new()?;
    let place = args.broker.place(args.aws.clone()).await?;
    let mut simulation = Simulation::new(args, sample, &place)?;
    simulation.run(&mut stop).await?;
    simulation.summary();
    Ok(())
}

#[derive(Debug)]
struct Simulation {
    serial: Serial,
    broker: Broker,
    backoff: Backoff,
    firmware: Firmware,
    outbox: Outbox,
    rng: Rng,
    interval: Duration,
    events: Events,
    give_up_after: Option<Duration>,
    /// When all was well last: the start, the last confirmed message, the end
    /// of a good connection.
    progress: Instant,
    confirmed: Confirmed,
}

/// When something happens, and what.
#[derive(Debug)]
struct Events {
    types: Vec<EventType>,
    happened: usize,
    /// So many at once, and no more.
    burst: Option<usize>,
    /// Zero for never.
    interval: Duration,
    next: Instant,
}

/// What the broker has confirmed.
#[derive(Debug, Default)]
struct Confirmed {
    telemetry: usize,
    events: usize,
    responses: usize,
}

/// Why a session has ended.
#[derive(Debug)]
enum End {
    Done,
    Lost(String),
}

impl Simulation {
    fn new(args: Args, sample: Sample, place: &Place) -> Result<Self> {
        let files = Files::new(&args.dir, &args.serial);
        let broker = Broker::new(&args.serial, &files, place)?;
        say(&args.serial, format_args!("connects to {place}"));
        let topics = Topics::new(&args.serial, &args.telemetry_topic, &args.event_topic);
        let number = sample.model_number();
        let model = args.model.unwrap_or_else(|| number.to_owned());
        let now = Timestamp::now();
        let firmware = Firmware::new(topics, model, sample.product(now), now);
        Ok(Self {
            firmware: firmware.answering(args.answers),
            serial: args.serial,
            broker,
            backoff: Backoff::new(BASE, CAP),
            outbox: Outbox::default(),
            rng: Rng::new(),
            interval: args.interval,
            events: Events {
                types: args.event_types,
                happened: 0,
                burst: args.events,
                interval: args.event_interval,
                next: Instant::now(),
            },
            give_up_after: args.give_up_after,
            progress: Instant::now(),
            confirmed: Confirmed::default(),
        })
    }

    async fn run(&mut self, stop: &mut Stop) -> Result<()> {
        loop {
            let Some(connection) = self.connect(stop).await? else {
                return Ok(());
            };
            let since = Instant::now();
            let End::Lost(reason) = self.session(connection, stop).await else {
                return Ok(());
            };
            self.outbox.lost();
            if since.elapsed() >= STABLE {
                self.backoff.reset();
                self.progress = Instant::now();
            }
            let hint = match self.progress < since {
                true => " (perhaps the policy does not allow what it sends)",
                false => "",
            };
            if self
                .pause(&format!("connection lost: {reason}{hint}"), stop)
                .await?
            {
                return Ok(());
            }
        }
    }

    /// Tries until the broker accepts; `None` when asked to stop. A new device
    /// is dropped at first, until just-in-time registration has let it in.
    async fn connect(&mut self, stop: &mut Stop) -> Result<Option<Connection>> {
        let began = Instant::now();
        let mut attempt = 1;
        loop {
            let tried = tokio::select! {
                tried = self.broker.connect() => tried,
                () = stop.requested() => return Ok(None),
            };
            match tried {
                Ok(connection) => {
                    let took = began.elapsed();
                    self.say(format_args!(
                        "connected after {took:.1?}, attempt {attempt}"
                    ));
                    return Ok(Some(connection));
                }
                Err(refusal @ Refusal::Untrusted(_)) => bail!("{refusal}"),
                Err(refusal) => {
                    if self
                        .pause(&format!("attempt {attempt}: {refusal}"), stop)
                        .await?
                    {
                        return Ok(None);
                    }
                }
            }
            attempt += 1;
        }
    }

    /// Waits before the next attempt; whether it was asked to stop meanwhile.
    async fn pause(&mut self, what: &str, stop: &mut Stop) -> Result<bool> {
        let wait = self.backoff.next(&mut self.rng);
        let idle = self.progress.elapsed();
        if self.give_up_after.is_some_and(|limit| idle + wait > limit) {
            bail!("gave up after {idle:.1?}: {what}");
        }
        self.say(format_args!("{what}; trying again in {wait:.1?}"));
        Ok(stop.within(wait).await)
    }

    /// Lives on one connection until it breaks or there is nothing left to do.
    async fn session(&mut self, mut connection: Connection, stop: &mut Stop) -> End {
        if connection.resumed() {
            self.listening();
        } else {
            connection.subscribe(self.firmware.topics().subscriptions());
        }
        let mut measure = interval(self.interval);
        measure.set_missed_tick_behavior(MissedTickBehavior::Skip);
        self.burst();
        while !self.is_done() {
            connection.publish_from(&mut self.outbox);
            tokio::select! {
                signal = connection.next() => if let Some(reason) = self.take(signal) {
                    return End::Lost(reason);
                },
                _ = measure.tick() => {
                    let reaction = self.firmware.measure(Timestamp::now(), &mut self.rng);
                    self.react(reaction);
                }
                () = until(self.firmware.next_answer()) => {
                    let reaction = self.firmware.answer(Timestamp::now());
                    self.react(reaction);
                }
                () = sleep_until(self.events.next), if self.events.come_by_themselves() => {
                    self.happen();
                    let wait = self.events.interval.mul_f64(0.5 + self.rng.f64());
                    self.events.next = Instant::now() + wait;
                }
                () = stop.requested() => break,
            }
        }
        // Whatever is left after this is in the summary.
        let _ = timeout(DRAIN, self.drain(&mut connection)).await;
        connection.close().await;
        End::Done
    }

    async fn drain(&mut self, connection: &mut Connection) {
        while self.outbox.len() > 0 {
            connection.publish_from(&mut self.outbox);
            let signal = connection.next().await;
            if self.take(signal).is_some() {
                break;
            }
        }
    }

    /// Takes what the connection tells; the reason when it is lost.
    fn take(&mut self, signal: Signal) -> Option<String> {
        match signal {
            Signal::Message(message) => {
                let (topic, payload) = (&message.topic, &message.payload);
                let now = Timestamp::now();
                let reaction = self.firmware.receive(topic, payload, now, &mut self.rng);
                self.react(reaction);
            }
            Signal::Sent(id) => self.outbox.sent(id),
            Signal::Confirmed(id) => {
                self.progress = Instant::now();
                match self.outbox.confirmed(id).map(|it| it.kind) {
                    Some(Kind::Telemetry) => self.confirmed.telemetry += 1,
                    Some(Kind::Event) => self.confirmed.events += 1,
                    Some(Kind::Response) => self.confirmed.responses += 1,
                    Some(Kind::Shadow | Kind::Bad) | None => {}
                }
            }
            Signal::Subscribed(complete) => {
                if !complete {
                    self.say("subscription refused: the policy does not allow all of its topics");
                }
                self.listening();
            }
            Signal::Lost(reason) => return Some(reason),
        }
        None
    }

    /// The device listens: the answer to its question cannot be missed.
    fn listening(&mut self) {
        let question = self.firmware.connected();
        self.outbox.push(question);
    }

    fn react(&mut self, reaction: Reaction) {
        for note in reaction.notes {
            self.say(note);
        }
        for publication in reaction.publications {
            self.outbox.push(publication);
        }
    }

    fn burst(&mut self) {
        while self
            .events
            .burst
            .is_some_and(|number| self.events.happened < number)
        {
            self.happen();
        }
    }

    fn happen(&mut self) {
        let kind = self.events.types[self.events.happened % self.events.types.len()];
        self.events.happened += 1;
        let reaction = self.firmware.happen(kind, Timestamp::now(), &mut self.rng);
        self.react(reaction);
    }

    fn is_done(&self) -> bool {
        self.events.burst.is_some() && self.outbox.owed() == 0
    }

    fn summary(&self) {
        let Confirmed {
            telemetry,
            events,
            responses,
        } = self.confirmed;
        let owed = self.outbox.owed();
        self.say(format_args!(
            "stopped: the broker confirmed {telemetry} telemetry messages, {events} events and \
             {responses} command answers; {owed} events and answers are not confirmed"
        ));
    }

    fn say(&self, what: impl std::fmt::Display) {
        say(&self.serial, what);
    }
}

/// Waits until `time` by the clock; for ever where there is none.
pub(crate) async fn until(time: Option<Timestamp>) {
    match time {
        Some(time) => {
            let wait = Timestamp::now().duration_until(time);
            sleep(Duration::try_from(wait).unwrap_or_default()).await;
        }
        None => std::future::pending().await,
    }
}

impl Events {
    fn come_by_themselves(&self) -> bool {
        self.burst.is_none() && !self.interval.is_zero()
    }
}

fn interval_time(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("telemetry needs a time between two messages, such as `5s`".into()),
        time => Ok(time),
    }
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    text.parse::<SignedDuration>()
        .ok()
        .and_then(|it| Duration::try_from(it).ok())
        .filter(|it| *it <= Duration::from_secs(24 * 60 * 60))
        .ok_or_else(|| "a time is `500ms`, `5s` or `2m`, and not over a day".to_owned())
}

#[cfg(test)]
mod tests;
