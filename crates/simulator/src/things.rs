//! A small client of AWS IoT: makes things with certificates that AWS signs,
//! sends from them, listens for them, and cleans up after itself.

mod cloud;
mod life;
mod state;
mod talk;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use aws_sdk_iot::Client;

use self::state::State;
use crate::aws::Account;
use crate::endpoint::Endpoint;
use crate::serial::Serial;
use crate::simulation::duration;
use crate::stop::Stop;

/// Things that one run makes: each takes half a dozen calls.
const MOST: i64 = 100;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make things, each with a certificate and a policy; goes on where an earlier run was interrupted.
    Create(CreateArgs),
    /// Publish telemetry and one event from each thing.
    Send(SendArgs),
    /// Print what comes for the things until Ctrl-C.
    Subscribe(SubscribeArgs),
    /// Delete everything that `create` has made, also after it was interrupted.
    Cleanup(CleanupArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CreateArgs {
    /// Number of things there shall be.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=MOST))]
    count: u16,
    /// What the things' names begin with; a number follows.
    #[arg(long, default_value = "thing-", value_name = "TEXT", value_parser = prefix)]
    prefix: String,
    /// Policy that the certificates get: the stack's own is `<stack>-Device`.
    #[arg(long)]
    policy: String,
    /// Folder of the things' files, and of the note of what was made.
    #[arg(long)]
    dir: PathBuf,
    #[command(flatten)]
    aws: Account,
}

/// Which things, and where they connect to.
#[derive(Debug, clap::Args)]
struct Connecting {
    /// Folder that `create` was given.
    #[arg(long)]
    dir: PathBuf,
    /// Only this thing; may be repeated. A thing has one connection: sending ends its listening.
    #[arg(long, value_name = "NAME")]
    thing: Vec<Serial>,
    #[command(flatten)]
    broker: Endpoint,
    #[command(flatten)]
    aws: Account,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SendArgs {
    #[command(flatten)]
    connecting: Connecting,
    /// Telemetry messages of each thing.
    #[arg(long, default_value_t = 3, value_name = "NUMBER")]
    messages: usize,
    /// Time between two of them.
    #[arg(long, default_value = "1s", value_name = "TIME", value_parser = duration)]
    interval: Duration,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SubscribeArgs {
    #[command(flatten)]
    connecting: Connecting,
    /// End after this time; only by Ctrl-C where it is missing.
    #[arg(long = "for", value_name = "TIME", value_parser = duration)]
    time: Option<Duration>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CleanupArgs {
    /// Folder that `create` was given.
    #[arg(long)]
    dir: PathBuf,
    #[command(flatten)]
    aws: Account,
}

/// Runs one of the subcommands.
pub(crate) async fn run(command: Command) -> Result<()> {
    match command {
        Command::Create(args) => {
            let client = Client::new(&args.aws.load().await?);
            let names = names(&args.prefix, args.count);
            life::create(&client, &args.dir, &args.policy, &names?).await?;
            eprintln!("{} things are in `{}`", args.count, args.dir.display());
        }
        Command::Send(args) => {
            let things = chosen(&args.connecting)?;
            let Connecting { broker, aws, .. } = args.connecting;
            let place = broker.place(aws).await?;
            talk::send(&place, things, args.messages, args.interval).await?;
        }
        Command::Subscribe(args) => {
            let things = chosen(&args.connecting)?;
            let Connecting { broker, aws, .. } = args.connecting;
            let place = broker.place(aws).await?;
            talk::subscribe(&place, things, args.time, &mut Stop::new()?).await?;
        }
        Command::Cleanup(args) => {
            let client = Client::new(&args.aws.load().await?);
            let gone = life::cleanup(&client, &args.dir).await?;
            eprintln!("deleted {gone} things");
        }
    }
    Ok(())
}

fn names(prefix: &str, count: u16) -> Result<Vec<Serial>> {
    (1..=count)
        .map(|number| format!("{prefix}{number}").parse())
        .collect::<Result<_, String>>()
        .map_err(anyhow::Error::msg)
}

/// The things that were asked for, with their files.
fn chosen(args: &Connecting) -> Result<Vec<state::Ready>> {
    let all = State::load(&args.dir)?.ready(&args.dir);
    for name in &args.thing {
        ensure!(
            all.iter().any(|it| it.name == *name),
            "there is no thing `{name}` in `{}`",
            args.dir.display()
        );
    }
    ensure!(
        !all.is_empty(),
        "there are no things in `{}`: make some by `simulator things create`",
        args.dir.display()
    );
    let wanted = |it: &state::Ready| args.thing.is_empty() || args.thing.contains(&it.name);
    Ok(all.into_iter().filter(wanted).collect())
}

fn prefix(text: &str) -> Result<String, String> {
    format!("{text}{MOST}")
        .parse::<Serial>()
        .map(|_| text.to_owned())
}
