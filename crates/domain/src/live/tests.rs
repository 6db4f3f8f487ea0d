use std::sync::Mutex;

use super::*;
use crate::memory::{MemoryOwners, at, device, user};
use crate::store::Cause;

#[tokio::test]
async fn an_address_is_for_its_user_and_the_devices_that_were_named() {
    for devices in [
        &[][..],
        &["SN-1"],
        &["SN-1", "SN-2"],
        &["SN-2", "SN-1", "SN-2"],
    ] {
        let world = World::new();
        let session = world.open("anna", devices).await.unwrap();
        let expected = Grant {
            client: "console-anna-0000beef".to_owned(),
            user: user("anna"),
            devices: devices.iter().map(|it| device(it)).collect(),
        };
        assert_eq!(world.granted(), [expected]);
        assert_eq!(session.client, "console-anna-0000beef");
    }
}

#[tokio::test]
async fn one_strangers_device_among_them_is_enough_for_no_address_at_all() {
    let world = World::new();
    for (name, devices) in [
        ("anna", &["SN-1", "SN-9"][..]),
        ("anna", &["SN-3"]),
        ("bob", &["SN-1"]),
        ("bob", &["SN-3", "SN-1"]),
    ] {
        let refused = world.open(name, devices).await;
        let refused = matches!(refused, Err(LiveError::Owned(OwnedError::NotOwner)));
        assert!(refused, "{name} {devices:?}");
    }
    assert!(world.granted().is_empty());
}

#[tokio::test]
async fn a_former_owner_is_a_stranger() {
    let world = World::new();
    assert!(world.open("anna", &["SN-1"]).await.is_ok());
    world.owners.register("bob", "SN-1", 9, at(1));
    assert!(world.open("anna", &["SN-1"]).await.is_err());
    assert!(world.open("bob", &["SN-1"]).await.is_ok());
}

#[tokio::test]
async fn five_devices_are_accepted_and_six_are_not() {
    let world = World::new();
    let devices = ["SN-1", "SN-2", "SN-4", "SN-5", "SN-6", "SN-7"];
    assert!(world.open("anna", &devices[..5]).await.is_ok());
    let error = world.open("anna", &devices).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`deviceId` is given 6 times: at most 5 are accepted"
    );
    assert_eq!(world.granted().len(), 1);
}

#[tokio::test]
async fn ids_that_do_not_fit_are_said() {
    let world = World {
        room: false,
        ..World::new()
    };
    let refused = world.open("anna", &["SN-1"]).await;
    assert!(matches!(refused, Err(LiveError::NoRoom)));
}

#[tokio::test]
async fn a_port_that_fails_opens_nothing() {
    let world = World::new();
    let (user, now) = (user("anna"), at(0));
    let devices = vec![device("SN-1")];
    let failed = open(&Away, &world, &user, devices, Uuid::nil(), now).await;
    let failed = matches!(failed, Err(LiveError::Owned(OwnedError::Store(_))));
    assert!(failed && world.granted().is_empty());

    let devices = vec![device("SN-1")];
    let failed = open(&world.owners, &Away, &user, devices, Uuid::nil(), now).await;
    assert!(matches!(
        failed,
        Err(LiveError::Owned(OwnedError::Store(_)))
    ));
}

/// The address stays out of whatever prints what holds it.
#[test]
fn an_address_is_not_shown() {
    let session = Session {
        url: Address::new("wss://secret".to_owned()),
        expires: at(0),
        client: "c".to_owned(),
        topics: Vec::new(),
    };
    let shown = format!("{:?}", Opening::Opened(session));
    assert!(!shown.contains("secret"), "{shown}");
}

/// A policy's resource knows `*`, `?` and `${…}`; a topic filter `+`, `#` and `/`.
#[test]
fn no_id_holds_what_a_policy_or_a_topic_filter_would_expand() {
    for sign in ["*", "?", "$", "{", "}", "+", "#", "/", "\"", "\\", " ", "%"] {
        for text in [sign.to_owned(), format!("a{sign}"), format!("{sign}a")] {
            assert!(DeviceId::new(&*text).is_err(), "{text}");
            assert!(UserId::new(&*text).is_err(), "{text}");
        }
    }
}

/// Anna has all devices but one, Bob has that; notes what is granted.
struct World {
    owners: MemoryOwners,
    room: bool,
    granted: Mutex<Vec<Grant>>,
}

impl World {
    fn new() -> Self {
        let owners = MemoryOwners::default();
        for (number, id) in ["SN-1", "SN-2", "SN-4", "SN-5", "SN-6", "SN-7"]
            .iter()
            .enumerate()
        {
            owners.register("anna", id, number as u128, at(0));
        }
        owners.register("bob", "SN-3", 8, at(0));
        Self {
            owners,
            room: true,
            granted: Mutex::default(),
        }
    }

    async fn open(&self, name: &str, devices: &[&str]) -> Result<Session, LiveError> {
        let devices = devices.iter().map(|it| device(it)).collect();
        let random = Uuid::from_u128(0xbeef);
        open(&self.owners, self, &user(name), devices, random, at(0)).await
    }

    fn granted(&self) -> Vec<Grant> {
        self.granted.lock().unwrap().clone()
    }
}

impl LiveSessions for World {
    async fn open(&self, grant: &Grant, now: Timestamp) -> Result<Opening, StoreError> {
        self.granted.lock().unwrap().push(grant.clone());
        Ok(match self.room {
            true => Opening::Opened(Session {
                url: Address::new("wss://broker/mqtt".to_owned()),
                expires: now + LIFETIME,
                client: grant.client.clone(),
                topics: Vec::new(),
            }),
            false => Opening::NoRoom,
        })
    }
}

/// Ports that do not answer.
struct Away;

fn away<T>() -> Result<T, StoreError> {
    Err(StoreError {
        operation: "ask a service",
        cause: Cause::Busy,
        source: "away".into(),
    })
}

impl Owners for Away {
    async fn of_device(&self, _: &DeviceId) -> Result<Option<crate::owner::Owner>, StoreError> {
        away()
    }

    async fn of_user(
        &self,
        _: &UserId,
        _: &DeviceId,
    ) -> Result<Option<crate::owner::Owner>, StoreError> {
        away()
    }
}

impl LiveSessions for Away {
    async fn open(&self, _: &Grant, _: Timestamp) -> Result<Opening, StoreError> {
        away()
    }
}
