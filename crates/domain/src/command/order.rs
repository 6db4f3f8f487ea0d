//! Commands that the product sends by itself, in its owner's name.

use jiff::Timestamp;

use super::create::new;
use super::{
    Command, CommandId, CommandStatus, CommandTopic, Commands, DesiredStates, Insertion, Sending,
    Targets, Wanted,
};
use crate::id::DeviceId;
use crate::model::{Model, Refused};
use crate::owner::Owner;
use crate::store::StoreError;

/// Who sends such commands.
pub trait Orders: Sync {
    /// Sends a command to `device`, as long as `owner` has it. Repeating the call with the
    /// same `id` sends the same command again, as long as it is pending; so it can be
    /// repeated after any failure, until it is clear that it was sent.
    fn order(
        &self,
        owner: &Owner,
        device: &DeviceId,
        wanted: Wanted,
        id: CommandId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Ordered, StoreError>> + Send;
}

/// What became of such a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Ordered {
    /// It is on its way.
    Sent,
    /// Nothing is left to send: the device is somebody else's now, or the command has
    /// come to its end.
    Over,
    /// The product does not take it.
    Refused(Refused),
}

impl<T: Targets, C: Commands, S: DesiredStates, P: CommandTopic> Orders
    for Sending<'_, T, C, S, P>
{
    async fn order(
        &self,
        owner: &Owner,
        device: &DeviceId,
        wanted: Wanted,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Ordered, StoreError> {
        let target = self.targets.of_user(&owner.user, device, None).await?;
        let target = target.filter(|it| it.owner.registration == owner.registration);
        let Some(target) = target else {
            return Ok(Ordered::Over);
        };
        let effect = Model::of(&target.details)
            .map_err(Refused::from)
            .and_then(|model| model.accept(&wanted.name, &wanted.value));
        let command: Command = match effect {
            Ok(effect) => new(&target.owner, device, &wanted, effect, id, now),
            Err(refused) => return Ok(Ordered::Refused(refused)),
        };
        let command = match self.commands.insert(&command, None).await? {
            Insertion::New => command,
            Insertion::Known(known) => known.at(now),
        };
        if command.status != CommandStatus::Pending {
            return Ok(Ordered::Over);
        }
        self.send(&command, now).await?;
        Ok(Ordered::Sent)
    }
}

#[cfg(test)]
mod tests;
