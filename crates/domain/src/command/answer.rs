//! What a device answers.

use jiff::Timestamp;

use super::{
    Answer, Command, CommandId, CommandKey, CommandStatus, Commands, DesiredStates, Ended,
    InvalidAnswer, OpenCommands, Upkeep,
};
use crate::event::{Delivery, Rejected, Rejection};
use crate::id::{DeviceId, InvalidId};
use crate::owner::Owners;
use crate::store::StoreError;

/// Ends the command that `delivery` answers; an answer that is not valid, or
/// is to no command of the device, is kept apart with the reason.
///
/// Only a pending command ends, and only by an answer that is handled before
/// it is due. All of it can be repeated: whatever a failed attempt has left to
/// do is done by its retry, or by the sweep.
///
/// # Errors
///
/// When a port fails.
pub async fn answer<O, C, S>(
    upkeep: &Upkeep<'_, O, C, S>,
    rejected: &impl Rejected,
    delivery: Delivery,
    now: Timestamp,
) -> Result<Answered, StoreError>
where
    O: Owners,
    C: Commands + OpenCommands,
    S: DesiredStates,
{
    match end(upkeep, &delivery, now).await? {
        Ok(answered) => Ok(answered),
        Err(refusal) => {
            let reason = refusal.to_string();
            rejected.keep(&Rejection { reason, delivery }).await?;
            Ok(Answered::Rejected(refusal))
        }
    }
}

async fn end<O, C, S>(
    upkeep: &Upkeep<'_, O, C, S>,
    delivery: &Delivery,
    now: Timestamp,
) -> Result<Result<Answered, Refusal>, StoreError>
where
    O: Owners,
    C: Commands + OpenCommands,
    S: DesiredStates,
{
    let parsed = || -> Result<(DeviceId, Answer), Refusal> {
        let device = DeviceId::new(delivery.device.as_str())?;
        Ok((device, Answer::parse(&delivery.payload)?))
    };
    let (device, answer) = match parsed() {
        Ok(parsed) => parsed,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(owner) = upkeep.owners.of_device(&device).await? else {
        return Ok(Err(Refusal::NotRegistered(device)));
    };

    let key = CommandKey {
        user: &owner.user,
        device: &device,
        registration: owner.registration,
        id: answer.command,
    };
    let ended = upkeep.commands.end(key, &answer.ending, now).await?;
    let answered = match ended {
        Ended::Missing => return Ok(Err(Refusal::NoCommand(device, answer.command))),
        Ended::Now(command) => Answered::Ended(command),
        Ended::Unfit(command) if command.status == CommandStatus::Pending => {
            return Ok(Ok(Answered::Late(command)));
        }
        Ended::Unfit(command) => Answered::Repeated(command),
    };
    // One that had ended is open still where the attempt that ended it died.
    if let Answered::Ended(command) | Answered::Repeated(command) = &answered
        && command.status == CommandStatus::Failed
        && command.open
    {
        upkeep.finish(Some(&owner), command, now).await?;
    }
    Ok(Ok(answered))
}

/// What became of an answer.
#[derive(Debug)]
pub enum Answered {
    /// The command has ended by it.
    Ended(Box<Command>),
    /// The command had ended before.
    Repeated(Box<Command>),
    /// The command was pending, and due.
    Late(Box<Command>),
    /// It is kept with the rejected messages.
    Rejected(Refusal),
}

/// Why a message is no answer to any command.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The topic names no device; only a policy of somebody else's lets such a
    /// client publish.
    #[error("the topic names no device: {0}")]
    NoDevice(#[from] InvalidId),
    /// The payload breaks the contract.
    #[error(transparent)]
    Invalid(#[from] InvalidAnswer),
    /// Nobody has the device.
    #[error("device `{0}` is not registered: its owner must register it first")]
    NotRegistered(DeviceId),
    /// Another device was sent it, or this one under an earlier registration.
    #[error("device `{0}` was sent no command `{1}` since its owner registered it")]
    NoCommand(DeviceId, CommandId),
}

#[cfg(test)]
mod tests;
