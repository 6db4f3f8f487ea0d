//! The move itself: table by table, products first and what refers to a
//! registration last.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use aws_sdk_dynamodb::Client;
use domain::model::Model;
use domain::registration::{Registration, Status};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::account::Account;
use crate::convert::{Known, Refusal, Registrations, World};
use crate::old::Row;
use crate::progress::{Progress, Reached};
use crate::report::{Outcome, Report};
use crate::source::Source;
use crate::target::Target;
use crate::things::Things;
use crate::users::Users;

/// Rows that are written at the same time.
const TOGETHER: usize = 16;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Old table of manufactured products: its name, or a file of it.
    #[arg(long, value_name = "TABLE")]
    reference: Option<Source>,
    /// Old table of registrations; events and commands need it, too.
    #[arg(long, value_name = "TABLE")]
    registrations: Option<Source>,
    /// Old table of settings.
    #[arg(long, value_name = "TABLE")]
    settings: Option<Source>,
    /// Old table of events.
    #[arg(long, value_name = "TABLE")]
    events: Option<Source>,
    /// Old table of commands.
    #[arg(long, value_name = "TABLE")]
    commands: Option<Source>,
    /// Which old user is which new one, as `migrate users` prints it.
    #[arg(long, value_name = "FILE")]
    users: Option<PathBuf>,
    /// A product model for a model number, put into the details of its products; may be repeated.
    #[arg(long, value_name = "NUMBER=FILE", value_parser = model)]
    model: Vec<(String, PathBuf)>,
    /// The stack whose tables are written.
    #[arg(long, env = "STACK", default_value = "SmartProductSolutionStack")]
    stack: String,
    /// Move the rows. Without it nothing is written, anywhere.
    #[arg(long)]
    write: bool,
    /// Take the old solution's policies away from the certificates, and delete them.
    #[arg(long, requires = "write")]
    drop_old_policies: bool,
    /// Note in this file how far it came, and go on from there.
    #[arg(long, value_name = "FILE", requires = "write")]
    progress: Option<PathBuf>,
    /// List the rows that cannot be moved in this file.
    #[arg(long, value_name = "FILE")]
    refused: Option<PathBuf>,
    #[command(flatten)]
    aws: Account,
}

/// Runs the subcommand: 0 when every row is moved or would be, 1 when one
/// cannot be.
pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let owned = [
        &args.registrations,
        &args.settings,
        &args.events,
        &args.commands,
    ];
    if owned.iter().any(|it| it.is_some()) && args.users.is_none() {
        bail!("rows of users need `--users`: the list that `migrate users` prints");
    }
    if args.events.is_some() || args.commands.is_some() {
        ensure!(
            args.registrations.is_some(),
            "events and commands need `--registrations`: it says whose the devices were"
        );
    }
    let world = World {
        users: args
            .users
            .as_deref()
            .map(Users::load)
            .transpose()?
            .unwrap_or_default(),
        models: args.model.iter().map(load_model).collect::<Result<_>>()?,
        now: Timestamp::now(),
    };
    let report = Report::new(args.write, args.refused.as_deref())?;
    let progress = Progress::load(args.progress)?;
    let sdk = args.aws.load().await?;
    let client = Client::new(&sdk);
    let name = |id: &str| format!("{}-{id}", args.stack);
    let places = args.write.then(|| Places {
        tables: Target::new(&client, name),
        things: Things::new(
            aws_sdk_iot::Client::new(&sdk),
            &args.stack,
            args.drop_old_policies,
        ),
    });
    let mut migration = Migration {
        client: &client,
        world: &world,
        places,
        progress,
        report,
        known: Registrations::new(),
    };
    let sources = Sources {
        reference: args.reference,
        registrations: args.registrations,
        settings: args.settings,
        events: args.events,
        commands: args.commands,
    };
    let done = migration.all(&sources).await;
    print!("{}", migration.report);
    migration.report.close()?;
    done?;
    if !args.write {
        println!("Nothing was written. With `--write` it is.");
    }
    Ok(match migration.report.has_refused() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

/// The old tables that are moved.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) reference: Option<Source>,
    pub(crate) registrations: Option<Source>,
    pub(crate) settings: Option<Source>,
    pub(crate) events: Option<Source>,
    pub(crate) commands: Option<Source>,
}

/// Where rows go.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) tables: Target,
    pub(crate) things: Things,
}

/// A run.
#[derive(Debug)]
pub(crate) struct Migration<'a> {
    pub(crate) client: &'a Client,
    pub(crate) world: &'a World,
    /// Nothing where it is only looked at.
    pub(crate) places: Option<Places>,
    pub(crate) progress: Progress,
    pub(crate) report: Report,
    pub(crate) known: Registrations,
}

impl Migration<'_> {
    /// Moves all tables, in the order in which they need each other.
    pub(crate) async fn all(&mut self, sources: &Sources) -> Result<()> {
        self.reference(sources.reference.as_ref()).await?;
        self.registrations(sources.registrations.as_ref()).await?;
        self.settings(sources.settings.as_ref()).await?;
        self.events(sources.events.as_ref()).await?;
        self.commands(sources.commands.as_ref()).await
    }

    async fn reference(&mut self, source: Option<&Source>) -> Result<()> {
        let (world, places) = (self.world, self.places.as_ref());
        let step = async |row: Row| match (world.product(row), places) {
            (Err(refusal), _) => Ok(refused(&refusal)),
            (Ok(product), Some(places)) => places.tables.product(&product).await,
            (Ok(_), None) => Ok(Outcome::Moved),
        };
        let table = Table {
            name: "reference",
            keys: &["deviceId", "modelNumber"],
        };
        walk(
            self.client,
            &mut Progress::default(),
            &mut self.report,
            table,
            source,
            step,
        )
        .await
    }

    /// One by one, as there are few, and each takes some calls of IoT Core.
    async fn registrations(&mut self, source: Option<&Source>) -> Result<()> {
        let Some(source) = source else { return Ok(()) };
        let mut reader = source.open(self.client, None)?;
        while let Some(page) = reader.next().await? {
            for row in page.rows {
                let key = key(&row, &["userId", "deviceId"]);
                let outcome = match self.world.registration(row) {
                    Err(refusal) => refused(&refusal),
                    Ok((old_user, registration)) => {
                        let outcome = self.registration(&registration, &key).await?;
                        self.know(old_user, &registration, &outcome);
                        outcome
                    }
                };
                self.report.note("registrations", &key, outcome)?;
            }
        }
        Ok(())
    }

    /// A registration with its thing and its certificate. A device that was let
    /// in and has no certificate in this account comes in by just-in-time
    /// registration, as a new one does.
    async fn registration(&mut self, registration: &Registration, key: &str) -> Result<Outcome> {
        let Some(places) = &self.places else {
            return Ok(Outcome::Moved);
        };
        if registration.status == Status::Deleted {
            return places.tables.registration(registration).await;
        }
        let mut registration = registration.clone();
        let certificates = places.things.certificates(&registration.device).await?;
        let certificate = match certificates.as_slice() {
            [] => None,
            [only] => Some(only),
            [..] => {
                let reason =
                    "the thing has several certificates: leave it the one that the device uses";
                return Ok(Outcome::Refused(reason.to_owned()));
            }
        };
        registration.certificate = certificate.map(|it| it.id.clone());
        registration.status = match certificate {
            Some(_) => Status::Complete,
            None => Status::Pending,
        };
        let outcome = places.tables.registration(&registration).await?;
        let (user, device) = (&registration.user, &registration.device);
        if places.tables.is_owner(user, device).await? {
            places.things.take_over(&registration, certificate).await?;
            self.report.note("things", key, Outcome::Moved)?;
        }
        Ok(outcome)
    }

    /// What could not be moved is over here, so that none of its events waits
    /// to be read.
    fn know(&mut self, old_user: String, registration: &Registration, outcome: &Outcome) {
        let is_refused = matches!(outcome, Outcome::Refused(_));
        let known = Known {
            registration: registration.id,
            user: registration.user.clone(),
            name: registration.name.clone(),
            since: registration.created_at,
            is_over: registration.status == Status::Deleted || is_refused,
        };
        self.known
            .insert((old_user, registration.device.to_string()), known);
    }

    async fn settings(&mut self, source: Option<&Source>) -> Result<()> {
        let (world, places) = (self.world, self.places.as_ref());
        let step = async |row: Row| match (world.settings(row), places) {
            (Err(refusal), _) => Ok(refused(&refusal)),
            (Ok((user, settings)), Some(places)) => {
                places.tables.settings(&user, &settings, world.now).await
            }
            (Ok(_), None) => Ok(Outcome::Moved),
        };
        let table = Table {
            name: "settings",
            keys: &["settingId"],
        };
        walk(
            self.client,
            &mut Progress::default(),
            &mut self.report,
            table,
            source,
            step,
        )
        .await
    }

    async fn events(&mut self, source: Option<&Source>) -> Result<()> {
        let (world, places, known) = (self.world, self.places.as_ref(), &self.known);
        let step = async |row: Row| match (world.event(row, known), places) {
            (Err(refusal), _) => Ok(refused(&refusal)),
            (Ok(record), Some(places)) => places.tables.event(&record).await,
            (Ok(_), None) => Ok(Outcome::Moved),
        };
        let table = Table {
            name: "events",
            keys: &["deviceId", "id"],
        };
        walk(
            self.client,
            &mut self.progress,
            &mut self.report,
            table,
            source,
            step,
        )
        .await
    }

    async fn commands(&mut self, source: Option<&Source>) -> Result<()> {
        let (world, places, known) = (self.world, self.places.as_ref(), &self.known);
        let step = async |row: Row| match (world.command(row, known), places) {
            (Err(refusal), _) => Ok(refused(&refusal)),
            (Ok(command), Some(places)) => places.tables.command(&command).await,
            (Ok(_), None) => Ok(Outcome::Moved),
        };
        let table = Table {
            name: "commands",
            keys: &["deviceId", "commandId"],
        };
        walk(
            self.client,
            &mut self.progress,
            &mut self.report,
            table,
            source,
            step,
        )
        .await
    }
}

/// An old table and the attributes of its key.
#[derive(Clone, Copy, Debug)]
struct Table {
    name: &'static str,
    keys: &'static [&'static str],
}

/// Hands each row of a table to `step`, some at a time, and notes what became
/// of it. A page is noted as done when all of its rows are.
async fn walk(
    client: &Client,
    progress: &mut Progress,
    report: &mut Report,
    table: Table,
    source: Option<&Source>,
    step: impl AsyncFn(Row) -> Result<Outcome>,
) -> Result<()> {
    let Some(source) = source else { return Ok(()) };
    let after = match progress.of(table.name) {
        Some(Reached::End) => return Ok(()),
        Some(Reached::After(place)) => Some(place.clone()),
        None => None,
    };
    let mut reader = source.open(client, after)?;
    while let Some(page) = reader.next().await? {
        let step = &step;
        let outcomes: Vec<(String, Outcome)> = stream::iter(page.rows)
            .map(|row| async move {
                let key = key(&row, table.keys);
                Ok::<_, anyhow::Error>((key, step(row).await?))
            })
            .buffered(TOGETHER)
            .try_collect()
            .await?;
        for (key, outcome) in outcomes {
            report.note(table.name, &key, outcome)?;
        }
        progress.note(table.name, page.after)?;
    }
    Ok(())
}

fn refused(refusal: &Refusal) -> Outcome {
    Outcome::Refused(refusal.to_string())
}

/// A row's key, for whoever looks for it.
fn key(row: &Row, names: &[&str]) -> String {
    let parts: Vec<&str> = names
        .iter()
        .map(|name| row.get(*name).and_then(Value::as_str).unwrap_or("?"))
        .collect();
    parts.join(" ")
}

fn model(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((number, file)) if !number.is_empty() && !file.is_empty() => {
            Ok((number.to_owned(), file.into()))
        }
        _ => Err("it has to be a model number, `=`, and a file with its model".to_owned()),
    }
}

fn load_model((number, path): &(String, PathBuf)) -> Result<(String, Map<String, Value>)> {
    let file = path.display();
    let text = std::fs::read(path).with_context(|| format!("could not read `{file}`"))?;
    let details: Map<String, Value> = serde_json::from_slice(&text)
        .with_context(|| format!("`{file}` must hold a JSON object"))?;
    Model::check(&details).with_context(|| file.to_string())?;
    Ok((number.clone(), details))
}
