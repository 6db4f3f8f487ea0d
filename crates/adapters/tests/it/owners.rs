//! Who has a device, on a real DynamoDB engine.

use adapters::DynamoOwners;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::table;
use domain::id::{DeviceName, RegistrationId};
use domain::memory::{at, device, user};
use domain::owner::{Owner, Owners};
use uuid::Uuid;

use crate::engine;

#[tokio::test]
async fn the_present_owner_is_found_by_device_and_by_user() {
    let world = World::new().await;
    for status in ["pending", "complete"] {
        world.registered("anna", "SN-1", 1, status).await;
        let owner = Owner {
            user: user("anna"),
            registration: RegistrationId(Uuid::from_u128(1)),
            since: at(7),
            device_name: DeviceName::new("Hall").unwrap(),
        };
        assert_eq!(
            world.of_device("SN-1").await,
            Some(owner.clone()),
            "{status}"
        );
        assert_eq!(world.of_user("anna", "SN-1").await, Some(owner), "{status}");
    }
}

#[tokio::test]
async fn nobody_has_what_was_not_registered() {
    let world = World::new().await;
    world.registered("anna", "SN-1", 1, "complete").await;
    assert_eq!(world.of_device("SN-9").await, None);
    assert_eq!(world.of_user("anna", "SN-9").await, None);
    assert_eq!(world.of_user("bob", "SN-1").await, None);
}

#[tokio::test]
async fn lesson_1_a_deleted_registration_makes_nobody_an_owner() {
    let world = World::new().await;
    world.registered("anna", "SN-1", 1, "deleted").await;
    assert_eq!(world.of_device("SN-1").await, None);
    assert_eq!(world.of_user("anna", "SN-1").await, None);

    world.registered("bob", "SN-1", 2, "complete").await;
    assert_eq!(world.of_device("SN-1").await.unwrap().user, user("bob"));
    assert_eq!(world.of_user("anna", "SN-1").await, None);
}

/// Registrations as rows.
pub(crate) struct World {
    client: Client,
    pub(crate) owners: DynamoOwners,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::over(engine::dynamodb().await)
    }

    pub(crate) fn over(client: Client) -> Self {
        let owners = DynamoOwners::new(client.clone(), table::REGISTRATIONS.into());
        Self { client, owners }
    }

    /// Writes the row of a registration that was made at [`at`]`(7)`.
    pub(crate) async fn registered(&self, name: &str, serial: &str, id: u128, status: &str) {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let mut put = self.client.put_item().table_name(table::REGISTRATIONS);
        for (attribute, value) in [
            (table::USER_ID, name),
            (table::DEVICE_ID, serial),
            ("registrationId", &Uuid::from_u128(id).to_string()),
            ("deviceName", "Hall"),
            ("modelNumber", "T-100"),
            ("status", status),
            ("createdAt", &domain::time::text(at(7))),
            ("updatedAt", &domain::time::text(at(8))),
        ] {
            put = put.item(attribute, text(value));
        }
        if status != "deleted" {
            put = put.item(table::ACTIVE_DEVICE, text(serial));
        }
        put.send().await.unwrap();
    }

    async fn of_device(&self, serial: &str) -> Option<Owner> {
        self.owners.of_device(&device(serial)).await.unwrap()
    }

    async fn of_user(&self, name: &str, serial: &str) -> Option<Owner> {
        self.owners
            .of_user(&user(name), &device(serial))
            .await
            .unwrap()
    }
}
