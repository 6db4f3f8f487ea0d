//! Sending a command.

use jiff::Timestamp;

use super::outcome::finish;
use super::{
    Command, CommandId, CommandStatus, CommandTopic, Commands, DesiredStates, Ended, Ending,
    Insertion, OpenCommands, Patched, Targets, Wanted,
};
use crate::id::{DeviceId, IdempotencyKey, UserId};
use crate::model::{Effect, InvalidModel, Model, Refused};
use crate::owner::{OwnedError, Owner};
use crate::store::{Cause, StoreError};

/// What sending needs.
#[derive(Debug)]
pub struct Sending<'a, T, C, S, P> {
    /// Whom to send to.
    pub targets: &'a T,
    /// Where commands are stored.
    pub commands: &'a C,
    /// What devices are to become.
    pub shadows: &'a S,
    /// How commands reach devices.
    pub topic: &'a P,
}

/// Stores a command of `user` to `device`, sets in the shadow what its model
/// says, then publishes it.
///
/// It is stored first: whatever the device answers finds it. Where it could not
/// be sent the caller gets an error, and
///
/// - without a `key` it is marked as failed, and its state taken back;
/// - with a `key` it is pending, and the same call again sends it. If nobody
///   calls, it ends when it is due.
///
/// The same `key` and command again is the command from before; it is sent
/// again while it is pending, as nobody knows whether it was.
///
/// # Errors
///
/// - [`CreateError::Owned`] when the device is not the user's now, or the command could not be stored.
/// - [`CreateError::Refused`] when the product takes no such command.
/// - [`CreateError::OtherCommand`] when `key` stands for another command.
/// - [`CreateError::NotSent`] when it was stored and could not be sent.
pub async fn create<T, C, S, P>(
    ports: &Sending<'_, T, C, S, P>,
    user: &UserId,
    device: &DeviceId,
    wanted: Wanted,
    key: Option<&IdempotencyKey>,
    id: CommandId,
) -> Result<Command, CreateError>
where
    T: Targets,
    C: Commands + OpenCommands,
    S: DesiredStates,
    P: CommandTopic,
{
    let now = id.time();
    let target = ports.targets.of_user(user, device, key).await?;
    let target = target.ok_or(OwnedError::NotOwner)?;
    let owner = target.owner;

    let used = target.used.filter(|it| it.counts(owner.registration, now));
    if let Some(used) = used
        && let Some(known) = ports.commands.get(user, device, used.command).await?
    {
        let known = repeated(&wanted, known, now)?;
        if known.status == CommandStatus::Pending {
            let sent = ports.send(&known, now).await;
            sent.map_err(|cause| CreateError::not_sent(&known, cause, None))?;
        }
        return Ok(known);
    }

    let model = Model::of(&target.details).map_err(unreadable)?;
    let effect = model
        .accept(&wanted.name, &wanted.value)
        .map_err(|err| match err {
            Refused::Model(err) => unreadable(err).into(),
            err => CreateError::Refused(err),
        })?;
    let command = new(&owner, device, &wanted, effect, id, now);
    match ports.commands.insert(&command, key).await? {
        Insertion::New => {}
        // An attempt that we gave up has stored it.
        Insertion::Known(known) if known.id == id => {}
        // Another call is sending it at this moment.
        Insertion::Known(known) => return repeated(&wanted, *known, now),
    }
    let Err(cause) = ports.send(&command, now).await else {
        return Ok(command);
    };
    let left = match key {
        Some(_) => None,
        None => ports.give_up(&owner, &command, now).await.err(),
    };
    Err(CreateError::not_sent(&command, cause, left))
}

/// A command of `owner` that is pending from `now` on.
pub(super) fn new(
    owner: &Owner,
    device: &DeviceId,
    wanted: &Wanted,
    effect: Effect,
    id: CommandId,
    now: Timestamp,
) -> Command {
    let due = now.checked_add(effect.limit);
    Command {
        id,
        registration: owner.registration,
        device: device.clone(),
        device_name: owner.device_name.clone(),
        user: owner.user.clone(),
        status: CommandStatus::Pending,
        reason: None,
        name: wanted.name.clone(),
        value: wanted.value.clone(),
        details: wanted.details.clone(),
        desired: effect.desired,
        due: due.unwrap_or(Timestamp::MAX),
        open: true,
        created_at: id.time(),
        updated_at: now,
    }
}

/// The command from before, if it is the one that is wanted now.
fn repeated(wanted: &Wanted, known: Command, now: Timestamp) -> Result<Command, CreateError> {
    match wanted.is(&known) {
        true => Ok(known.at(now)),
        false => Err(CreateError::OtherCommand(known.id)),
    }
}

/// Only the operator can mend a model that was registered as it is.
fn unreadable(err: InvalidModel) -> StoreError {
    StoreError {
        operation: "read the model of the product",
        cause: Cause::Broken,
        source: err.into(),
    }
}

impl<T, C, S: DesiredStates, P: CommandTopic> Sending<'_, T, C, S, P> {
    /// Sets what it sets in the shadow, and publishes it.
    pub(super) async fn send(&self, command: &Command, now: Timestamp) -> Result<(), StoreError> {
        if !command.desired.is_empty() {
            let token = command.id.to_string();
            let set = self
                .shadows
                .patch(&command.device, &command.desired, &token, None);
            if set.await? == Patched::Overtaken {
                return Err(StoreError {
                    operation: "set a desired state",
                    cause: Cause::Busy,
                    source: "others are changing this shadow".into(),
                });
            }
        }
        self.topic.publish(command, now).await
    }
}

impl<T, C: Commands + OpenCommands, S: DesiredStates, P> Sending<'_, T, C, S, P> {
    /// What fails here is left to the sweep.
    async fn give_up(
        &self,
        owner: &Owner,
        command: &Command,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let ended = self
            .commands
            .end(command.key(), &Ending::NotSent, now)
            .await?;
        if let Ended::Now(command) = ended {
            finish(self.commands, self.shadows, Some(owner), &command, now).await?;
        }
        Ok(())
    }
}

/// Why a command was not sent.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// See [`OwnedError`]; nothing is left of the command.
    #[error(transparent)]
    Owned(#[from] OwnedError),
    /// The product does not take it; nothing was stored.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The key was used for another command; nothing was stored.
    #[error(
        "the `Idempotency-Key` was sent with another command, `{0}`: repeat that request as it was, or send a new key"
    )]
    OtherCommand(CommandId),
    /// It could not be sent.
    #[error("could not send command `{id}`")]
    NotSent {
        /// Its id.
        id: CommandId,
        /// Why it could not be sent.
        #[source]
        cause: StoreError,
        /// Why it could not be ended either, or its state not be taken back:
        /// the sweep will do that.
        left: Option<StoreError>,
    },
}

impl CreateError {
    fn not_sent(command: &Command, cause: StoreError, left: Option<StoreError>) -> Self {
        Self::NotSent {
            id: command.id,
            cause,
            left,
        }
    }
}

impl From<StoreError> for CreateError {
    fn from(err: StoreError) -> Self {
        Self::Owned(err.into())
    }
}

#[cfg(test)]
mod tests;
