//! Three operations: list, one, and send.

use api::command::{CommandPage, CommandView, NewCommand};
use contract::route;
use domain::command::{
    self, CommandError, CommandId, CommandStatus, CommandTopic, Commands, CreateError, Wanted,
};
use domain::id::DeviceId;
use domain::owner::Owners;
use domain::page::{InvalidPageKey, Limit, Scope};
use runtime::Chain;
use runtime::http::{Answer, Problem, Request};
use tracing::{error, info};
use uuid::Uuid;

/// Commands of a page where the request names no `limit`.
const PAGE: u8 = 20;

/// Answers one request.
pub(crate) async fn handle(
    owners: &impl Owners,
    commands: &impl Commands,
    topic: &impl CommandTopic,
    request: Request,
) -> Result<Answer, Problem> {
    match request.route.as_str() {
        route::COMMAND_LIST => list(owners, commands, &request).await,
        route::COMMAND_GET => one(owners, commands, &request).await,
        route::COMMAND_CREATE => create(owners, commands, topic, &request).await,
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

    let (user, after) = (&request.user, after.transpose()?);
    let page = command::page(owners, commands, user, &device, status, limit, after).await?;
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
    match command::one(owners, commands, &request.user, &device, id).await {
        Ok(found) => Answer::json(&CommandView::from(found)),
        Err(CommandError::Owned(err)) => Err(err.into()),
        Err(err @ CommandError::Missing(_)) => {
            Err(Problem::named("MissingCommand", err.to_string()))
        }
    }
}

async fn create(
    owners: &impl Owners,
    commands: &impl Commands,
    topic: &impl CommandTopic,
    request: &Request,
) -> Result<Answer, Problem> {
    request.accept_query(&[])?;
    let (user, device) = (&request.user, device(request)?);
    let body: NewCommand = request.body()?;
    let wanted = Wanted::new(body.command, body.value, body.details)?;
    let id = CommandId(Uuid::now_v7());
    match command::create(owners, commands, topic, user, &device, wanted, id).await {
        Ok(sent) => {
            info!(device.id = %device, user.id = %user, command.id = %id, "sent command `{id}`");
            Answer::json(&CommandView::from(sent))
        }
        Err(CreateError::Owned(err)) => Err(err.into()),
        Err(CreateError::NotSent { cause, pending, .. }) => {
            if let Some(err) = &pending {
                error!(error.chain = %Chain(err), command.id = %id,
                    "command `{id}` was not sent and stays pending");
            }
            Err(cause.into())
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
