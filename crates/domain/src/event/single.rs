//! One event: reading it, and what its owner says about it.

use futures_util::future::join;
use jiff::Timestamp;

use super::{Event, EventId, Record};
use crate::id::{DeviceId, RegistrationId, UserId};
use crate::owner::{OwnedError, Owners};
use crate::store::StoreError;

/// The event `id` that `device` reported since `user` registered it.
///
/// # Errors
///
/// - [`EventError::Owned`] when the device is not the user's now, or a port fails.
/// - [`EventError::Missing`] when there is no such event.
pub async fn one(
    owners: &impl Owners,
    events: &impl SingleEvents,
    user: &UserId,
    device: &DeviceId,
    id: EventId,
) -> Result<Event, EventError> {
    let (owner, record) = join(owners.of_user(user, device), events.get(user, device, id)).await;
    let owner = owner?.ok_or(OwnedError::NotOwner)?;
    record?
        .filter(|it| it.registration == owner.registration)
        .map(|it| it.event)
        .ok_or(EventError::Missing(id))
}

/// Changes what `user` has said about the event `id`, and returns it as it is
/// stored now.
///
/// # Errors
///
/// As [`one`].
pub async fn update(
    owners: &impl Owners,
    events: &impl SingleEvents,
    user: &UserId,
    device: &DeviceId,
    id: EventId,
    change: Change,
    now: Timestamp,
) -> Result<Event, EventError> {
    let owner = owners.of_user(user, device).await?;
    let owner = owner.ok_or(OwnedError::NotOwner)?;
    let event = events
        .change(user, owner.registration, device, id, change, now)
        .await?;
    event.ok_or(EventError::Missing(id))
}

/// What an owner says about an event; what is not said stays as it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    /// Whether it was seen.
    Ack(bool),
    /// Whether the owner wants to hear no more of it.
    Suppress(bool),
    /// Both.
    Both {
        /// See [`Self::Ack`].
        ack: bool,
        /// See [`Self::Suppress`].
        suppress: bool,
    },
}

impl Change {
    /// The change that a request asks for; `None` where it asks for none.
    #[must_use]
    pub fn of(ack: Option<bool>, suppress: Option<bool>) -> Option<Self> {
        match (ack, suppress) {
            (Some(ack), Some(suppress)) => Some(Self::Both { ack, suppress }),
            (Some(ack), None) => Some(Self::Ack(ack)),
            (None, Some(suppress)) => Some(Self::Suppress(suppress)),
            (None, None) => None,
        }
    }

    /// The new value of `ack`, where it changes.
    #[must_use]
    pub fn ack(self) -> Option<bool> {
        match self {
            Self::Ack(ack) | Self::Both { ack, .. } => Some(ack),
            Self::Suppress(_) => None,
        }
    }

    /// The new value of `suppress`, where it changes.
    #[must_use]
    pub fn suppress(self) -> Option<bool> {
        match self {
            Self::Suppress(suppress) | Self::Both { suppress, .. } => Some(suppress),
            Self::Ack(_) => None,
        }
    }
}

/// Why there is no event, or it was not changed.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// See [`OwnedError`].
    #[error(transparent)]
    Owned(#[from] OwnedError),
    /// The device reported no such event since the caller has it.
    #[error("the device has no event `{0}`: `GET /devices/{{deviceId}}/events` lists those it has")]
    Missing(EventId),
}

impl From<StoreError> for EventError {
    fn from(err: StoreError) -> Self {
        Self::Owned(err.into())
    }
}

/// Events by their ids.
///
/// Implementations pass the suite in `adapters/tests/it/single_events.rs`.
pub trait SingleEvents: Sync {
    /// The event of `user` and `device`, under whichever registration it came.
    fn get(
        &self,
        user: &UserId,
        device: &DeviceId,
        id: EventId,
    ) -> impl Future<Output = Result<Option<Record>, StoreError>> + Send;

    /// Applies `change` to the event, if it came under `registration`,
    /// and keeps the list of what is unread in step with it. Nothing else of
    /// the event changes, whatever others do meanwhile.
    fn change(
        &self,
        user: &UserId,
        registration: RegistrationId,
        device: &DeviceId,
        id: EventId,
        change: Change,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Event>, StoreError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Events;
    use crate::memory::{MemoryEvents, MemoryOwners, at, device, record, user};

    #[tokio::test]
    async fn an_event_is_its_present_owners_only() {
        let world = World::new().await;
        assert_eq!(world.one("anna", "SN-1").await, "m-1");
        assert_eq!(world.one("bob", "SN-1").await, "not the owner");
        assert_eq!(world.one("anna", "SN-2").await, "not the owner");

        // The same owner again: what came before is no event of this registration.
        world.owners.register("anna", "SN-1", 2, at(100));
        assert_eq!(world.one("anna", "SN-1").await, "missing");
        assert_eq!(world.update("anna", Change::Ack(true)).await, "missing");

        world.owners.register("bob", "SN-1", 3, at(200));
        for name in ["anna", "bob"] {
            let expected = if name == "bob" {
                "missing"
            } else {
                "not the owner"
            };
            assert_eq!(world.one(name, "SN-1").await, expected);
            assert_eq!(world.update(name, Change::Ack(true)).await, expected);
        }
        assert!(!world.events.records()[0].event.ack);
    }

    #[tokio::test]
    async fn lesson_11_only_what_was_sent_changes() {
        let world = World::new().await;
        for (change, ack, suppress) in [
            (Change::Suppress(true), false, true),
            (Change::Ack(true), true, true),
            (Change::Suppress(false), true, false),
            (
                Change::Both {
                    ack: false,
                    suppress: true,
                },
                false,
                true,
            ),
            (
                Change::Both {
                    ack: false,
                    suppress: false,
                },
                false,
                false,
            ),
        ] {
            assert_eq!(world.update("anna", change).await, "m-1");
            let event = &world.events.records()[0].event;
            assert_eq!((event.ack, event.suppress), (ack, suppress), "{change:?}");
            assert_eq!(event.updated_at, at(50));
        }
    }

    #[test]
    fn a_change_is_made_of_what_was_sent() {
        assert_eq!(Change::of(None, None), None);
        for (ack, suppress) in [
            (Some(true), None),
            (None, Some(false)),
            (Some(false), Some(true)),
        ] {
            let change = Change::of(ack, suppress).unwrap();
            assert_eq!((change.ack(), change.suppress()), (ack, suppress));
        }
    }

    struct World {
        owners: MemoryOwners,
        events: MemoryEvents,
        id: EventId,
    }

    impl World {
        /// Anna's device has reported `m-1`.
        async fn new() -> Self {
            let (owners, events) = (MemoryOwners::default(), MemoryEvents::default());
            owners.register("anna", "SN-1", 1, at(0));
            let record = record("anna", "SN-1", "m-1", 7);
            events.insert(&record).await.unwrap();
            let id = record.event.id;
            Self { owners, events, id }
        }

        async fn one(&self, name: &str, serial: &str) -> String {
            let (user, device) = (user(name), device(serial));
            say(one(&self.owners, &self.events, &user, &device, self.id).await)
        }

        async fn update(&self, name: &str, change: Change) -> String {
            let (user, device) = (user(name), device("SN-1"));
            let (owners, events) = (&self.owners, &self.events);
            say(update(owners, events, &user, &device, self.id, change, at(50)).await)
        }
    }

    fn say(outcome: Result<Event, EventError>) -> String {
        match outcome {
            Ok(event) => event.message_id.to_string(),
            Err(EventError::Owned(OwnedError::NotOwner)) => "not the owner".to_owned(),
            Err(EventError::Missing(_)) => "missing".to_owned(),
            Err(err) => err.to_string(),
        }
    }
}
