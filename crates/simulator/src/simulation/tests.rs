//! The simulation against a broker that misbehaves as a real one may.

use std::collections::BTreeSet;
use std::path::Path;

use clap::Parser;
use serde_json::Value;
use tempfile::TempDir;

use super::*;
use crate::fake_broker::{Behaviour, FakeBroker};
use crate::{ca, device, pki};

/// A device with its files, and a broker.
struct Bench {
    dir: TempDir,
    broker: FakeBroker,
}

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    args: Args,
}

impl Bench {
    async fn new(behaviours: &[Behaviour]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        ca::create_in(&dir.path().join("ca"));
        device::create_in(dir.path(), &"SN-1".parse().unwrap(), &dir.path().join("ca"));
        let broker = FakeBroker::start(dir.path(), &dir.path().join("ca"), behaviours).await;
        Self { dir, broker }
    }

    fn root(&self) -> String {
        self.broker.root_ca.display().to_string()
    }

    /// Runs a thermostat with more arguments to its end.
    async fn run(&self, root_ca: &str, more: &[&str]) -> Result<Confirmed> {
        let port = self.broker.port.to_string();
        let dir = self.dir.path().display().to_string();
        let mut line = vec!["simulator", "--serial", "SN-1", "--dir", &dir];
        line.extend([
            "--endpoint",
            "localhost",
            "--port",
            &port,
            "--root-ca",
            root_ca,
        ]);
        line.extend(more);
        let args = Cli::try_parse_from(line)?.args;
        let place = args.broker.place(args.aws.clone()).await?;
        let mut simulation = Simulation::new(args, Sample::Thermostat, &place)?;
        simulation.backoff = Backoff::new(Duration::from_millis(2), Duration::from_millis(5));
        simulation.run(&mut Stop::new()?).await?;
        Ok(simulation.confirmed)
    }

    /// Ids of the events that the broker has received, each delivery of each.
    fn event_ids(&self) -> Vec<String> {
        let events = self.broker.received("smartproduct/event/SN-1");
        let id = |payload: &Vec<u8>| {
            let event: Value = serde_json::from_slice(payload).unwrap();
            event["messageId"].as_str().unwrap().to_owned()
        };
        events.iter().map(id).collect()
    }
}

#[tokio::test]
async fn waits_until_it_is_let_in_then_publishes_and_says_goodbye() {
    let mut bench = Bench::new(&[Behaviour::Drop, Behaviour::Drop, Behaviour::Accept]).await;
    let confirmed = bench
        .run(&bench.root(), &["--events", "120"])
        .await
        .unwrap();
    assert_eq!(confirmed.events, 120);
    assert_eq!(bench.event_ids().len(), 120);
    assert_eq!(
        bench.event_ids().into_iter().collect::<BTreeSet<_>>().len(),
        120
    );
    assert_eq!(bench.broker.client_ids(), ["SN-1"; 3]);
    assert_eq!(bench.broker.chain_lengths(), [2; 3]);
    bench.broker.served().await;
    assert_eq!(bench.broker.goodbyes(), 1);
}

#[tokio::test]
async fn events_that_were_not_confirmed_are_sent_again() {
    let bench = Bench::new(&[Behaviour::BreakAfter(7), Behaviour::Accept]).await;
    let confirmed = bench.run(&bench.root(), &["--events", "20"]).await.unwrap();
    assert_eq!(confirmed.events, 20);
    let deliveries = bench.event_ids();
    assert_eq!(deliveries.iter().collect::<BTreeSet<_>>().len(), 20);
    assert!(deliveries.len() > 20, "{}", deliveries.len());
}

#[tokio::test]
async fn subscribes_again_only_where_the_broker_has_forgotten_it() {
    for (second, subscriptions) in [(Behaviour::Resume, 1), (Behaviour::Accept, 2)] {
        let mut bench = Bench::new(&[Behaviour::BreakAfter(3), second]).await;
        bench.run(&bench.root(), &["--events", "5"]).await.unwrap();
        bench.broker.served().await;
        assert_eq!(bench.broker.subscriptions(), subscriptions, "{second:?}");
        assert_eq!(
            bench.broker.received("$aws/things/SN-1/shadow/get").len(),
            1
        );
    }
}

#[tokio::test]
async fn answers_a_command_and_asks_for_its_shadow() {
    let command = r#"{"commandId":"c1","command":"set-mode","value":"AC"}"#;
    let bench = Bench::new(&[Behaviour::Command(command)]).await;
    let confirmed = bench.run(&bench.root(), &["--events", "1"]).await.unwrap();
    assert_eq!(confirmed.responses, 1);
    let answers = bench.broker.received("smartproduct/commands/SN-1/response");
    assert_eq!(answers, [br#"{"commandId":"c1","status":"success"}"#]);
    assert_eq!(
        bench.broker.received("$aws/things/SN-1/shadow/get").len(),
        1
    );
}

#[tokio::test]
async fn a_broker_that_is_not_trusted_ends_it_at_once() {
    let bench = Bench::new(&[Behaviour::Accept]).await;
    let other = bench.dir.path().join("ca/sampleCACertificate.pem");
    let error = bench
        .run(&other.display().to_string(), &["--events", "1"])
        .await
        .unwrap_err();
    assert!(
        error.to_string().starts_with("the broker is not trusted"),
        "{error}"
    );
    assert!(bench.broker.client_ids().is_empty());
}

#[tokio::test]
async fn gives_up_after_a_time_with_the_last_reason() {
    let not_let_in = "dropped by the broker: the certificate is not active (yet)";
    let thrown_out = "(perhaps the policy does not allow what it sends)";
    for (behaviour, reason) in [
        (Behaviour::Drop, not_let_in),
        (Behaviour::BreakAfter(1), thrown_out),
    ] {
        let bench = Bench::new(&[behaviour; 200]).await;
        let more = ["--events", "1", "--give-up-after", "50ms"];
        let error = bench
            .run(&bench.root(), &more)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("gave up after "), "{error}");
        assert!(error.ends_with(reason), "{error}");
    }
}

#[tokio::test]
async fn a_device_without_files_says_how_to_make_them() {
    let bench = Bench::new(&[]).await;
    std::fs::remove_file(bench.dir.path().join("SN-1.chain.crt")).unwrap();
    let error = bench.run(&bench.root(), &[]).await.map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("`simulator device`"), "{error}");
}

#[tokio::test]
async fn a_key_of_another_certificate_is_refused_before_connecting() {
    let bench = Bench::new(&[]).await;
    pki::key(&bench.dir.path().join("SN-1.key"), true).unwrap();
    let error = bench.run(&bench.root(), &[]).await.map(|_| ()).unwrap_err();
    assert!(
        error.to_string().contains("SN-1.key` is not the key of `"),
        "{error}"
    );
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let parse = |more: &[&str]| {
        let line = ["simulator", "--serial", "SN-1", "--dir", "d"]
            .iter()
            .chain(more);
        Cli::try_parse_from(line).map(|it| it.args)
    };
    let args = parse(&["--interval", "250ms", "--event-types", "error,info"]).unwrap();
    assert_eq!(args.interval, Duration::from_millis(250));
    assert_eq!(args.event_types, [EventType::Error, EventType::Info]);
    assert_eq!(args.dir, Path::new("d"));
    for bad in [
        ["--interval", "0s"],
        ["--interval", "-5s"],
        ["--interval", "5"],
        ["--interval", "soon"],
        ["--event-types", "fatal"],
        ["--event-topic", "/a"],
        ["--events", "-1"],
        ["--port", "70000"],
    ] {
        assert!(parse(&bad).is_err(), "{bad:?}");
    }
}
