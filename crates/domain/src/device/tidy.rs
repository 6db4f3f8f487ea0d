//! What a deleted device leaves in its former owner's list of alerts.

use futures_util::future::try_join_all;
use jiff::Timestamp;

use super::Leftovers;
use crate::event::{Change, List, Query, SingleEvents, Timelines};
use crate::store::StoreError;

/// Suppresses the unread events of a deleted registration, since nobody may
/// acknowledge them any more; returns how many there were.
///
/// It reads the whole history of the registration, so no request waits for
/// it. A call that died half way is finished by the next one.
///
/// # Errors
///
/// When the events cannot be read or changed.
pub async fn tidy(
    events: &(impl Timelines + SingleEvents),
    leftovers: &Leftovers,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let Leftovers {
        user,
        device,
        registration,
        since,
    } = leftovers;
    let query = Query {
        unread: true,
        ..Query::all(List::Device(user, device))
    };
    let (mut suppressed, mut place) = (0, None);
    loop {
        let stretch = events.read(&query, place.as_ref(), CHUNK).await?;
        let rows: Vec<_> = stretch.rows.iter().map(|it| it.event.id).collect();
        for some in rows.chunks(AT_ONCE) {
            let changes = some.iter().map(|id| {
                events.change(
                    user,
                    *registration,
                    device,
                    *id,
                    Change::Suppress(true),
                    now,
                )
            });
            let changed = try_join_all(changes).await?;
            suppressed += changed.into_iter().flatten().count();
        }
        place = stretch.end.filter(|it| !it.is_before(*since));
        if place.is_none() {
            return Ok(suppressed);
        }
    }
}

/// Rows that are read at a time; DynamoDB ends a query at 1 MB anyway.
const CHUNK: usize = 1_000;

/// Writes that are under way at a time.
const AT_ONCE: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Events;
    use crate::id::RegistrationId;
    use crate::memory::{MemoryEvents, at, device, record, user};

    #[tokio::test]
    async fn the_unread_events_of_the_registration_are_suppressed_and_no_other_ones() {
        let events = MemoryEvents::default();
        for number in 0..2_500 {
            let record = record("anna", "SN-1", &format!("m-{number}"), 1_000 + number);
            events.insert(&record).await.unwrap();
        }
        let seen = record("anna", "SN-1", "seen", 4_000);
        events.insert(&seen).await.unwrap();
        events.acknowledge(seen.event.id);
        for (name, serial) in [("anna", "SN-2"), ("bob", "SN-1")] {
            let record = record(name, serial, &format!("of {name} {serial}"), 2_000);
            events.insert(&record).await.unwrap();
        }
        let mut again = record("anna", "SN-1", "registered again", 5_000);
        again.registration = RegistrationId(uuid::Uuid::from_u128(2));
        events.insert(&again).await.unwrap();

        let leftovers = Leftovers {
            user: user("anna"),
            device: device("SN-1"),
            registration: seen.registration,
            since: at(1_000),
        };
        assert_eq!(tidy(&events, &leftovers, at(9_000)).await.unwrap(), 2_500);
        assert_eq!(tidy(&events, &leftovers, at(9_001)).await.unwrap(), 0);
        let unread: Vec<_> = events
            .records()
            .into_iter()
            .filter(|it| it.event.is_unread())
            .map(|it| it.event.message_id.to_string())
            .collect();
        assert_eq!(unread, ["registered again", "of bob SN-1", "of anna SN-2"]);
        let silenced = events.records().into_iter().filter(|it| it.event.suppress);
        assert!(silenced.clone().all(|it| it.event.updated_at == at(9_000)));
        assert_eq!(silenced.count(), 2_500);
    }
}
