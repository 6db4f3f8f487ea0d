//! Registering a device: from what was manufactured to a device with an owner.
//!
//! `pending` until the device has come in by just-in-time registration (see
//! [`crate::jitr`]), `complete` after that, `deleted` once its owner lets go of it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::id::{CertificateId, DeviceId, DeviceName, ModelNumber, RegistrationId, UserId};
use crate::page::{Limit, Page};
use crate::store::{Cause, StoreError};

/// Registers `wanted` for `user`.
///
/// The thing is made before the registration is written: a thing without a
/// registration lets nobody in and is found again by the next attempt, while a
/// registration without a thing could never be completed.
///
/// # Errors
///
/// - [`RegisterError::NotManufactured`] when the Reference table has no such serial and model.
/// - [`RegisterError::Taken`] when somebody, perhaps `user`, has the device registered.
/// - [`RegisterError::Store`] when a table or the thing registry fails.
pub async fn register(
    products: &impl Products,
    things: &impl Things,
    registrations: &impl Registrations,
    user: &UserId,
    wanted: Wanted,
    id: RegistrationId,
    now: Timestamp,
) -> Result<Registration, RegisterError> {
    let registration = |product: &Product| Registration {
        id,
        user: user.clone(),
        device: wanted.device.clone(),
        name: wanted.name.clone(),
        model: wanted.model.clone(),
        details: product.details.clone(),
        status: Status::Pending,
        certificate: None,
        created_at: now,
        updated_at: now,
    };

    for _ in 0..ATTEMPTS {
        let rows = products.of_serial(&wanted.device).await?;
        let Some(product) = rows.iter().find(|it| it.model == wanted.model) else {
            return Err(RegisterError::NotManufactured(wanted.device, wanted.model));
        };
        // A serial is one device, under however many models it is listed.
        if rows.iter().any(|it| it.claimed_by.is_some()) {
            return Err(RegisterError::Taken(wanted.device));
        }

        let thing = things.create(&wanted.device, &wanted.model, user).await?;

        let registration = registration(product);
        match registrations.claim(&registration, product, &rows).await? {
            Claim::Done => {
                if thing == Thing::OfOther {
                    things.hand_over(&wanted.device, user).await;
                }
                return Ok(registration);
            }
            Claim::Owned => return Err(RegisterError::Taken(wanted.device)),
            Claim::Overtaken => {}
        }
    }
    Err(RegisterError::Store(StoreError {
        operation: "register the device",
        cause: Cause::Busy,
        source: "others keep claiming and releasing this device".into(),
    }))
}

/// How often a registration is tried when another one overtakes it. The second
/// attempt nearly always finds the winner's claim and ends.
const ATTEMPTS: usize = 3;

/// What a caller wants to register.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// Serial number.
    pub device: DeviceId,
    /// What the owner calls it.
    pub name: DeviceName,
    /// Model number on its label.
    pub model: ModelNumber,
}

/// A device and its owner.
#[derive(Clone, Debug, PartialEq)]
pub struct Registration {
    /// New for each registration of the same device.
    pub id: RegistrationId,
    /// The owner.
    pub user: UserId,
    /// Serial number.
    pub device: DeviceId,
    /// What the owner calls it.
    pub name: DeviceName,
    /// Model number.
    pub model: ModelNumber,
    /// The product's details, as they were when the device was registered.
    pub details: Map<String, Value>,
    /// How far it has come.
    pub status: Status,
    /// The one certificate that was let in for this registration.
    pub certificate: Option<CertificateId>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When this record last changed.
    pub updated_at: Timestamp,
}

/// How far a registration has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = RegistrationStatus)]
pub enum Status {
    /// The device has not been let in yet.
    Pending,
    /// The device is let in.
    Complete,
    /// The owner has let go of the device.
    Deleted,
}

/// A manufactured product: a row of the Reference table.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    /// Serial number.
    pub device: DeviceId,
    /// Model number.
    pub model: ModelNumber,
    /// Free-form details.
    pub details: Map<String, Value>,
    /// The present owner.
    pub claimed_by: Option<UserId>,
    /// How often the product has been claimed so far.
    pub claims: u64,
}

/// Why a device could not be registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Nobody made such a device.
    #[error(
        "no device `{0}` of model `{1}` was manufactured: compare serial and model number with its label"
    )]
    NotManufactured(DeviceId, ModelNumber),
    /// Somebody has it.
    #[error("device `{0}` is registered already: its owner must delete it first")]
    Taken(DeviceId),
    /// Something we need failed.
    #[error("could not register the device")]
    Store(#[from] StoreError),
}

/// Where manufactured products are listed.
pub trait Products: Sync {
    /// Every row of a serial number, as of now (no older copy).
    fn of_serial(
        &self,
        device: &DeviceId,
    ) -> impl Future<Output = Result<Vec<Product>, StoreError>> + Send;
}

/// The registry of things.
pub trait Things: Sync {
    /// Makes sure that the thing of `device` exists.
    fn create(
        &self,
        device: &DeviceId,
        model: &ModelNumber,
        owner: &UserId,
    ) -> impl Future<Output = Result<Thing, StoreError>> + Send;

    /// Notes on the thing of `device` who has it: the list of devices finds the
    /// connected ones by that. A failure spoils no more than this, so it is
    /// logged and goes no further.
    fn hand_over(&self, device: &DeviceId, owner: &UserId) -> impl Future<Output = ()> + Send;
}

/// A thing that is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Thing {
    /// It names the owner.
    OfOwner,
    /// It is left over from an attempt to register the device that went no
    /// further, perhaps of somebody else.
    OfOther,
}

/// Where registrations live.
pub trait Registrations: Sync {
    /// In one transaction: claims `product` for the owner of `registration`, if
    /// no row in `serial` has changed hands since it was read, and stores
    /// `registration` in place of the owner's deleted one.
    fn claim(
        &self,
        registration: &Registration,
        product: &Product,
        serial: &[Product],
    ) -> impl Future<Output = Result<Claim, StoreError>> + Send;

    /// The registrations of `user` by device id, deleted ones included, after
    /// the device `after`.
    fn of_user(
        &self,
        user: &UserId,
        after: Option<&str>,
        limit: Limit,
    ) -> impl Future<Output = Result<Page<Registration>, StoreError>> + Send;
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Claim {
    /// The product is claimed, the registration stored.
    Done,
    /// The owner has a registration of this device that is not deleted.
    Owned,
    /// Somebody else claimed, or claimed and released, the product in between.
    Overtaken,
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_manufactured_device_is_pending_for_its_first_owner() {
        let world = World::with(&[("SN-1", "T-100")]);
        let registration = world.register("anna", "SN-1", "T-100").await.unwrap();
        assert_eq!(registration.status, Status::Pending);
        assert_eq!(registration.details["color"], "white");
        assert_eq!(world.things(), 1);
    }

    #[tokio::test]
    async fn a_serial_or_model_that_nobody_made_is_refused_without_a_thing() {
        let world = World::with(&[("SN-1", "T-100")]);
        for (serial, model) in [("SN-2", "T-100"), ("SN-1", "T-200")] {
            let error = world.register("anna", serial, model).await.unwrap_err();
            assert!(
                matches!(error, RegisterError::NotManufactured(..)),
                "{error}"
            );
        }
        assert_eq!(world.things(), 0);
    }

    #[tokio::test]
    async fn a_device_has_one_owner_also_when_its_serial_has_two_models() {
        let world = World::with(&[("SN-1", "T-100"), ("SN-1", "T-200")]);
        world.register("anna", "SN-1", "T-100").await.unwrap();
        for (user, model) in [("anna", "T-100"), ("ben", "T-100"), ("ben", "T-200")] {
            let error = world.register(user, "SN-1", model).await.unwrap_err();
            assert!(matches!(error, RegisterError::Taken(_)), "{error}");
        }
    }

    #[tokio::test]
    async fn a_thing_that_was_left_over_is_the_new_owners() {
        for before in [None, Some("anna"), Some("ben")] {
            let world = World::with(&[("SN-1", "T-100")]);
            let before = before.map(|it| UserId::new(it).unwrap());
            *world.thing.lock().unwrap() = before;
            world.register("anna", "SN-1", "T-100").await.unwrap();
            assert_eq!(*world.thing.lock().unwrap(), UserId::new("anna").ok());
        }
    }

    #[tokio::test]
    async fn who_does_not_get_the_device_notes_nothing_on_its_thing() {
        let world = World {
            overtake: 9.into(),
            ..World::with(&[("SN-1", "T-100")])
        };
        *world.thing.lock().unwrap() = UserId::new("ben").ok();
        assert!(world.register("anna", "SN-1", "T-100").await.is_err());
        assert_eq!(*world.thing.lock().unwrap(), UserId::new("ben").ok());
    }

    #[tokio::test]
    async fn who_is_overtaken_looks_again_and_gives_up_in_the_end() {
        let world = World {
            overtake: 1.into(),
            ..World::with(&[("SN-1", "T-100")])
        };
        assert!(world.register("anna", "SN-1", "T-100").await.is_ok());

        let world = World {
            overtake: 9.into(),
            ..World::with(&[("SN-1", "T-100")])
        };
        let error = world.register("anna", "SN-1", "T-100").await.unwrap_err();
        assert!(matches!(
            error,
            RegisterError::Store(StoreError {
                cause: Cause::Busy,
                ..
            })
        ));
    }

    /// The three ports over a list of products.
    struct World {
        products: Mutex<Vec<Product>>,
        things: AtomicUsize,
        /// Who is noted on the thing.
        thing: Mutex<Option<UserId>>,
        /// How many claims are overtaken before one is tried.
        overtake: AtomicUsize,
    }

    impl World {
        fn with(products: &[(&str, &str)]) -> Self {
            let products = products.iter().map(|(serial, model)| Product {
                device: DeviceId::new(*serial).unwrap(),
                model: ModelNumber::new(*model).unwrap(),
                details: Map::from_iter([("color".to_owned(), "white".into())]),
                claimed_by: None,
                claims: 0,
            });
            Self {
                products: Mutex::new(products.collect()),
                things: AtomicUsize::new(0),
                thing: Mutex::default(),
                overtake: AtomicUsize::new(0),
            }
        }

        async fn register(
            &self,
            user: &str,
            serial: &str,
            model: &str,
        ) -> Result<Registration, RegisterError> {
            let wanted = Wanted {
                device: DeviceId::new(serial).unwrap(),
                name: DeviceName::new("Hall").unwrap(),
                model: ModelNumber::new(model).unwrap(),
            };
            let id = RegistrationId(uuid::Uuid::nil());
            let user = UserId::new(user).unwrap();
            register(self, self, self, &user, wanted, id, Timestamp::UNIX_EPOCH).await
        }

        fn things(&self) -> usize {
            self.things.load(Ordering::Relaxed)
        }
    }

    impl Products for World {
        async fn of_serial(&self, device: &DeviceId) -> Result<Vec<Product>, StoreError> {
            let all = self.products.lock().unwrap();
            Ok(all
                .iter()
                .filter(|it| it.device == *device)
                .cloned()
                .collect())
        }
    }

    impl Things for World {
        async fn create(
            &self,
            _: &DeviceId,
            _: &ModelNumber,
            owner: &UserId,
        ) -> Result<Thing, StoreError> {
            self.things.fetch_add(1, Ordering::Relaxed);
            let mut thing = self.thing.lock().unwrap();
            Ok(match thing.get_or_insert_with(|| owner.clone()) == owner {
                true => Thing::OfOwner,
                false => Thing::OfOther,
            })
        }

        async fn hand_over(&self, _: &DeviceId, owner: &UserId) {
            *self.thing.lock().unwrap() = Some(owner.clone());
        }
    }

    impl Registrations for World {
        async fn claim(
            &self,
            registration: &Registration,
            product: &Product,
            _: &[Product],
        ) -> Result<Claim, StoreError> {
            if self.overtake.load(Ordering::Relaxed) > 0 {
                self.overtake.fetch_sub(1, Ordering::Relaxed);
                return Ok(Claim::Overtaken);
            }
            let mut all = self.products.lock().unwrap();
            let row = all
                .iter_mut()
                .find(|it| it.device == product.device && it.model == product.model)
                .unwrap();
            row.claimed_by = Some(registration.user.clone());
            Ok(Claim::Done)
        }

        async fn of_user(
            &self,
            _: &UserId,
            _: Option<&str>,
            _: Limit,
        ) -> Result<Page<Registration>, StoreError> {
            unreachable!("registering lists nothing")
        }
    }
}
