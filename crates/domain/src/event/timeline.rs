//! Reading events: pages of lists that may be long, filtered or several.

use futures_util::future::{join, try_join_all};
use jiff::Timestamp;

use super::{Event, Order, Owner, Owners, Record};
use crate::alert::Class;
use crate::id::{DeviceId, RegistrationId, UserId};
use crate::page::{Limit, Page};
use crate::settings::EventType;
use crate::store::StoreError;

/// A page of the events of all devices that `user` has or had, newest first;
/// with `device`, of this one only.
///
/// A device that is not the user's has no events in the user's lists, so it
/// needs no check of ownership.
///
/// # Errors
///
/// When the events cannot be read.
pub async fn of_user(
    timelines: &impl Timelines,
    user: &UserId,
    device: Option<&DeviceId>,
    event_type: Option<EventType>,
    limit: Limit,
    after: Option<Order>,
) -> Result<Page<Event>, StoreError> {
    let list = device.map_or(List::User(user), |device| List::Device(user, device));
    let queries = [Query {
        event_type,
        ..Query::all(list)
    }];
    let walk = Walk::new(limit, after);
    read_all(timelines, &queries, walk).await
}

/// A page of the events of `device` since `user` registered it, newest first.
///
/// # Errors
///
/// - [`OfDeviceError::NotOwner`] when the device is not the user's now.
/// - [`OfDeviceError::Store`] when ownership or events cannot be read.
pub async fn of_device(
    owners: &impl Owners,
    timelines: &impl Timelines,
    user: &UserId,
    device: &DeviceId,
    event_type: Option<EventType>,
    limit: Limit,
    after: Option<Order>,
) -> Result<Page<Event>, OfDeviceError> {
    let queries = [Query {
        event_type,
        ..Query::all(List::Device(user, device))
    }];
    let mut walk = Walk::new(limit, after);

    let (owner, first) = join(owners.of_user(user, device), walk.step(timelines, &queries)).await;
    let owner = owner?.ok_or(OfDeviceError::NotOwner)?;
    walk.only(&owner);
    walk.take(first?);
    Ok(read_all(timelines, &queries, walk).await?)
}

/// Why there is no page of a device's events.
#[derive(Debug, thiserror::Error)]
pub enum OfDeviceError {
    /// There is no such device, or it is somebody else's; a caller learns not which.
    #[error("the caller has no such device")]
    NotOwner,
    /// A port failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Rows of events in lists, newest first.
///
/// Implementations pass the suite in `adapters/tests/it/events.rs`.
pub trait Timelines: Sync {
    /// Up to `most` rows of `query`'s list that come after `after`, without
    /// those that its filters hold back. One call, which may end early.
    fn read(
        &self,
        query: &Query<'_>,
        after: Option<&Order>,
        most: usize,
    ) -> impl Future<Output = Result<Stretch, StoreError>> + Send;

    /// The number of rows that `query` finds after `after`. One call, which
    /// may end early.
    fn count(
        &self,
        query: &Query<'_>,
        after: Option<&Order>,
    ) -> impl Future<Output = Result<Counted, StoreError>> + Send;
}

/// A list and what of it is wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Query<'a> {
    /// The list.
    pub list: List<'a>,
    /// Only events of this device.
    pub device: Option<&'a DeviceId>,
    /// Only events of this type.
    pub event_type: Option<EventType>,
}

impl<'a> Query<'a> {
    /// Everything in `list`.
    #[must_use]
    pub fn all(list: List<'a>) -> Self {
        Self {
            list,
            device: None,
            event_type: None,
        }
    }

    /// Whether the list holds more than what is wanted.
    fn is_filtered(&self) -> bool {
        self.device.is_some() || self.event_type.is_some()
    }
}

/// A list of events that is stored as one. Each begins with the owner.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum List<'a> {
    /// What a device reported while it was the user's.
    Device(&'a UserId, &'a DeviceId),
    /// What all devices of a user reported.
    User(&'a UserId),
    /// What of it is unread, of one class.
    Unread(&'a UserId, Class),
}

/// Rows that follow each other in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// The rows, newest first.
    pub rows: Vec<Record>,
    /// How many were read for them.
    pub scanned: usize,
    /// The place of the last one that was read; `None` at the end of the list.
    pub end: Option<Order>,
}

/// A number of rows that follow each other in a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Counted {
    /// How many.
    pub rows: usize,
    /// The place of the last one that was read; `None` at the end of the list.
    pub end: Option<Order>,
}

/// Most steps of one request. With [`CHUNK`] this bounds the rows that a rare
/// filter makes it read; without a filter a step ends early only at DynamoDB's
/// 1 MB, and a page of 100 of the largest events takes four of those.
const STEPS: usize = 5;

/// Rows that one step reads of each list where a filter drops some of them.
const CHUNK: usize = 200;

/// Finishes `walk` over the lists of `queries`, merged newest first.
pub(crate) async fn read_all(
    timelines: &impl Timelines,
    queries: &[Query<'_>],
    mut walk: Walk,
) -> Result<Page<Event>, StoreError> {
    while walk.goes_on() {
        let stretches = walk.step(timelines, queries).await?;
        walk.take(stretches);
    }
    Ok(walk.page())
}

/// A page in the making: one position in all of its lists, moved step by step.
#[derive(Debug)]
pub(crate) struct Walk {
    limit: usize,
    /// Where the next step starts.
    position: Option<Order>,
    steps: usize,
    found: Vec<Record>,
    scanned: usize,
    /// Whether there may be rows after `position`.
    more: bool,
    only: Option<(RegistrationId, Timestamp)>,
}

impl Walk {
    pub(crate) fn new(limit: Limit, after: Option<Order>) -> Self {
        Self {
            limit: limit.rows(),
            position: after,
            steps: 0,
            found: Vec::new(),
            scanned: 0,
            more: true,
            only: None,
        }
    }

    /// Leaves out what did not come under `owner`'s registration.
    fn only(&mut self, owner: &Owner) {
        self.only = Some((owner.registration, owner.since));
    }

    fn goes_on(&self) -> bool {
        self.more && self.found.len() < self.limit && self.steps < STEPS
    }

    /// Reads the next rows of each list, together.
    pub(crate) async fn step(
        &self,
        timelines: &impl Timelines,
        queries: &[Query<'_>],
    ) -> Result<Vec<Stretch>, StoreError> {
        // One more than the page needs tells whether it is the last one.
        let needed = self.limit + 1 - self.found.len();
        try_join_all(queries.iter().map(|query| {
            let most = if query.is_filtered() {
                needed.max(CHUNK)
            } else {
                needed
            };
            timelines.read(query, self.position.as_ref(), most)
        }))
        .await
    }

    /// Adds what a step has read.
    pub(crate) fn take(&mut self, stretches: Vec<Stretch>) {
        self.steps += 1;
        self.scanned += stretches.iter().map(|it| it.scanned).sum::<usize>();

        // Further down, a list that was not read to its end may hold rows that
        // come between those of the others: these are read again by the next step.
        self.position = stretches.iter().filter_map(|it| it.end.clone()).max();
        self.more = self.position.is_some();

        let rows = stretches.into_iter().flat_map(|it| it.rows);
        let mut rows: Vec<_> = rows.map(|it| (it.event.order(), it)).collect();
        rows.sort_by(|(one, _), (other, _)| other.cmp(one));
        rows.retain(|(order, _)| self.position.as_ref().is_none_or(|end| order >= end));

        if let Some((registration, since)) = self.only {
            rows.retain(|(_, row)| row.registration == registration);
            // What comes after is older than the registration.
            self.more &= !self.position.as_ref().is_some_and(|it| it.is_before(since));
        }
        self.found.extend(rows.into_iter().map(|(_, row)| row));
    }

    fn page(mut self) -> Page<Event> {
        let surplus = self.found.len().saturating_sub(self.limit);
        self.found.truncate(self.limit);
        let next = match surplus {
            0 => self.position.filter(|_| self.more),
            _ => self.found.last().map(|it| it.event.order()),
        };
        Page {
            items: self.found.into_iter().map(|it| it.event).collect(),
            scanned: self.scanned - surplus,
            next: next.map(|it| it.as_str().to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
