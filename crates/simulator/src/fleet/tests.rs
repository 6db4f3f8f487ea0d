//! Fleets against a broker that does what IoT Core may do to them.

use clap::Parser;
use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::ca;
use crate::fake_broker::{Behaviour, FakeBroker};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: Args,
}

/// A CA, and a broker that trusts its devices.
struct Bench {
    dir: TempDir,
    broker: FakeBroker,
}

impl Bench {
    async fn new(behave: fn(&str, usize) -> Behaviour) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ca = dir.path().join("ca");
        ca::create_in(&ca);
        let broker = FakeBroker::crowd(dir.path(), &ca, behave).await;
        Self { dir, broker }
    }

    /// Runs `devices` to the end, with back-offs that take no time.
    async fn run(&self, devices: &str, more: &[&str]) -> Report {
        let path = |name: &str| self.dir.path().join(name).display().to_string();
        let root_ca = self.broker.root_ca.display().to_string();
        let port = self.broker.port.to_string();
        let (dir, ca_dir) = (path("devices"), path("ca"));
        let mut line = vec!["fleet", "--devices", devices, "--endpoint", "localhost"];
        line.extend(["--dir", &dir, "--ca-dir", &ca_dir, "--prefix", "F-"]);
        line.extend(["--port", &port, "--root-ca", &root_ca]);
        line.extend(more);
        let args = Cli::try_parse_from(line).unwrap().args;
        let backoff = Backoff::new(Duration::from_millis(2), Duration::from_millis(10));
        let prepared = prepare(&args).await.unwrap();
        fly(&args, prepared, backoff, &mut Stop::new().unwrap())
            .await
            .unwrap()
    }

    /// Number of messages on the event topic of the device.
    fn events(&self, number: usize) -> usize {
        let topic = format!("smartproduct/event/F-{number:04}");
        self.broker.received(&topic).len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_device_is_let_in_after_its_first_attempts_and_delivers_its_events() {
    let twice_refused = |_: &str, before| match before {
        0 | 1 => Behaviour::Drop,
        _ => Behaviour::Accept,
    };
    let bench = Bench::new(twice_refused).await;
    let more = ["--rate", "0", "--events", "3", "--duration", "0"];
    let report = bench.run("20", &more).await;
    assert_eq!(report.failure(), None);
    assert_eq!(
        (report.connects.accepted, report.connects.not_yet),
        (20, 40)
    );
    assert_eq!(report.let_in.just_in_time, 20);
    assert_eq!((report.confirmed.events, report.owed), (60, 0));
    assert_eq!(report.errors.len(), 0, "{:?}", report.errors);
    assert!((1..=20).all(|number| bench.events(number) == 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_never_gets_in_fails_the_run() {
    let refused = |id: &str, _| match id {
        "F-0002" => Behaviour::Drop,
        _ => Behaviour::Accept,
    };
    let bench = Bench::new(refused).await;
    let more = ["--give-up-after", "300ms", "--duration", "0"];
    let report = bench.run("3", &more).await;
    let failure = report.failure();
    assert_eq!(failure.as_deref(), Some("1 of 3 devices were never let in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rate_is_kept_by_the_fleet_together() {
    let bench = Bench::new(|_, _| Behaviour::Accept).await;
    let more = ["--rate", "100", "--event-share", "0.5", "--duration", "2"];
    let report = bench.run("10", &more).await;
    let messages = report.made.telemetry + report.made.events;
    assert!((150..=260).contains(&messages), "{messages}");
    assert!(report.confirmed.events >= 40, "{:?}", report.confirmed);
    assert_eq!(report.confirmed.events, report.made.events);
    assert!(report.latency.p99_ms.is_some());
    assert!(report.to_string().contains("let in after"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_sent_again_after_a_lost_connection() {
    let breaks = |_: &str, before| match before {
        0 => Behaviour::BreakAfter(2),
        _ => Behaviour::Accept,
    };
    let bench = Bench::new(breaks).await;
    let more = ["--rate", "0", "--events", "5", "--duration", "1"];
    let report = bench.run("5", &more).await;
    assert_eq!((report.confirmed.events, report.owed), (25, 0));
    assert_eq!(report.disconnects.lost, 5);
    assert_eq!(
        report.errors["connection lost: closed by the broker or the network"],
        5
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn storms_and_spells_drop_connections_and_all_come_back() {
    let bench = Bench::new(|_, _| Behaviour::Accept).await;
    let more = ["--storm", "300ms", "--duration", "1"];
    let report = bench.run("5", &more).await;
    assert_eq!(
        (report.disconnects.storms, report.disconnects.lost),
        (15, 0)
    );
    assert_eq!(report.connects.accepted, 20);

    let spells = ["--offline-share", "0.5", "--offline-for", "50ms"];
    let report = bench
        .run("5", &[&spells[..], &["--duration", "1"]].concat())
        .await;
    assert!(report.disconnects.spells >= 20, "{:?}", report.disconnects);
    assert_eq!(report.never_in, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_messages_are_counted_and_who_sends_a_foreign_one_is_thrown_out() {
    let bench = Bench::new(|_, _| Behaviour::Policy).await;
    let more = ["--rate", "100", "--bad-share", "0.5", "--duration", "1"];
    let report = bench.run("5", &more).await;
    assert_eq!(report.failure(), None);
    assert!(
        report.disconnects.thrown_out >= 3,
        "{:?}",
        report.disconnects
    );
    assert!(report.made.bad > report.confirmed.bad, "{:?}", report.made);
    let events = bench.broker.received("smartproduct/event/F-0001");
    let read = |payload: &Vec<u8>| serde_json::from_slice::<Value>(payload).ok();
    assert!(
        events
            .iter()
            .any(|it| read(it).is_none_or(|it| it["type"].is_null()))
    );

    let open = Bench::new(|_, _| Behaviour::Accept).await;
    let foreign = ["--bad-kinds", "foreign-topic"];
    let report = open.run("5", &[&more[..], &foreign].concat()).await;
    assert!(report.failure().unwrap().contains("another device's name"));
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_answered() {
    const COMMAND: &str = r#"{"commandId":"c1","command":"set-mode","value":"AC"}"#;
    let bench = Bench::new(|_, _| Behaviour::Command(COMMAND)).await;
    let report = bench.run("3", &["--rate", "0", "--duration", "1"]).await;
    assert_eq!((report.commands.received, report.commands.answered), (3, 3));
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let parse = |more: &[&str]| {
        let line = ["fleet", "--devices", "10", "--dir", "d", "--ca-dir", "ca"];
        Cli::try_parse_from(line.iter().chain(more)).map(|it| it.args)
    };
    let args = parse(&["--duration", "90", "--first", "11"]).unwrap();
    assert_eq!(args.duration, Duration::from_secs(90));
    let serials = serials(&args).unwrap();
    assert_eq!(serials[0].as_str(), "FLEET-0011");
    assert_eq!(serials.last().unwrap().as_str(), "FLEET-0020");
    for bad in [
        &["--devices", "0"][..],
        &["--devices", "2001"],
        &["--rate", "-1"],
        &["--rate", "NaN"],
        &["--event-share", "1.1"],
        &["--offline-share", "1"],
        &["--offline-for", "0s"],
        &["--storm", "0"],
        &["--duration", "-1"],
        &["--prefix", "a/b"],
        &["--bad-kinds", "rude"],
        &["--add-products"],
        &["--register"],
    ] {
        assert!(parse(bad).is_err(), "{bad:?}");
    }
}
