//! Reading a page of lists that may be long, filtered, or several.

use jiff::Timestamp;

use super::{Limit, Page};
use crate::id::RegistrationId;
use crate::owner::Owner;

/// A row of a list.
pub trait Listed {
    /// Its place in the list. No two rows share one, and a later row has a
    /// smaller one, so that a list can be continued after any of them.
    type Place: Clone + Ord;

    /// Where it is.
    fn place(&self) -> Self::Place;

    /// The place as a page key holds it.
    fn text(place: &Self::Place) -> String;
}

/// A row of a list that goes on from one owner's time to another's.
pub trait Owned: Listed {
    /// The registration that it came under.
    fn registration(&self) -> RegistrationId;

    /// Whether what is at `place` came before `time`.
    fn is_before(place: &Self::Place, time: Timestamp) -> bool;
}

/// Rows that follow each other in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch<R: Listed> {
    /// The rows, in the list's order.
    pub rows: Vec<R>,
    /// How many were read for them.
    pub scanned: usize,
    /// The place of the last one that was read; `None` at the end of the list.
    pub end: Option<R::Place>,
}

/// Most steps of one request. With [`CHUNK`] this bounds the rows that a rare
/// filter makes it read; without a filter a step ends early only at DynamoDB's
/// 1 MB, and a page of 100 of the largest events takes four of those.
pub(crate) const STEPS: usize = 5;

/// Rows that one step reads of each list where a filter drops some of them.
pub(crate) const CHUNK: usize = 200;

/// A page in the making: one place in all of its lists, moved step by step.
pub(crate) struct Walk<R: Listed> {
    limit: usize,
    /// Where the next step starts.
    place: Option<R::Place>,
    steps: usize,
    found: Vec<R>,
    scanned: usize,
    /// Whether there may be rows after `place`.
    more: bool,
    only: Option<Only<R>>,
}

/// Leaves rows out, and says where the rest of a list holds no other ones.
struct Only<R: Listed> {
    keeps: Test<R>,
    ends: Test<R::Place>,
}

type Test<T> = Box<dyn Fn(&T) -> bool + Send + Sync>;

impl<R: Listed> Walk<R> {
    pub(crate) fn new(limit: Limit, after: Option<R::Place>) -> Self {
        Self {
            limit: limit.rows(),
            place: after,
            steps: 0,
            found: Vec::new(),
            scanned: 0,
            more: true,
            only: None,
        }
    }

    /// Leaves out what did not come under `owner`'s registration.
    pub(crate) fn only(&mut self, owner: &Owner)
    where
        R: Owned,
    {
        let (registration, since) = (owner.registration, owner.since);
        self.only = Some(Only {
            keeps: Box::new(move |row| row.registration() == registration),
            ends: Box::new(move |place| R::is_before(place, since)),
        });
    }

    /// Whether another step may find rows that the page lacks, or the one more
    /// that tells that it is not the last one.
    pub(crate) fn goes_on(&self) -> bool {
        self.more && self.found.len() <= self.limit && self.steps < STEPS
    }

    /// Where the next step starts to read.
    pub(crate) fn place(&self) -> Option<&R::Place> {
        self.place.as_ref()
    }

    /// How many rows the next step reads of a list, at most.
    pub(crate) fn most(&self, filtered: bool) -> usize {
        // One more than the page needs tells whether it is the last one.
        let needed = self.limit + 1 - self.found.len();
        if filtered { needed.max(CHUNK) } else { needed }
    }

    /// Adds what a step has read, one stretch of each list.
    pub(crate) fn take(&mut self, stretches: impl IntoIterator<Item = Stretch<R>>) {
        self.steps += 1;

        // Further down, a list that was not read to its end may hold rows that
        // come between those of the others: these are read again by the next step.
        let mut end = None;
        let mut rows = Vec::new();
        for stretch in stretches {
            self.scanned += stretch.scanned;
            end = end.max(stretch.end);
            rows.extend(stretch.rows.into_iter().map(|it| (it.place(), it)));
        }
        rows.sort_by(|(one, _), (other, _)| other.cmp(one));
        rows.retain(|(place, _)| end.as_ref().is_none_or(|end| place >= end));

        self.more = end.is_some();
        if let Some(only) = &self.only {
            rows.retain(|(_, row)| (only.keeps)(row));
            self.more &= !end.as_ref().is_some_and(&only.ends);
        }
        self.place = end;
        self.found.extend(rows.into_iter().map(|(_, row)| row));
    }

    pub(crate) fn page(mut self) -> Page<R> {
        let surplus = self.found.len().saturating_sub(self.limit);
        self.found.truncate(self.limit);
        let next = match surplus {
            0 => self.place.filter(|_| self.more),
            _ => self.found.last().map(Listed::place),
        };
        Page {
            items: self.found,
            scanned: self.scanned - surplus,
            next: next.as_ref().map(R::text),
        }
    }
}
