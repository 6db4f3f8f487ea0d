//! What a run of a fleet has come to, for people and for programs.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use super::owner::Registrations;
use super::tally::{Messages, Tally};

/// The figures of one run. Times are in milliseconds, and `null` where nothing
/// was measured.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    pub(crate) devices: usize,
    /// Devices that were never let in.
    pub(crate) never_in: usize,
    /// From the first attempt to the end.
    pub(crate) seconds: f64,
    pub(crate) connects: Connects,
    pub(crate) let_in: LetIn,
    /// What the API says of the devices; absent where it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) registrations: Option<Registrations>,
    /// Messages that were made.
    pub(crate) made: Messages,
    /// Messages that the broker has confirmed.
    pub(crate) confirmed: Messages,
    /// From sending to the broker's confirmation.
    pub(crate) latency: Latency,
    /// Messages that were not made because the broker was behind.
    pub(crate) skipped: u64,
    /// Events and answers that were never confirmed.
    pub(crate) owed: u64,
    pub(crate) commands: Commands,
    pub(crate) disconnects: Disconnects,
    /// Messages in another device's name that the broker has taken: a fault of the policy.
    pub(crate) foreign_taken: u64,
    pub(crate) errors: BTreeMap<String, u64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connects {
    pub(crate) attempts: u64,
    pub(crate) accepted: u64,
    /// Dropped before the device was ever let in.
    pub(crate) not_yet: u64,
}

/// Time from a device's first attempt until it was let in.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LetIn {
    /// Devices that were dropped at first: registered just in time.
    pub(crate) just_in_time: u64,
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p95_ms: Option<f64>,
    pub(crate) max_ms: Option<f64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Latency {
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p95_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
    pub(crate) max_ms: Option<f64>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Commands {
    pub(crate) received: u64,
    /// Answers that the broker has confirmed.
    pub(crate) answered: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Disconnects {
    pub(crate) lost: u64,
    pub(crate) thrown_out: u64,
    pub(crate) spells: u64,
    pub(crate) storms: u64,
}

impl Report {
    pub(crate) fn new(
        devices: usize,
        time: Duration,
        tally: &Tally,
        registrations: Option<Registrations>,
    ) -> Self {
        Self {
            devices,
            never_in: devices.saturating_sub(tally.devices_in()),
            seconds: (time.as_secs_f64() * 10.0).round() / 10.0,
            connects: Connects {
                attempts: tally.attempts,
                accepted: tally.accepted,
                not_yet: tally.not_yet,
            },
            let_in: LetIn {
                just_in_time: tally.let_in_later,
                p50_ms: quantile(&tally.let_in, 0.5),
                p95_ms: quantile(&tally.let_in, 0.95),
                max_ms: quantile(&tally.let_in, 1.0),
            },
            registrations,
            made: tally.made,
            confirmed: tally.confirmed,
            latency: Latency {
                p50_ms: quantile(&tally.latency, 0.5),
                p95_ms: quantile(&tally.latency, 0.95),
                p99_ms: quantile(&tally.latency, 0.99),
                max_ms: quantile(&tally.latency, 1.0),
            },
            skipped: tally.skipped,
            owed: tally.owed,
            commands: Commands {
                received: tally.commands,
                answered: tally.confirmed.responses,
            },
            disconnects: Disconnects {
                lost: tally.lost,
                thrown_out: tally.thrown_out,
                spells: tally.spells,
                storms: tally.storms,
            },
            foreign_taken: tally.foreign_taken,
            errors: tally.errors.clone(),
        }
    }

    /// Why the run counts as failed.
    pub(crate) fn failure(&self) -> Option<String> {
        if self.never_in > 0 {
            let Self {
                never_in, devices, ..
            } = self;
            return Some(format!("{never_in} of {devices} devices were never let in"));
        }
        (self.foreign_taken > 0).then(|| {
            format!(
                "the broker took {} messages in another device's name: the policy must not allow \
                 them",
                self.foreign_taken
            )
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            connects,
            let_in,
            made,
            confirmed,
            latency,
            commands,
            disconnects,
            ..
        } = self;
        writeln!(
            f,
            "devices        {}, of which {} were never let in; {} s",
            self.devices, self.never_in, self.seconds
        )?;
        writeln!(
            f,
            "connects       {} attempts: {} accepted, {} dropped before the device was let in",
            connects.attempts, connects.accepted, connects.not_yet
        )?;
        writeln!(
            f,
            "let in after   p50 {}, p95 {}, longest {}; {} devices just in time",
            ms(let_in.p50_ms),
            ms(let_in.p95_ms),
            ms(let_in.max_ms),
            let_in.just_in_time
        )?;
        if let Some(registrations) = &self.registrations {
            writeln!(f, "registrations  {registrations}")?;
        }
        writeln!(
            f,
            "confirmed      {} of {} telemetry, {} of {} events, {} of {} bad messages, {} shadow",
            confirmed.telemetry,
            made.telemetry,
            confirmed.events,
            made.events,
            confirmed.bad,
            made.bad,
            confirmed.shadow
        )?;
        writeln!(
            f,
            "confirmation   p50 {}, p95 {}, p99 {}, longest {}",
            ms(latency.p50_ms),
            ms(latency.p95_ms),
            ms(latency.p99_ms),
            ms(latency.max_ms)
        )?;
        writeln!(
            f,
            "left over      {} events and answers not confirmed, {} messages not made because the broker was behind",
            self.owed, self.skipped
        )?;
        writeln!(
            f,
            "commands       {} came, {} answered",
            commands.received, commands.answered
        )?;
        writeln!(
            f,
            "connections    {} lost, {} ended by the broker for a foreign topic, {} dropped for a spell, {} in storms",
            disconnects.lost, disconnects.thrown_out, disconnects.spells, disconnects.storms
        )?;
        for (error, count) in &self.errors {
            writeln!(f, "error          {count} × {error}")?;
        }
        Ok(())
    }
}

fn quantile(times: &Histogram<u64>, part: f64) -> Option<f64> {
    let micros = u32::try_from(times.value_at_quantile(part)).unwrap_or(u32::MAX);
    (!times.is_empty()).then(|| f64::from(micros) / 1_000.0)
}

fn ms(time: Option<f64>) -> String {
    time.map_or_else(|| "-".to_owned(), |it| format!("{it:.1} ms"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::message::Kind;

    fn tally() -> Tally {
        let mut tally = Tally::new().unwrap();
        tally.attempts = 5;
        tally.accepted = 2;
        tally.not_yet = 3;
        for seconds in [1, 2] {
            tally.let_in(Duration::from_secs(seconds), seconds == 2);
        }
        tally.confirmed(Kind::Event, Some(Duration::from_millis(3)));
        tally.error("the broker does not answer (x)".to_owned());
        tally
    }

    fn report(devices: usize, tally: &Tally) -> Report {
        Report::new(devices, Duration::from_millis(1_550), tally, None)
    }

    #[test]
    fn the_report_for_programs_has_these_names() {
        let report = serde_json::to_value(report(3, &tally())).unwrap();
        assert_eq!(report["neverIn"], json!(1));
        assert_eq!(report["connects"]["notYet"], json!(3));
        assert_eq!(report["letIn"]["justInTime"], json!(1));
        assert_eq!(report["confirmed"]["events"], json!(1));
        assert_eq!(report["commands"], json!({ "received": 0, "answered": 0 }));
        assert_eq!(
            report["errors"],
            json!({ "the broker does not answer (x)": 1 })
        );
        let max = report["letIn"]["maxMs"].as_f64().unwrap();
        assert!((1_999.0..2_003.0).contains(&max), "{max}");
    }

    #[test]
    fn nothing_measured_is_no_time() {
        let nothing = report(1, &Tally::new().unwrap());
        assert_eq!(nothing.latency.p50_ms, None);
        assert!(nothing.to_string().contains("p50 -, p95 -, longest -"));
    }

    #[test]
    fn a_run_fails_where_a_device_never_got_in_or_a_foreign_message_was_taken() {
        assert_eq!(report(2, &tally()).failure(), None);
        let failure = report(3, &tally()).failure();
        assert_eq!(failure.as_deref(), Some("1 of 3 devices were never let in"));
        let mut tally = tally();
        tally.foreign_taken = 1;
        assert!(
            report(2, &tally)
                .failure()
                .unwrap()
                .starts_with("the broker took 1")
        );
    }
}
