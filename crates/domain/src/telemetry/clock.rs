//! When something was measured, by a clock that may be wrong.

use jiff::{SignedDuration, Timestamp};

/// How long a device may keep what it measured while it is offline.
pub const EARLIEST: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How far a device's clock may be ahead of the broker's.
pub const LATEST: SignedDuration = SignedDuration::from_mins(5);

/// When something was measured, and who says so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Moment {
    /// The time.
    pub time: Timestamp,
    /// Whether it is the device's; the broker's otherwise.
    pub by_device: bool,
}

impl Moment {
    /// The device's `timestamp`, epoch milliseconds, of a message that the broker
    /// had at `received`. Without one, and where it lies outside of [`EARLIEST`]
    /// and [`LATEST`], the device's clock is not set, and the broker's counts.
    #[must_use]
    pub fn of(timestamp: Option<i64>, received: Timestamp) -> Self {
        let told = timestamp.and_then(|it| Timestamp::from_millisecond(it).ok());
        let told = told.filter(|it| {
            let age = received.duration_since(*it);
            -LATEST <= age && age <= EARLIEST
        });
        Self {
            time: told.unwrap_or(received),
            by_device: told.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::at;

    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;

    #[test]
    fn a_clock_that_is_wrong_does_not_count() {
        let received = at(0);
        let now = received.as_millisecond();
        for (told, by_device) in [
            (Some(now), true),
            (Some(now - 1), true),
            (Some(now - 30 * DAY), true),
            (Some(now - 30 * DAY - 1), false),
            (Some(now + 5 * MINUTE), true),
            (Some(now + 5 * MINUTE + 1), false),
            (Some(0), false),
            (Some(i64::MAX), false),
            (Some(i64::MIN), false),
            (None, false),
        ] {
            let expected = if by_device { told.unwrap() } else { now };
            let moment = Moment::of(told, received);
            assert_eq!(moment.time.as_millisecond(), expected, "{told:?}");
            assert_eq!(moment.by_device, by_device, "{told:?}");
        }
    }
}
