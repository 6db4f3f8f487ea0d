//! Reading events: pages of lists that may be long, filtered or several.

use futures_util::future::{join, try_join_all};

use super::{Event, Order, Record};
use crate::alert::Class;
use crate::id::{DeviceId, UserId};
use crate::owner::{OwnedError, Owners};
use crate::page::{Limit, Page, Stretch, Walk};
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
/// - [`OwnedError::NotOwner`] when the device is not the user's now.
/// - [`OwnedError::Store`] when ownership or events cannot be read.
pub async fn of_device(
    owners: &impl Owners,
    timelines: &impl Timelines,
    user: &UserId,
    device: &DeviceId,
    event_type: Option<EventType>,
    limit: Limit,
    after: Option<Order>,
) -> Result<Page<Event>, OwnedError> {
    let queries = [Query {
        event_type,
        ..Query::all(List::Device(user, device))
    }];
    let mut walk = Walk::new(limit, after);

    let (owner, first) = join(
        owners.of_user(user, device),
        step(timelines, &queries, &walk),
    )
    .await;
    let owner = owner?.ok_or(OwnedError::NotOwner)?;
    walk.only(&owner);
    walk.take(first?);
    Ok(read_all(timelines, &queries, walk).await?)
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
    ) -> impl Future<Output = Result<Stretch<Record>, StoreError>> + Send;

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
    /// Only events that are unread.
    pub unread: bool,
}

impl<'a> Query<'a> {
    /// Everything in `list`.
    #[must_use]
    pub fn all(list: List<'a>) -> Self {
        Self {
            list,
            device: None,
            event_type: None,
            unread: false,
        }
    }

    /// Whether the list holds more than what is wanted.
    fn is_filtered(&self) -> bool {
        self.device.is_some() || self.event_type.is_some() || self.unread
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

/// A number of rows that follow each other in a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Counted {
    /// How many.
    pub rows: usize,
    /// The place of the last one that was read; `None` at the end of the list.
    pub end: Option<Order>,
}

/// Finishes `walk` over the lists of `queries`, merged newest first.
pub(crate) async fn read_all(
    timelines: &impl Timelines,
    queries: &[Query<'_>],
    mut walk: Walk<Record>,
) -> Result<Page<Event>, StoreError> {
    while walk.goes_on() {
        let stretches = step(timelines, queries, &walk).await?;
        walk.take(stretches);
    }
    Ok(walk.page().map(|it| it.event))
}

/// Reads the next rows of each list, together.
pub(crate) async fn step(
    timelines: &impl Timelines,
    queries: &[Query<'_>],
    walk: &Walk<Record>,
) -> Result<Vec<Stretch<Record>>, StoreError> {
    let next = |query| timelines.read(query, walk.place(), walk.most(query.is_filtered()));
    try_join_all(queries.iter().map(next)).await
}

#[cfg(test)]
mod tests;
