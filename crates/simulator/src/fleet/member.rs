//! One device of a fleet, from its first attempt to the end of the run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::tally::Tally;
use super::traffic::{Bad, Mix, Next, Spells, foreign};
use crate::backoff::Backoff;
use crate::broker::{Broker, Connection, Refusal, Signal};
use crate::firmware::{Firmware, Reaction};
use crate::message::Publication;
use crate::outbox::Outbox;
use crate::simulation::{STABLE, until};

/// Unconfirmed messages beyond which a device makes no more.
const BACKLOG: usize = 100;

/// What all members have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Time between two messages of one device; `None` for no traffic.
    pub(crate) pace: Option<Duration>,
    pub(crate) mix: Mix,
    /// Events that each device makes as soon as it is let in.
    pub(crate) burst: usize,
    pub(crate) spells: Option<Spells>,
    pub(crate) backoff: Backoff,
    /// Attempts that may be under way at once; `None` for all.
    pub(crate) gate: Option<Semaphore>,
    tally: Mutex<Tally>,
}

impl Shared {
    pub(crate) fn new(tally: Tally, backoff: Backoff, mix: Mix) -> Self {
        Self {
            pace: None,
            mix,
            burst: 0,
            spells: None,
            backoff,
            gate: None,
            tally: Mutex::new(tally),
        }
    }

    /// The counters. A member that panicked leaves them as good as they were.
    pub(crate) fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the fleet is told to do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Orders {
    /// Number of times that all had to drop their connection.
    pub(crate) storms: u32,
    /// When to be gone; until then a device delivers what it owes.
    pub(crate) stop: Option<Instant>,
}

/// One device.
#[derive(Debug)]
pub(crate) struct Member {
    broker: Broker,
    firmware: Firmware,
    shared: Arc<Shared>,
    orders: watch::Receiver<Orders>,
    outbox: Outbox,
    /// When the packets were sent that are not confirmed yet.
    sent: BTreeMap<u16, Instant>,
    backoff: Backoff,
    rng: Rng,
    /// When the next message is due.
    next: Instant,
    /// When the device goes offline for its next spell.
    leaves: Option<Instant>,
    entry: Entry,
    /// Whether a message in another device's name is under way.
    provoked: bool,
}

/// How the device gets in for the first time.
#[derive(Debug, Default)]
struct Entry {
    /// Its first attempt.
    began: Option<Instant>,
    /// Whether it was dropped before.
    refused: bool,
    /// Whether it has got in.
    done: bool,
}

/// Why a session has ended.
#[derive(Debug)]
enum End {
    /// The fleet is told to stop.
    Stopped,
    Lost(String),
    /// The device goes offline for so long.
    Away(Duration),
    /// Everybody drops the connection and comes back.
    Storm,
}

impl Member {
    pub(crate) fn new(
        broker: Broker,
        firmware: Firmware,
        shared: Arc<Shared>,
        orders: watch::Receiver<Orders>,
        rng: Rng,
    ) -> Self {
        Self {
            backoff: shared.backoff.clone(),
            broker,
            firmware,
            shared,
            orders,
            outbox: Outbox::default(),
            sent: BTreeMap::new(),
            rng,
            next: Instant::now(),
            leaves: None,
            entry: Entry::default(),
            provoked: false,
        }
    }

    /// Lives until the fleet is told to stop.
    pub(crate) async fn live(mut self) {
        while let Some(connection) = self.connect().await {
            let since = Instant::now();
            self.known();
            let end = self.session(connection).await;
            self.outbox.lost();
            self.sent.clear();
            if since.elapsed() >= STABLE {
                self.backoff.reset();
            }
            match end {
                End::Stopped => break,
                End::Storm => self.shared.tally().storms += 1,
                End::Away(time) => {
                    self.shared.tally().spells += 1;
                    self.wait(time, false).await;
                }
                End::Lost(reason) => {
                    self.lost(&reason);
                    self.wait_for_the_next_attempt().await;
                }
            }
        }
        self.shared.tally().owed += self.outbox.owed() as u64;
    }

    /// Tries until the broker accepts; `None` when it is time to go.
    async fn connect(&mut self) -> Option<Connection> {
        loop {
            let owes = self.outbox.owed() > 0;
            let tried = tokio::select! {
                // Who is to go makes no attempt.
                biased;
                () = over(&mut self.orders, owes) => return None,
                tried = attempt(&self.broker, &self.shared, &mut self.entry) => tried,
            };
            match tried {
                Ok(connection) => {
                    self.shared.tally().accepted += 1;
                    return Some(connection);
                }
                Err(Refusal::Dropped) if !self.entry.done => {
                    self.entry.refused = true;
                    self.shared.tally().not_yet += 1;
                }
                Err(refusal) => self.shared.tally().error(refusal.to_string()),
            }
            self.wait_for_the_next_attempt().await;
        }
    }

    async fn wait_for_the_next_attempt(&mut self) {
        let time = self.backoff.next(&mut self.rng);
        let owes = self.outbox.owed() > 0;
        self.wait(time, owes).await;
    }

    /// Waits for `time`, or until it is time to go.
    async fn wait(&mut self, time: Duration, owes: bool) {
        tokio::select! {
            () = sleep(time) => {}
            () = over(&mut self.orders, owes) => {}
        }
    }

    /// Lives on one connection.
    async fn session(&mut self, mut connection: Connection) -> End {
        if connection.resumed() {
            self.listening();
        } else {
            connection.subscribe(self.firmware.topics().subscriptions());
        }
        let storms = self.orders.borrow_and_update().storms;
        // Whoever was away does not send at once what it has missed, and all
        // do not send at the same time.
        if let Some(pace) = self.shared.pace {
            self.next = self.next.max(Instant::now() + pace.mul_f64(self.rng.f64()));
        }
        loop {
            let orders = *self.orders.borrow_and_update();
            if let Some(deadline) = orders.stop {
                let _ = timeout_at(deadline, self.drain(&mut connection)).await;
                connection.close().await;
                return End::Stopped;
            }
            if orders.storms != storms {
                return End::Storm;
            }
            connection.publish_from(&mut self.outbox);
            tokio::select! {
                signal = connection.next() => if let Some(reason) = self.take(signal) {
                    return End::Lost(reason);
                },
                () = sleep_until(self.next), if self.shared.pace.is_some() => self.talk(),
                () = until(self.firmware.next_answer()) => {
                    let reaction = self.firmware.answer(Timestamp::now());
                    self.react(reaction);
                }
                () = moment(self.leaves) => return End::Away(self.away()),
                // An error means that the fleet is gone, and this with it.
                _ = self.orders.changed() => {}
            }
        }
    }

    /// Delivers what is not confirmed yet.
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
                let command = *topic == self.firmware.topics().command;
                let now = Timestamp::now();
                let reaction = self.firmware.receive(topic, payload, now, &mut self.rng);
                self.shared.tally().commands += u64::from(command);
                self.react(reaction);
            }
            Signal::Sent(id) => {
                self.outbox.sent(id);
                self.sent.insert(id, Instant::now());
            }
            Signal::Confirmed(id) => self.confirmed(id),
            Signal::Subscribed(complete) => {
                if !complete {
                    let kind = "subscription refused: the policy does not allow all of its topics";
                    self.shared.tally().error(kind.to_owned());
                }
                self.listening();
            }
            Signal::Lost(reason) => return Some(reason),
        }
        None
    }

    fn confirmed(&mut self, id: u16) {
        let after = self.sent.remove(&id).map(|it| it.elapsed());
        let Some(publication) = self.outbox.confirmed(id) else {
            return;
        };
        let mut tally = self.shared.tally();
        tally.confirmed(publication.kind, after);
        if publication.topic == foreign(self.firmware.topics()) {
            tally.foreign_taken += 1;
            self.provoked = false;
        }
    }

    fn lost(&mut self, reason: &str) {
        let mut tally = self.shared.tally();
        if std::mem::take(&mut self.provoked) {
            tally.thrown_out += 1;
        } else {
            tally.lost += 1;
            tally.error(format!("connection lost: {reason}"));
        }
    }

    /// Counts the first time that the device was let in.
    fn known(&mut self) {
        if std::mem::replace(&mut self.entry.done, true) {
            return;
        }
        let after = self.entry.began.map(|it| it.elapsed()).unwrap_or_default();
        self.shared.tally().let_in(after, self.entry.refused);
        // Somewhere in the middle of its time, so that the share holds at once.
        let spells = self.shared.spells;
        let rest = spells.map(|it| it.present(&mut self.rng).mul_f64(self.rng.f64()));
        self.leaves = rest.and_then(|it| Instant::now().checked_add(it));
        self.burst();
    }

    /// The device listens: the answer to its question cannot be missed.
    fn listening(&mut self) {
        let question = self.firmware.connected();
        self.push(question);
    }

    fn burst(&mut self) {
        for number in 0..self.shared.burst {
            let types = &self.shared.mix.event_types;
            let kind = types[number % types.len()];
            let reaction = self.firmware.happen(kind, Timestamp::now(), &mut self.rng);
            self.react(reaction);
        }
    }

    /// Makes the message that is due.
    fn talk(&mut self) {
        self.next += self.shared.pace.unwrap_or_default();
        if self.outbox.len() >= BACKLOG {
            self.shared.tally().skipped += 1;
            return;
        }
        let now = Timestamp::now();
        let reaction = match self.shared.mix.draw(&mut self.rng) {
            Next::Telemetry => self.firmware.measure(now, &mut self.rng),
            Next::Event(kind) => self.firmware.happen(kind, now, &mut self.rng),
            Next::Bad(bad) => {
                self.provoked |= bad == Bad::ForeignTopic;
                let publication = bad.publication(self.firmware.topics());
                return self.push(publication);
            }
        };
        self.react(reaction);
    }

    fn react(&mut self, reaction: Reaction) {
        for publication in reaction.publications {
            self.push(publication);
        }
    }

    fn push(&mut self, publication: Publication) {
        self.shared.tally().made.count(publication.kind);
        self.outbox.push(publication);
    }

    /// How long the device goes offline now; notes when it does so again.
    fn away(&mut self) -> Duration {
        let Some(spells) = self.shared.spells else {
            return Duration::ZERO;
        };
        let time = spells.away(&mut self.rng);
        let present = spells.present(&mut self.rng);
        self.leaves = Instant::now().checked_add(time.saturating_add(present));
        time
    }
}

/// One attempt to connect, as soon as it may be made.
async fn attempt(
    broker: &Broker,
    shared: &Shared,
    entry: &mut Entry,
) -> Result<Connection, Refusal> {
    let _permit = match &shared.gate {
        Some(gate) => gate.acquire().await.ok(),
        None => None,
    };
    shared.tally().attempts += 1;
    entry.began.get_or_insert_with(Instant::now);
    broker.connect().await
}

/// Waits until it is time to go: when the fleet is told to stop, and where the
/// device owes something, at the end of the time for that.
async fn over(orders: &mut watch::Receiver<Orders>, owes: bool) {
    let told = orders.wait_for(|it| it.stop.is_some()).await;
    let stop = told.ok().and_then(|it| it.stop);
    if let Some(deadline) = stop.filter(|_| owes) {
        sleep_until(deadline).await;
    }
}

/// Waits for `time`, or for ever.
async fn moment(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
