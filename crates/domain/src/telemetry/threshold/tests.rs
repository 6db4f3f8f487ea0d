use proptest::prelude::*;

use super::*;
use crate::model::{EventType, Notice};
use crate::telemetry::FRESH;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Bright over 35, dark under 33, each for 15 minutes.
fn glare() -> Threshold {
    let notice = |event_type| Notice {
        event_type,
        message: None,
        order: None,
    };
    Threshold {
        limits: Limits {
            above: 35.0,
            below: 33.0,
            seconds: 900,
        },
        high: Some(notice(EventType::Warning)),
        low: Some(notice(EventType::Info)),
    }
}

/// What it is, values by minute, and the sides that are told.
type Case<'a> = (&'a str, &'a [(i64, f64)], &'a [(i64, Side)]);

/// The sides that are told for values of these minutes.
fn told(threshold: &Threshold, values: &[(i64, f64)]) -> Vec<(i64, Side)> {
    let (mut state, mut last) = (State::default(), i64::MIN);
    let next = |&(minute, value): &(i64, f64)| {
        let at = minute * MINUTE;
        let crossing = state.next("glare", threshold, last, at, value);
        last = at;
        crossing.map(|it| (it.at / MINUTE, it.to))
    };
    values.iter().filter_map(next).collect()
}

#[test]
fn a_side_is_reached_when_every_value_of_the_time_is_there() {
    use Side::{High, Low};
    let cases: [Case; 12] = [
        ("too short", &[(0, 40.0), (14, 40.0)], &[]),
        ("long enough", &[(0, 40.0), (15, 40.0)], &[(15, High)]),
        ("rare values", &[(0, 40.0), (100, 40.0)], &[(100, High)]),
        (
            "told once",
            &[(0, 40.0), (15, 40.0), (40, 50.0)],
            &[(15, High)],
        ),
        (
            "a dip",
            &[(0, 40.0), (10, 34.0), (15, 40.0), (29, 40.0)],
            &[],
        ),
        ("at the limit", &[(0, 40.0), (10, 35.0), (15, 40.0)], &[]),
        ("what is normal at the start", &[(0, 20.0), (15, 20.0)], &[]),
        (
            "from low",
            &[(0, 20.0), (15, 20.0), (20, 40.0), (35, 40.0)],
            &[(35, High)],
        ),
        (
            "back",
            &[(0, 40.0), (15, 40.0), (20, 20.0), (35, 20.0)],
            &[(15, High), (35, Low)],
        ),
        (
            "not far enough back",
            &[(0, 40.0), (15, 40.0), (20, 34.0), (35, 33.0), (60, 34.0)],
            &[(15, High)],
        ),
        (
            "and up again within the band",
            &[(0, 40.0), (15, 40.0), (20, 34.0), (30, 40.0), (60, 40.0)],
            &[(15, High)],
        ),
        ("silence", &[(0, 40.0), (121, 40.0), (130, 40.0)], &[]),
    ];
    for (name, values, expected) in cases {
        assert_eq!(told(&glare(), values), expected, "{name}");
    }
}

#[test]
fn what_is_alarming_is_told_at_the_start_on_either_side() {
    let mut tank = glare();
    std::mem::swap(&mut tank.high, &mut tank.low);
    assert_eq!(told(&tank, &[(0, 20.0), (15, 20.0)]), [(15, Side::Low)]);
    assert_eq!(told(&tank, &[(0, 40.0), (15, 40.0)]), []);
    // Of a side that the model does not speak of, nothing is.
    tank.low = None;
    assert_eq!(told(&tank, &[(0, 20.0), (15, 20.0)]), []);
}

#[test]
fn a_side_outlives_a_silence_and_a_threshold_that_waits_long_bears_one() {
    let silence = [(0, 40.0), (15, 40.0), (500, 40.0), (600, 40.0)];
    assert_eq!(told(&glare(), &silence), [(15, Side::High)]);
    let mut slow = glare();
    slow.limits.seconds = 86_400;
    assert_eq!(
        told(&slow, &[(0, 40.0), (1_440, 40.0)]),
        [(1_440, Side::High)]
    );
    assert_eq!(told(&slow, &[(0, 40.0), (1_441, 40.0)]), []);
}

#[test]
fn without_a_time_the_first_value_counts() {
    let mut now = glare();
    now.limits.seconds = 0;
    let values = [(0, 40.0), (1, 34.0), (2, 20.0), (3, 40.0)];
    let expected = [(0, Side::High), (2, Side::Low), (3, Side::High)];
    assert_eq!(told(&now, &values), expected);
}

#[test]
fn other_limits_are_another_way_and_another_time_is_not() {
    let mut state = State::default();
    let mut threshold = glare();
    let mut next = |threshold: &Threshold, last: i64, minute: i64| {
        let crossing = state.next("glare", threshold, last * MINUTE, minute * MINUTE, 40.0);
        crossing.map(|it| it.since / MINUTE)
    };
    assert_eq!(next(&threshold, -HOUR, 0), None);
    threshold.limits.above = 38.0;
    assert_eq!(next(&threshold, 0, 14), None);
    assert_eq!(next(&threshold, 14, 20), None, "it began anew at 14");
    // The limit of the other side does not matter, and the time may be over at once.
    threshold.limits.below = 10.0;
    threshold.limits.seconds = 300;
    assert_eq!(next(&threshold, 20, 21), Some(14));
}

proptest! {
    /// Whatever is measured, two changes are apart for longer than the time, each was held
    /// by every value of it, and high and low take turns.
    #[test]
    fn it_never_flaps(
        steps in proptest::collection::vec((1_i64..40, 25.0_f64..45.0), 1..200),
        seconds in 0_u32..3_600,
    ) {
        let mut threshold = glare();
        threshold.limits.seconds = seconds;
        let limits = threshold.limits;
        let (mut state, mut last) = (State::default(), i64::MIN);
        let (mut values, mut sides) = (Vec::new(), Vec::new());
        let mut at = 0;
        for (step, value) in steps {
            at += step * 10_000;
            values.push((at, value));
            if let Some(it) = state.next("glare", &threshold, last, at, value) {
                let span = values.iter().filter(|(time, _)| (it.since..=at).contains(time));
                prop_assert!(span.clone().all(|(_, value)| limits.side(*value) == Some(it.to)));
                prop_assert!(at - it.since >= i64::from(seconds) * 1_000);
                sides.push(it);
            }
            last = at;
        }
        for pair in sides.windows(2) {
            prop_assert_ne!(pair[0].to, pair[1].to);
            prop_assert!(pair[1].since > pair[0].at);
            prop_assert!(pair[1].at - pair[0].at > i64::from(seconds) * 1_000);
        }
    }
}

#[test]
fn a_value_is_fresh_for_longer_than_an_hour() {
    // Who reports every hour is never silent.
    assert!(FRESH > SignedDuration::from_mins(61));
}
