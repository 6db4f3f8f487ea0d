//! What is counted while a fleet runs.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::message::Kind;

/// Kinds of errors that are told apart; the rest is counted together.
const ERRORS: usize = 20;

/// Longer times count as this, µs.
const LONGEST: u64 = 3_600_000_000;
/// Digits of a time that are kept.
const DIGITS: u8 = 3;

/// Counters of the whole fleet.
#[derive(Debug)]
pub(crate) struct Tally {
    /// Attempts to connect.
    pub(crate) attempts: u64,
    /// Those that were accepted.
    pub(crate) accepted: u64,
    /// Those that were dropped by the broker before the device was ever let in,
    /// as it is with a certificate that is not active yet.
    pub(crate) not_yet: u64,
    /// Time from a device's first attempt until it was let in, µs.
    pub(crate) let_in: Histogram<u64>,
    /// Devices that were dropped at first and let in then: registered just in time.
    pub(crate) let_in_later: u64,
    /// Time from sending a message to the broker's confirmation, µs.
    pub(crate) latency: Histogram<u64>,
    pub(crate) made: Messages,
    pub(crate) confirmed: Messages,
    /// Messages that were not made because the broker was behind.
    pub(crate) skipped: u64,
    /// Commands that came, repeated ones included.
    pub(crate) commands: u64,
    /// Connections that were lost without a reason of ours.
    pub(crate) lost: u64,
    /// Connections that the broker ended after a message in another device's name.
    pub(crate) thrown_out: u64,
    /// Messages in another device's name that the broker has taken. It must not.
    pub(crate) foreign_taken: u64,
    /// Connections dropped on purpose for a spell.
    pub(crate) spells: u64,
    /// Connections dropped on purpose by all at once.
    pub(crate) storms: u64,
    /// Events and answers that were never confirmed.
    pub(crate) owed: u64,
    pub(crate) errors: BTreeMap<String, u64>,
}

/// Messages by kind.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Serialize)]
pub(crate) struct Messages {
    pub(crate) telemetry: u64,
    pub(crate) events: u64,
    pub(crate) responses: u64,
    pub(crate) shadow: u64,
    pub(crate) bad: u64,
}

impl Messages {
    pub(crate) fn count(&mut self, kind: Kind) {
        match kind {
            Kind::Telemetry => self.telemetry += 1,
            Kind::Event => self.events += 1,
            Kind::Response => self.responses += 1,
            Kind::Shadow => self.shadow += 1,
            Kind::Bad => self.bad += 1,
        }
    }

    pub(crate) fn all(self) -> u64 {
        let Self {
            telemetry,
            events,
            responses,
            shadow,
            bad,
        } = self;
        telemetry + events + responses + shadow + bad
    }
}

impl Tally {
    /// # Errors
    ///
    /// Never: the histograms' bounds are constants that they take.
    pub(crate) fn new() -> Result<Self, hdrhistogram::CreationError> {
        Ok(Self {
            attempts: 0,
            accepted: 0,
            not_yet: 0,
            let_in: Histogram::new_with_max(LONGEST, DIGITS)?,
            let_in_later: 0,
            latency: Histogram::new_with_max(LONGEST, DIGITS)?,
            made: Messages::default(),
            confirmed: Messages::default(),
            skipped: 0,
            commands: 0,
            lost: 0,
            thrown_out: 0,
            foreign_taken: 0,
            spells: 0,
            storms: 0,
            owed: 0,
            errors: BTreeMap::new(),
        })
    }

    /// Number of devices that have been let in.
    pub(crate) fn devices_in(&self) -> usize {
        usize::try_from(self.let_in.len()).unwrap_or(usize::MAX)
    }

    pub(crate) fn let_in(&mut self, after: Duration, refused_before: bool) {
        self.let_in.saturating_record(micros(after));
        self.let_in_later += u64::from(refused_before);
    }

    pub(crate) fn confirmed(&mut self, kind: Kind, after: Option<Duration>) {
        self.confirmed.count(kind);
        if let Some(after) = after {
            self.latency.saturating_record(micros(after));
        }
    }

    pub(crate) fn error(&mut self, kind: String) {
        let known = self.errors.contains_key(&kind) || self.errors.len() < ERRORS;
        let kind = if known { kind } else { "others".to_owned() };
        *self.errors.entry(kind).or_default() += 1;
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_errors_are_told_apart() {
        let mut tally = Tally::new().unwrap();
        for number in 0..ERRORS + 5 {
            tally.error(number.to_string());
            tally.error("0".to_owned());
        }
        assert_eq!(tally.errors.len(), ERRORS + 1);
        assert_eq!(tally.errors["others"], 5);
        assert_eq!(tally.errors["0"], 26);
    }
}
