//! Reading commands: one, or pages of a list that may be long and filtered.

use futures_util::future::join;
use jiff::Timestamp;

use super::{Command, CommandId, CommandStatus, Commands};
use crate::id::{DeviceId, UserId};
use crate::owner::{OwnedError, Owners};
use crate::page::{Limit, Page, Walk};
use crate::store::StoreError;

/// A page of the commands to `device` since `user` registered it, newest first,
/// as they are at `now`.
///
/// # Errors
///
/// See [`OwnedError`].
pub async fn page(
    owners: &impl Owners,
    commands: &impl Commands,
    user: &UserId,
    device: &DeviceId,
    query: &Query,
    now: Timestamp,
) -> Result<Page<Command>, OwnedError> {
    let status = query.status;
    let mut walk = Walk::new(query.limit, query.after);
    let step = |walk: &Walk<Command>| {
        let (after, most) = (walk.place().copied(), walk.most(status.is_some()));
        commands.read(user, device, status, after, most, now)
    };

    let (owner, first) = join(owners.of_user(user, device), step(&walk)).await;
    walk.only(&owner?.ok_or(OwnedError::NotOwner)?);
    walk.take([first?]);
    while walk.goes_on() {
        let stretch = step(&walk).await?;
        walk.take([stretch]);
    }
    Ok(walk.page().map(|it| it.at(now)))
}

/// Which commands a page holds.
#[derive(Clone, Copy, Debug)]
pub struct Query {
    /// Only those of this status.
    pub status: Option<CommandStatus>,
    /// How many.
    pub limit: Limit,
    /// Only those that are older than this one.
    pub after: Option<CommandId>,
}

/// The command `id` that `user` sent to `device` since it was registered, as it
/// is at `now`.
///
/// # Errors
///
/// - [`CommandError::Owned`] when the device is not the user's now, or a port fails.
/// - [`CommandError::Missing`] when there is no such command.
pub async fn one(
    owners: &impl Owners,
    commands: &impl Commands,
    user: &UserId,
    device: &DeviceId,
    id: CommandId,
    now: Timestamp,
) -> Result<Command, CommandError> {
    let (owner, command) = join(owners.of_user(user, device), commands.get(user, device, id)).await;
    let owner = owner?.ok_or(OwnedError::NotOwner)?;
    command?
        .filter(|it| it.registration == owner.registration)
        .map(|it| it.at(now))
        .ok_or(CommandError::Missing(id))
}

/// Why there is no command.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// See [`OwnedError`].
    #[error(transparent)]
    Owned(#[from] OwnedError),
    /// The caller has sent the device no such command since it is the caller's.
    #[error(
        "the device was sent no command `{0}`: `GET /devices/{{deviceId}}/commands` lists those that it was sent"
    )]
    Missing(CommandId),
}

impl From<StoreError> for CommandError {
    fn from(err: StoreError) -> Self {
        Self::Owned(err.into())
    }
}

#[cfg(test)]
mod tests;
