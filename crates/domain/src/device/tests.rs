//! Lists of devices as a reader walks through them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Map;
use uuid::Uuid;

use super::*;
use crate::connectivity::{Connected, Connection};
use crate::id::{DeviceName, ModelNumber, RegistrationId};
use crate::memory::{at, device, user};
use crate::page::{CHUNK, STEPS};

#[tokio::test]
async fn lesson_21_each_of_250_devices_is_on_one_page_and_the_last_page_says_so() {
    let world = World::with(250, |_| Status::Complete);
    let pages = world.pages("100").await;
    let lengths: Vec<_> = pages.iter().map(Vec::len).collect();
    assert_eq!(lengths, [100, 100, 50]);
    let all: Vec<_> = pages.concat();
    let expected: Vec<_> = (0..250).map(|it| format!("SN-{it:04}")).collect();
    assert_eq!(all, expected);
}

#[tokio::test]
async fn deleted_devices_are_not_listed_and_cost_bounded_work() {
    let rare = STEPS * CHUNK + 100;
    let world = World::with(rare + 1, |it| match it == rare {
        true => Status::Pending,
        false => Status::Deleted,
    });
    let first = world.list(None, "20").await;
    let scanned = 21 + SPARE + (STEPS - 1) * CHUNK;
    assert_eq!((first.items.len(), first.scanned), (0, scanned));
    assert_eq!(world.reads.load(Ordering::Relaxed), STEPS);
    assert!(first.next.is_some());
    assert_eq!(world.pages("20").await.concat(), [format!("SN-{rare:04}")]);
}

#[tokio::test]
async fn a_usual_list_takes_one_read() {
    let world = World::with(40, |it| match it % 2 {
        0 => Status::Complete,
        _ => Status::Deleted,
    });
    assert_eq!(world.list(None, "100").await.items.len(), 20);
    assert_eq!(world.reads.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_device_says_whether_it_is_connected_as_far_as_that_is_known() {
    let world = World::with(3, |_| Status::Complete);
    let listed = world.list(None, "20").await;
    let connected: Vec<_> = listed.items.iter().map(|it| it.connected).collect();
    assert_eq!(connected, [Some(true), Some(false), Some(false)]);
    let one = one(&world, &world, &user("anna"), &device("SN-0002")).await;
    assert_eq!(one.unwrap().connected, None);
}

#[tokio::test]
async fn lesson_1_a_device_that_is_deleted_or_of_somebody_else_is_not_there() {
    let world = World::with(2, |it| match it {
        0 => Status::Deleted,
        _ => Status::Complete,
    });
    for (name, serial) in [("anna", "SN-0000"), ("anna", "SN-9"), ("bob", "SN-0001")] {
        let error = one(&world, &world, &user(name), &device(serial)).await;
        assert!(
            matches!(error, Err(OwnedError::NotOwner)),
            "{name} {serial}"
        );
    }
}

/// Anna's devices; the first one is connected, and of one alone nothing is known.
struct World {
    rows: Vec<Registration>,
    reads: AtomicUsize,
}

impl World {
    fn with(number: usize, status: impl Fn(usize) -> Status) -> Self {
        let rows = (0..number).map(|it| Registration {
            id: RegistrationId(Uuid::from_u128(it as u128)),
            user: user("anna"),
            device: device(&format!("SN-{it:04}")),
            name: DeviceName::new("Hall").unwrap(),
            model: ModelNumber::new("T-100").unwrap(),
            details: Map::new(),
            status: status(it),
            certificate: None,
            created_at: at(0),
            updated_at: at(0),
        });
        Self {
            rows: rows.collect(),
            reads: AtomicUsize::new(0),
        }
    }

    async fn list(&self, after: Option<&str>, limit: &str) -> Page<Device> {
        let limit = Limit::parse(Some(limit), 100).unwrap();
        let after = after.map(device);
        list(self, self, &user("anna"), after, limit).await.unwrap()
    }

    /// The ids on each page, from the first to the last.
    async fn pages(&self, limit: &str) -> Vec<Vec<String>> {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let page = self.list(after.as_deref(), limit).await;
            let ids = page
                .items
                .iter()
                .map(|it| it.registration.device.to_string());
            pages.push(ids.collect());
            after = page.next;
            if after.is_none() {
                return pages;
            }
        }
    }
}

impl Devices for World {
    async fn of_user(
        &self,
        user: &UserId,
        after: Option<&DeviceId>,
        most: usize,
    ) -> Result<Stretch<Registration>, StoreError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let rows = self.rows.iter().filter(|it| it.user == *user);
        let rest = rows.filter(|it| after.is_none_or(|after| it.device > *after));
        let read: Vec<_> = rest.take(most).cloned().collect();
        Ok(Stretch {
            scanned: read.len(),
            end: read
                .last()
                .filter(|_| read.len() == most)
                .map(Listed::place),
            rows: read
                .into_iter()
                .filter(|it| it.status != Status::Deleted)
                .collect(),
        })
    }

    async fn get(
        &self,
        user: &UserId,
        device: &DeviceId,
    ) -> Result<Option<Registration>, StoreError> {
        let mut rows = self.rows.iter();
        Ok(rows
            .find(|it| it.user == *user && it.device == *device)
            .cloned())
    }
}

impl Connectivity for World {
    async fn of_device(&self, _: &DeviceId) -> Option<Connection> {
        None
    }

    async fn of_user(&self, _: &UserId) -> Connected {
        Connected {
            devices: BTreeSet::from([device("SN-0000")]),
            complete: true,
        }
    }
}
