//! What a device says about itself, and whether it is there to say it.

use futures_util::future::join3;
use serde_json::{Map, Value};

use crate::connectivity::{Connection, Connectivity};
use crate::id::{DeviceId, UserId};
use crate::owner::{OwnedError, Owners};
use crate::store::StoreError;

/// The status of `device`, if it is the user's now.
///
/// # Errors
///
/// See [`OwnedError`].
pub async fn of_device(
    owners: &impl Owners,
    shadows: &impl Shadows,
    connectivity: &impl Connectivity,
    user: &UserId,
    device: &DeviceId,
) -> Result<DeviceStatus, OwnedError> {
    let (owner, shadow, connection) = join3(
        owners.of_user(user, device),
        shadows.of_device(device),
        connectivity.of_device(device),
    )
    .await;
    owner?.ok_or(OwnedError::NotOwner)?;
    Ok(DeviceStatus {
        shadow: shadow?,
        connection,
    })
}

/// Shadow and connection of a device.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceStatus {
    /// Empty where the device has none.
    pub shadow: Shadow,
    /// Its connection; `None` where that is unknown.
    pub connection: Option<Connection>,
}

/// The classic shadow of a device.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shadow {
    /// `desired`, `reported` and, where these differ, `delta`.
    pub state: Map<String, Value>,
    /// When each field of `state` was set.
    pub metadata: Map<String, Value>,
}

/// Shadows of devices.
pub trait Shadows: Sync {
    /// The shadow of `device`, empty where it has none.
    fn of_device(
        &self,
        device: &DeviceId,
    ) -> impl Future<Output = Result<Shadow, StoreError>> + Send;
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::memory::{MemoryConnectivity, MemoryOwners, at, device, user};
    use crate::store::Cause;

    #[tokio::test]
    async fn a_status_is_shadow_and_connection() {
        let world = World::new();
        let status = world.status("anna", &Turned("on")).await.unwrap();
        assert_eq!(status.shadow, Turned("on").shadow());
        assert_eq!(status.connection, None);

        let lost = Connection {
            connected: false,
            since: Some(at(7)),
            disconnect_reason: Some("CONNECTION_LOST".to_owned()),
        };
        world.connectivity.tell("SN-1", lost.clone());
        let status = world.status("anna", &Turned("off")).await.unwrap();
        assert_eq!(status.shadow, Turned("off").shadow());
        assert_eq!(status.connection, Some(lost));
    }

    #[tokio::test]
    async fn a_stranger_learns_nothing_not_even_that_a_shadow_is_away() {
        let world = World::new();
        world.connectivity.set(&["SN-1"]);
        let strangers = world.status("bob", &Turned("on")).await;
        assert!(matches!(strangers, Err(OwnedError::NotOwner)));
        let strangers = world.status("bob", &Away).await;
        assert!(matches!(strangers, Err(OwnedError::NotOwner)));
        let owners = world.status("anna", &Away).await;
        assert!(matches!(owners, Err(OwnedError::Store(_))));
    }

    struct World {
        owners: MemoryOwners,
        connectivity: MemoryConnectivity,
    }

    impl World {
        fn new() -> Self {
            let owners = MemoryOwners::default();
            owners.register("anna", "SN-1", 1, at(0));
            Self {
                owners,
                connectivity: MemoryConnectivity::default(),
            }
        }

        async fn status(
            &self,
            name: &str,
            shadows: &impl Shadows,
        ) -> Result<DeviceStatus, OwnedError> {
            let (user, device) = (user(name), device("SN-1"));
            of_device(&self.owners, shadows, &self.connectivity, &user, &device).await
        }
    }

    struct Turned(&'static str);

    impl Turned {
        fn shadow(&self) -> Shadow {
            let reported = json!({"power": self.0});
            Shadow {
                state: Map::from_iter([("reported".to_owned(), reported)]),
                metadata: Map::new(),
            }
        }
    }

    impl Shadows for Turned {
        async fn of_device(&self, _: &DeviceId) -> Result<Shadow, StoreError> {
            Ok(self.shadow())
        }
    }

    struct Away;

    impl Shadows for Away {
        async fn of_device(&self, _: &DeviceId) -> Result<Shadow, StoreError> {
            Err(StoreError {
                operation: "read a shadow",
                cause: Cause::Busy,
                source: "away".into(),
            })
        }
    }
}
