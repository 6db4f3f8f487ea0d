//! A fleet: many devices in one process, each with its own certificate and its
//! own connection, and a report of how it went.

mod identities;
mod member;
mod owner;
mod products;
mod report;
mod screen;
mod tally;
mod traffic;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use contract::{env, topic};
use fastrand::Rng;
use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use self::member::{Member, Orders, Shared};
use self::owner::{Gateway, Registrations, Token};
use self::report::Report;
use self::screen::Screen;
use self::tally::Tally;
use self::traffic::{Bad, Mix, Spells};
use crate::answers::Answers;
use crate::aws::Account;
use crate::backoff::Backoff;
use crate::broker::{Broker, Place};
use crate::device::Files;
use crate::endpoint::Endpoint;
use crate::firmware::Firmware;
use crate::message::EventType;
use crate::products::Sample;
use crate::serial::Serial;
use crate::simulation::{BASE, CAP, duration};
use crate::stop::Stop;
use crate::topics::{self, Topics};

/// More would be limited by this machine and not by the cloud.
const MOST: i64 = 2_000;
/// How long the end waits for what the broker has not confirmed yet.
const DRAIN: Duration = Duration::from_secs(10);
/// How long a device may take to be gone after that.
const FAREWELL: Duration = Duration::from_secs(5);
/// Time between two looks at the counters.
const LOOK: Duration = Duration::from_millis(100);
/// Open files beside the connections.
const OTHER_FILES: u64 = 200;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Number of devices.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=MOST))]
    devices: u16,
    /// Messages a second of the whole fleet, telemetry and events together; `0` for none.
    #[arg(long, default_value = "10", value_parser = rate)]
    rate: f64,
    /// How long the fleet runs once all devices are in: `90` for seconds, or `2m`.
    #[arg(long, default_value = "60", value_parser = seconds)]
    duration: Duration,
    /// What the serial numbers begin with; a number of four digits follows.
    #[arg(long, default_value = "FLEET-", value_name = "TEXT", value_parser = prefix)]
    prefix: String,
    /// Number of the first device.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    first: u16,
    /// Folder of the CA that signs the devices' certificates, made by `simulator ca create`.
    #[arg(long)]
    ca_dir: PathBuf,
    /// Folder of the devices' files; what is there is used again.
    #[arg(long)]
    dir: PathBuf,
    #[command(flatten)]
    broker: Endpoint,
    /// Attempts to connect that may be under way at once; `0` for all.
    #[arg(long, default_value_t = 100, value_name = "NUMBER")]
    connect_at_once: usize,
    /// How long the devices may take to be let in; then it goes on without the rest, and fails at the end.
    #[arg(long, default_value = "2m", value_name = "TIME", value_parser = seconds)]
    give_up_after: Duration,
    /// Share of the messages that are events, 0 to 1; the rest is telemetry.
    #[arg(long, default_value = "0.1", value_name = "SHARE", value_parser = share)]
    event_share: f64,
    /// Types of events, drawn by chance.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "warning,info,diagnostic,error",
        value_name = "TYPES"
    )]
    event_types: Vec<EventType>,
    /// Events that each device publishes as soon as it is let in, beside the rate.
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    events: usize,
    /// Share of the messages that break the device contract, 0 to 1.
    #[arg(long, default_value = "0", value_name = "SHARE", value_parser = share)]
    bad_share: f64,
    /// How they break it, drawn by chance.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "not-json,no-type,too-large,foreign-topic",
        value_name = "KINDS"
    )]
    bad_kinds: Vec<Bad>,
    /// Share of the fleet that is without a connection at any time, 0 to 0.9.
    #[arg(long, default_value = "0", value_name = "SHARE", value_parser = spells)]
    offline_share: f64,
    /// Mean time that a device is without a connection.
    #[arg(long, default_value = "30s", value_name = "TIME", value_parser = some_time)]
    offline_for: Duration,
    /// Let all devices drop their connection and come back at once, again and again after this time.
    #[arg(long, value_name = "TIME", value_parser = some_time)]
    storm: Option<Duration>,
    /// Model number, told in events, and used where the products are added and registered; `lock-1` makes locks of
    /// them, any other thermostats.
    #[arg(long, default_value = "thermostat-1")]
    model: String,
    #[command(flatten)]
    answers: Answers,
    /// Add the products to the Reference table first.
    #[arg(long, requires = "table")]
    add_products: bool,
    /// Name of the Reference table: the stack's output `ReferenceTable`.
    #[arg(long, env = env::REFERENCE_TABLE)]
    table: Option<String>,
    /// Register the devices first, as the owner whose ID token is in the environment variable `SMARTPRODUCT_TOKEN`.
    #[arg(long, requires = "api")]
    register: bool,
    /// Address of the API: the stack's output `ApiUrl`.
    #[arg(long, env = "SMARTPRODUCT_API", value_name = "URL")]
    api: Option<String>,
    /// How the report is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    report: Format,
    /// Topic prefix of telemetry, as in the manifest.
    #[arg(long, env = "TELEMETRY_TOPIC", default_value = topic::TELEMETRY, value_parser = topics::prefix)]
    telemetry_topic: String,
    /// Topic prefix of events, as in the manifest.
    #[arg(long, env = "EVENT_TOPIC", default_value = topic::EVENT, value_parser = topics::prefix)]
    event_topic: String,
    #[command(flatten)]
    aws: Account,
}

/// How the report is printed, on the standard output.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Runs the subcommand.
pub(crate) async fn run(args: Args) -> Result<()> {
    let mut stop = Stop::new()?;
    let prepared = tokio::select! {
        prepared = prepare(&args) => prepared?,
        () = stop.requested() => bail!("interrupted before the fleet was ready"),
    };
    let report = fly(&args, prepared, Backoff::new(BASE, CAP), &mut stop).await?;
    match args.report {
        Format::Text => print!("{report}"),
        Format::Json => println!("{}", serde_json::to_string(&report)?),
    }
    match report.failure() {
        Some(failure) => bail!("{failure}"),
        None => Ok(()),
    }
}

/// What is there before the first device connects.
#[derive(Debug)]
struct Prepared {
    serials: Vec<Serial>,
    place: Place,
    /// The owner's view, where the devices are registered by us.
    owner: Option<(Arc<Gateway>, Registrations)>,
}

/// Makes the devices, and what the cloud must know of them.
async fn prepare(args: &Args) -> Result<Prepared> {
    open_files(u64::from(args.devices))?;
    let serials = serials(args)?;
    let place = args.broker.place(args.aws.clone()).await?;
    let count = u64::from(args.devices);

    let screen = Screen::new("certificates", count);
    let made = identities::make(&args.ca_dir, &args.dir, &serials, |it| screen.advance(it)).await?;
    screen.done(&format!("{made} made, {} kept", serials.len() - made));

    if args.add_products {
        let table = args.table.as_deref().context("no table is named")?;
        let screen = Screen::new("products", count);
        products::add(&args.aws, table, &serials, &args.model, || {
            screen.advance(1);
        })
        .await?;
        screen.done(&format!("{count} in the table `{table}`"));
    }
    let owner = match &args.api {
        Some(url) if args.register => {
            let api = Arc::new(Gateway::new(url, Token::from_env()?));
            let screen = Screen::new("registrations", count);
            let counts = owner::register(&api, &serials, &args.model, || screen.advance(1)).await?;
            screen.done(&format!("{} made, {} found", counts.made, counts.found));
            Some((api, counts))
        }
        _ => None,
    };
    Ok(Prepared {
        serials,
        place,
        owner,
    })
}

/// Makes room for as many connections as there are devices.
fn open_files(devices: u64) -> Result<()> {
    let needed = devices + OTHER_FILES;
    let allowed = rlimit::increase_nofile_limit(needed.max(1_024))
        .context("could not ask how many files may be open")?;
    ensure!(
        allowed >= needed,
        "this process may open {allowed} files and needs {needed}: `ulimit -Hn` must allow them"
    );
    Ok(())
}

fn serials(args: &Args) -> Result<Vec<Serial>> {
    let last = u32::from(args.first) + u32::from(args.devices);
    (u32::from(args.first)..last)
        .map(|number| format!("{}{number:04}", args.prefix).parse())
        .collect::<Result<_, String>>()
        .map_err(anyhow::Error::msg)
}

/// Lets the fleet run, and reports.
async fn fly(args: &Args, prepared: Prepared, backoff: Backoff, stop: &mut Stop) -> Result<Report> {
    let mut shared = Shared::new(Tally::new()?, backoff, mix(args));
    shared.pace = traffic::pace(args.rate, prepared.serials.len());
    shared.burst = args.events;
    shared.spells = (args.offline_share > 0.0).then_some(Spells {
        share: args.offline_share,
        length: args.offline_for,
    });
    shared.gate = (args.connect_at_once > 0).then(|| Semaphore::new(args.connect_at_once));
    let shared = Arc::new(shared);

    let (orders, told) = watch::channel(Orders::default());
    let mut members = Vec::with_capacity(prepared.serials.len());
    for serial in &prepared.serials {
        let broker = Broker::new(serial, &Files::new(&args.dir, serial), &prepared.place)?;
        let topics = Topics::new(serial, &args.telemetry_topic, &args.event_topic);
        let now = Timestamp::now();
        let sample = Sample::of_model(&args.model).unwrap_or(Sample::Thermostat);
        let firmware = Firmware::new(topics, args.model.clone(), sample.product(now), now);
        let firmware = firmware.answering(args.answers);
        let (shared, told) = (Arc::clone(&shared), told.clone());
        members.push(Member::new(broker, firmware, shared, told, Rng::new()));
    }
    let began = Instant::now();
    let mut living = JoinSet::new();
    for member in members {
        living.spawn(member.live());
    }
    drop(told);

    command(args, &shared, &orders, stop).await;
    let deadline = Instant::now() + DRAIN;
    orders.send_modify(|it| it.stop = Some(deadline));
    while let Ok(Some(ended)) = timeout_at(deadline + FAREWELL, living.join_next()).await {
        ended.context("a device has broken down")?;
    }
    let time = began.elapsed();

    let registrations = match prepared.owner {
        Some((api, mut counts)) => match owner::look(&*api, &prepared.serials, &mut counts).await {
            Ok(()) => Some(counts),
            // The rest of the report is worth having.
            Err(error) => {
                eprintln!("the registrations are not in the report: {error:#}");
                None
            }
        },
        None => None,
    };
    let tally = shared.tally();
    Ok(Report::new(
        prepared.serials.len(),
        time,
        &tally,
        registrations,
    ))
}

fn mix(args: &Args) -> Mix {
    Mix {
        events: args.event_share,
        event_types: args.event_types.clone(),
        bad: args.bad_share,
        bad_kinds: args.bad_kinds.clone(),
    }
}

/// Watches the fleet, and orders storms, until its time is over.
async fn command(args: &Args, shared: &Shared, orders: &watch::Sender<Orders>, stop: &mut Stop) {
    tokio::select! {
        () = stop.requested() => eprintln!("interrupted: the devices say goodbye"),
        () = async {
            gather(args, shared).await;
            let end = Instant::now() + args.duration;
            tokio::select! {
                () = storms(args, orders) => {}
                () = observe(args, shared, end) => {}
            }
        } => {}
    }
}

/// Waits until all devices are in, or have had their time.
async fn gather(args: &Args, shared: &Shared) {
    let devices = usize::from(args.devices);
    let mut screen = Screen::new("devices in", u64::from(args.devices));
    let patience = Instant::now() + args.give_up_after;
    loop {
        let (devices_in, attempts) = {
            let tally = shared.tally();
            (tally.devices_in(), tally.attempts)
        };
        screen.show(devices_in as u64, format!("{attempts} attempts"));
        if devices_in == devices || Instant::now() >= patience {
            return screen.done(&format!("{devices_in} of {devices}"));
        }
        sleep(LOOK).await;
    }
}

/// Shows the counters until `end`.
async fn observe(args: &Args, shared: &Shared, end: Instant) {
    let mut screen = Screen::new("seconds", args.duration.as_secs());
    let began = Instant::now();
    while Instant::now() < end {
        let words = {
            let tally = shared.tally();
            let (confirmed, lost) = (tally.confirmed.all(), tally.lost);
            format!("{confirmed} messages confirmed, {lost} connections lost")
        };
        screen.show(began.elapsed().as_secs(), words);
        sleep_until(end.min(Instant::now() + LOOK)).await;
    }
    let confirmed = shared.tally().confirmed.all();
    screen.done(&format!("{confirmed} messages confirmed"));
}

/// Orders a storm now and then, for ever.
async fn storms(args: &Args, orders: &watch::Sender<Orders>) {
    let Some(every) = args.storm else {
        return std::future::pending().await;
    };
    loop {
        sleep(every).await;
        orders.send_modify(|it| it.storms += 1);
    }
}

fn rate(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|rate| (0.0..=10_000.0).contains(rate))
        .ok_or_else(|| "a rate is a number of messages a second, 0 to 10000".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "a share is a number from 0 to 1, such as `0.1`".to_owned())
}

/// Above this there would hardly be a fleet left.
fn spells(text: &str) -> Result<f64, String> {
    share(text)
        .ok()
        .filter(|share| *share <= 0.9)
        .ok_or_else(|| "the share that is offline is a number from 0 to 0.9".to_owned())
}

/// A time, or a bare number of seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u32>() {
        Ok(_) => duration(&format!("{text}s")),
        Err(_) => duration(text),
    }
}

/// A time that is more than none.
fn some_time(text: &str) -> Result<Duration, String> {
    match seconds(text)? {
        Duration::ZERO => Err("this needs a time, such as `30s`".to_owned()),
        time => Ok(time),
    }
}

fn prefix(text: &str) -> Result<String, String> {
    let longest: Result<Serial, _> = format!("{text}65535").parse();
    longest.map(|_| text.to_owned())
}

#[cfg(test)]
mod tests;
