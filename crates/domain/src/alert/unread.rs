//! The unread alerts of a user, and how many there are.
//!
//! Both cost what is unread and nothing else. They run together with reading
//! the alert level, guessing that it names `error` or `warning`: nearly every
//! level does, and the guess costs no more calls than asking first.

use futures_util::future::{join, try_join_all};

use super::Class;
use crate::event::{Event, EventType, List, Order, Query, Timelines, read_all, step};
use crate::id::{DeviceId, UserId};
use crate::page::{Limit, Page, Walk};
use crate::settings::{Settings, UserSettings};
use crate::store::StoreError;

/// A page of the unread alerts of `user`, newest first; with `device`, of this
/// device only.
///
/// # Errors
///
/// When settings or events cannot be read.
pub async fn page(
    settings: &impl Settings,
    timelines: &impl Timelines,
    user: &UserId,
    device: Option<&DeviceId>,
    limit: Limit,
    after: Option<Order>,
) -> Result<Page<Event>, StoreError> {
    let mut walk = Walk::new(limit, after);
    let guess = Query {
        device,
        ..urgent(user)
    };
    let guesses = [guess];
    let (settings, guessed) = join(settings.of_user(user), step(timelines, &guesses, &walk)).await;
    let settings = settings?.unwrap_or_default();
    let queries: Vec<_> = queries(user, &settings)
        .map(|query| Query { device, ..query })
        .collect();

    let (guessed_right, others): (Vec<Query<'_>>, Vec<_>) =
        queries.iter().partition(|it| it.list == guess.list);
    let mut first = step(timelines, &others, &walk).await?;
    if !guessed_right.is_empty() {
        for mut stretch in guessed? {
            stretch
                .rows
                .retain(|it| settings.alert_level.contains(&it.event.event_type));
            first.push(stretch);
        }
    }
    walk.take(first);
    read_all(timelines, &queries, walk).await
}

/// The number of unread alerts of `user`.
///
/// It is exact up to [`CALLS`] megabytes of unread events, about 10,000 of
/// common size; beyond that it is the number of the newest ones, so that a
/// counter that nobody resets stays cheap.
///
/// # Errors
///
/// When settings or events cannot be read.
pub async fn count(
    settings: &impl Settings,
    timelines: &impl Timelines,
    user: &UserId,
) -> Result<usize, StoreError> {
    let guess = urgent(user);
    let (settings, guessed) = join(settings.of_user(user), total(timelines, guess)).await;
    let settings = settings?.unwrap_or_default();

    let (guessed_right, others): (Vec<_>, Vec<_>) =
        queries(user, &settings).partition(|it| *it == guess);
    let others = try_join_all(others.into_iter().map(|query| total(timelines, query))).await?;
    let guessed = match guessed_right.is_empty() {
        true => 0,
        false => guessed?,
    };
    Ok(guessed + others.iter().sum::<usize>())
}

/// Most calls that count one list; DynamoDB reads 1 MB in each.
const CALLS: usize = 10;

async fn total(timelines: &impl Timelines, query: Query<'_>) -> Result<usize, StoreError> {
    let (mut rows, mut position) = (0, None);
    for _ in 0..CALLS {
        let counted = timelines.count(&query, position.as_ref()).await?;
        rows += counted.rows;
        position = counted.end;
        if position.is_none() {
            break;
        }
    }
    Ok(rows)
}

fn urgent(user: &UserId) -> Query<'_> {
    Query::all(List::Unread(user, Class::Urgent))
}

/// The lists that hold the alerts of `user`. Where the alert level has only a
/// part of a list's class, the rest is filtered out.
fn queries<'a>(user: &'a UserId, settings: &UserSettings) -> impl Iterator<Item = Query<'a>> {
    let level = &settings.alert_level;
    Class::ALL.into_iter().filter_map(move |class| {
        let of_class = |it: &EventType| Class::of(*it) == class;
        let wanted: Vec<EventType> = level.iter().copied().filter(of_class).collect();
        let all = EventType::ALL.iter().filter(|it| of_class(it)).count();
        let event_type = match wanted.as_slice() {
            [] => return None,
            [one] if all > 1 => Some(*one),
            _ => None,
        };
        Some(Query {
            event_type,
            ..Query::all(List::Unread(user, class))
        })
    })
}

#[cfg(test)]
mod tests;
