//! Three operations: list, one, and send.

use api::command::{CommandPage, CommandView, NewCommand};
use contract::{metric, route};
use domain::command::{
    self, CommandError, CommandId, CommandStatus, CommandTopic, Commands, CreateError,
    DesiredStates, OpenCommands, Query, Sending, Targets, Wanted,
};
use domain::id::{DeviceId, IdempotencyKey};
use domain::owner::Owners;
use domain::page::{InvalidPageKey, Limit, Scope};
use jiff::Timestamp;
use runtime::Chain;
use runtime::http::{Answer, Problem, Request};
use tracing::{error, info};
use uuid::Uuid;

/// Commands of a page where the request names no `limit`.
const PAGE: u8 = 20;

/// Answers one request.
pub(crate) async fn handle<T, C, S, P>(
    owners: &impl Owners,
    ports: &Sending<'_, T, C, S, P>,
    request: Request,
) -> Result<Answer, Problem>
where
    T: Targets,
    C: Commands + OpenCommands,
    S: DesiredStates,
    P: CommandTopic,
{
    match request.route.as_str() {
        route::COMMAND_LIST => list(owners, ports.commands, &request).await,
        route::COMMAND_GET => one(owners, ports.commands, &request).await,
        route::COMMAND_CREATE => create(ports, &request).await,
        other => Err(Problem::unknown_route(other)),
    }
}

async fn list(
    owners: &impl Owners,
    commands: &impl Commands,
    request: &Request,
) -> Result<Answer, Problem> {
    request.accept_query(&["commandStatus", "limit", "lastevalkey"])?;
    let device = device(request)?;
    let filter = request.query("commandStatus");
    let status = filter.map(status).transpose()?;
    let limit = Limit::parse(request.query("limit"), PAGE)?;
    let scope = [
        request.user.as_str(),
        &request.route,
        device.as_str(),
        filter.unwrap_or_default(),
    ];
    let after = request.query("lastevalkey").map(|key| {
        let position = Scope(&scope).open(key)?;
        CommandId::new(&position).map_err(|_| InvalidPageKey)
    });

    let query = Query {
        status,
        limit,
        after: after.transpose()?,
    };
    let (user, now) = (&request.user, Timestamp::now());
    let page = command::page(owners, commands, user, &device, &query, now).await?;
    Answer::json(&CommandPage {
        count: page.items.len(),
        scanned_count: page.scanned,
        items: page.items.into_iter().map(CommandView::from).collect(),
        last_evaluated_key: page.next.map(|position| Scope(&scope).seal(&position)),
        command_status: status,
    })
}

async fn one(
    owners: &impl Owners,
    commands: &impl Commands,
    request: &Request,
) -> Result<Answer, Problem> {
    request.accept_query(&[])?;
    let device = device(request)?;
    let id = CommandId::new(request.parameter("commandId"))?;
    let (user, now) = (&request.user, Timestamp::now());
    match command::one(owners, commands, user, &device, id, now).await {
        Ok(found) => Answer::json(&CommandView::from(found)),
        Err(CommandError::Owned(err)) => Err(err.into()),
        Err(err @ CommandError::Missing(_)) => {
            Err(Problem::named("MissingCommand", err.to_string()))
        }
    }
}

async fn create<T, C, S, P>(
    ports: &Sending<'_, T, C, S, P>,
    request: &Request,
) -> Result<Answer, Problem>
where
    T: Targets,
    C: Commands + OpenCommands,
    S: DesiredStates,
    P: CommandTopic,
{
    request.accept_query(&[])?;
    let (user, device) = (&request.user, device(request)?);
    let key = request.header("idempotency-key");
    let key = key.map(IdempotencyKey::new).transpose()?;
    let body: NewCommand = request.body()?;
    let wanted = Wanted::new(body.command, body.value, body.details)?;
    let id = CommandId(Uuid::now_v7());
    match command::create(ports, user, &device, wanted, key.as_ref(), id).await {
        Ok(sent) => {
            let (id, first) = (sent.id, sent.id == id);
            info!(device.id = %device, user.id = %user, command.id = %id, command.first = first,
                "sent command `{id}`");
            let answer = Answer::json(&CommandView::from(sent))?;
            // A key that comes again asks for the command that it has.
            Ok(if first {
                answer.counting(metric::COMMAND_SENT)
            } else {
                answer
            })
        }
        Err(err) => Err(problem(err)),
    }
}

fn problem(err: CreateError) -> Problem {
    match err {
        CreateError::Owned(err) => err.into(),
        CreateError::Refused(err) => Problem::named("InvalidParameter", err.to_string()),
        CreateError::OtherCommand(_) => Problem {
            status: 409,
            error: "IdempotencyConflict",
            message: err.to_string(),
        },
        CreateError::NotSent { id, cause, left } => {
            if let Some(err) = &left {
                error!(error.chain = %Chain(err), command.id = %id,
                    "command `{id}` was not sent; the sweep has to end it");
            }
            cause.into()
        }
    }
}

fn device(request: &Request) -> Result<DeviceId, Problem> {
    Ok(DeviceId::new(request.parameter("deviceId"))?)
}

fn status(word: &str) -> Result<CommandStatus, Problem> {
    CommandStatus::parse(word).ok_or_else(|| {
        Problem::named(
            "InvalidParameter",
            "`commandStatus` must be one of pending, success, failed",
        )
    })
}

#[cfg(test)]
mod tests;
