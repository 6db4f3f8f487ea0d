//! Sending a command.

use super::{Command, CommandId, CommandStatus, CommandTopic, Commands, Wanted};
use crate::id::{DeviceId, UserId};
use crate::owner::{OwnedError, Owners};
use crate::store::StoreError;

/// Why a command failed that reached no device, as its `reason` says.
pub const NOT_SENT: &str = "not sent";

/// Stores a command of `user` to `device`, then publishes it.
///
/// It is stored first: whatever the device answers finds it. Where it cannot be
/// published it is marked as failed, so that it does not wait for an answer.
///
/// # Errors
///
/// - [`CreateError::Owned`] when the device is not the user's now, or the command could not be stored.
/// - [`CreateError::NotSent`] when it was stored and could not be published.
pub async fn create(
    owners: &impl Owners,
    commands: &impl Commands,
    topic: &impl CommandTopic,
    user: &UserId,
    device: &DeviceId,
    wanted: Wanted,
    id: CommandId,
) -> Result<Command, CreateError> {
    let owner = owners.of_user(user, device).await?;
    let owner = owner.ok_or(OwnedError::NotOwner)?;
    let now = id.time();
    let command = Command {
        id,
        registration: owner.registration,
        device: device.clone(),
        device_name: owner.device_name,
        user: owner.user,
        status: CommandStatus::Pending,
        reason: None,
        name: wanted.name,
        value: wanted.value,
        details: wanted.details,
        created_at: now,
        updated_at: now,
    };
    commands.insert(&command).await?;
    match topic.publish(&command).await {
        Ok(()) => Ok(command),
        Err(cause) => Err(CreateError::NotSent {
            id,
            cause,
            pending: commands.fail(&command, NOT_SENT, now).await.err(),
        }),
    }
}

/// Why a command was not sent.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// See [`OwnedError`]; nothing is left of the command.
    #[error(transparent)]
    Owned(#[from] OwnedError),
    /// It could not be published.
    #[error("could not send command `{id}`")]
    NotSent {
        /// Its id.
        id: CommandId,
        /// Why it could not be published.
        #[source]
        cause: StoreError,
        /// Why it could not be marked as failed either, and is pending still.
        pending: Option<StoreError>,
    },
}

impl From<StoreError> for CreateError {
    fn from(err: StoreError) -> Self {
        Self::Owned(err.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::id::CommandName;
    use crate::memory::{MemoryCommands, MemoryOwners, Noted, at, command, device, user};
    use crate::store::Cause;

    #[tokio::test]
    async fn a_command_is_stored_as_pending_and_published() {
        let world = World::new();
        let sent = world.create("anna", "SN-1", &world.topic).await.unwrap();
        let expected = Command {
            name: CommandName::new("set-temp").unwrap(),
            value: json!(72.5),
            details: Some(Map::from_iter([("unit".to_owned(), json!("F"))])),
            ..command("anna", "SN-1", 7)
        };
        assert_eq!(sent, expected);
        assert_eq!(world.commands.all(), std::slice::from_ref(&expected));
        assert_eq!(world.topic.all(), [expected]);
    }

    #[tokio::test]
    async fn a_device_of_somebody_else_gets_no_command() {
        let world = World::new();
        for (name, serial) in [("bob", "SN-1"), ("anna", "SN-9")] {
            let error = world.create(name, serial, &world.topic).await.unwrap_err();
            assert!(matches!(error, CreateError::Owned(OwnedError::NotOwner)));
        }
        world.owners.register("bob", "SN-1", 2, at(1));
        let error = world.create("anna", "SN-1", &world.topic).await;
        assert!(matches!(
            error,
            Err(CreateError::Owned(OwnedError::NotOwner))
        ));
        assert_eq!((world.commands.all(), world.topic.all()), (vec![], vec![]));
    }

    #[tokio::test]
    async fn lesson_14_a_command_that_is_not_sent_does_not_stay_pending() {
        let world = World::new();
        let error = world.create("anna", "SN-1", &Silent).await.unwrap_err();
        let CreateError::NotSent { cause, pending, .. } = error else {
            panic!("{error}");
        };
        assert_eq!((cause.cause, pending.is_none()), (Cause::Busy, true));
        let stored = &world.commands.all()[0];
        assert_eq!(stored.status, CommandStatus::Failed);
        assert_eq!(stored.reason.as_deref(), Some("not sent"));
    }

    #[tokio::test]
    async fn the_caller_learns_why_it_was_not_sent_also_where_the_row_stays_pending() {
        let world = World::new();
        world.commands.break_fail();
        let error = world.create("anna", "SN-1", &Silent).await.unwrap_err();
        assert!(matches!(
            error,
            CreateError::NotSent {
                pending: Some(_),
                ..
            }
        ));
        assert_eq!(world.commands.all()[0].status, CommandStatus::Pending);
    }

    /// Anna has `SN-1`.
    struct World {
        owners: MemoryOwners,
        commands: MemoryCommands,
        topic: Noted<Command>,
    }

    impl World {
        fn new() -> Self {
            let owners = MemoryOwners::default();
            owners.register("anna", "SN-1", 1, at(0));
            Self {
                owners,
                commands: MemoryCommands::default(),
                topic: Noted::default(),
            }
        }

        async fn create(
            &self,
            name: &str,
            serial: &str,
            topic: &impl CommandTopic,
        ) -> Result<Command, CreateError> {
            let wanted = Wanted::new(
                CommandName::new("set-temp").unwrap(),
                json!(72.5),
                Some(Map::from_iter([("unit".to_owned(), json!("F"))])),
            );
            create(
                &self.owners,
                &self.commands,
                topic,
                &user(name),
                &device(serial),
                wanted.unwrap(),
                command("anna", "SN-1", 7).id,
            )
            .await
        }
    }

    /// Publishes nothing.
    struct Silent;

    impl CommandTopic for Silent {
        async fn publish(&self, _: &Command) -> Result<(), StoreError> {
            Err(StoreError {
                operation: "publish a command",
                cause: Cause::Busy,
                source: "nobody listens".into(),
            })
        }
    }
}
