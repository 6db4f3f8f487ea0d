//! What AWS counts: each service rounds up in steps of its own.

/// Bytes of a KB, as AWS meters them.
const KB: u128 = 1024;

/// The month that AWS calculates with, in hours.
pub(super) const MONTH_HOURS: u64 = 730;

/// Messages that one MQTT message, or one call of a rule, is metered as.
#[must_use]
pub(super) fn iot_messages(bytes: u64) -> u128 {
    steps(bytes, 5 * KB)
}

/// Operations that one access to a shadow or the registry is metered as, and
/// updates that one update of the fleet index is.
#[must_use]
pub(super) fn iot_operations(bytes: u64) -> u128 {
    steps(bytes, KB)
}

/// Units of writing one row of a table, or of one of its indexes.
#[must_use]
pub(super) fn write_units(bytes: u64) -> u128 {
    steps(bytes, KB)
}

/// Half units of reading `bytes` by one call: an eventually consistent read
/// costs half of a consistent one. A read that finds nothing counts, too.
#[must_use]
pub(super) fn half_read_units(bytes: u64, consistent: bool) -> u128 {
    steps(bytes, 4 * KB) * if consistent { 2 } else { 1 }
}

/// Requests that a request or answer of an HTTP API is metered as.
#[must_use]
pub(super) fn api_requests(bytes: u64) -> u128 {
    steps(bytes, 512 * KB)
}

/// Requests that one message to a queue, or one publication on an SNS topic, is
/// metered as.
#[must_use]
pub(super) fn queue_requests(bytes: u64) -> u128 {
    steps(bytes, 64 * KB)
}

/// Bytes that one record in a delivery stream is metered as.
#[must_use]
pub(super) fn stream_bytes(bytes: u64) -> u128 {
    steps(bytes, 5 * KB) * 5 * KB
}

/// Milliseconds that a function's time is billed as.
#[must_use]
pub(super) fn function_milliseconds(microseconds: u64) -> u128 {
    steps(microseconds, 1000)
}

/// How many steps of a size cover `amount`; one at least.
fn steps(amount: u64, step: u128) -> u128 {
    u128::from(amount).div_ceil(step).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A rule, the size of its step, and what a step counts as.
    type Rule = (fn(u64) -> u128, u64, u128);

    const RULES: &[Rule] = &[
        (iot_messages, 5_120, 1),
        (iot_operations, 1_024, 1),
        (write_units, 1_024, 1),
        (|it| half_read_units(it, false), 4_096, 1),
        (|it| half_read_units(it, true), 4_096, 2),
        (api_requests, 524_288, 1),
        (queue_requests, 65_536, 1),
        (stream_bytes, 5_120, 5_120),
        (function_milliseconds, 1_000, 1),
    ];

    #[test]
    fn a_step_that_is_begun_counts_as_a_whole_one() {
        for (rule, step, worth) in RULES {
            for (amount, steps) in [
                (0, 1),
                (1, 1),
                (step - 1, 1),
                (*step, 1),
                (step + 1, 2),
                (10 * step, 10),
                (10 * step + 1, 11),
            ] {
                assert_eq!(rule(amount), steps * worth, "{amount} in steps of {step}");
            }
        }
    }

    proptest! {
        #[test]
        fn more_never_counts_less(less in 0..10_000_000_u64, more in 0..10_000_000_u64) {
            for (rule, ..) in RULES {
                prop_assert!(rule(less) <= rule(less + more));
            }
        }

        #[test]
        fn one_message_never_counts_more_than_two_halves(one in 1..5_000_000_u64, other in 1..5_000_000_u64) {
            for (rule, ..) in RULES {
                prop_assert!(rule(one + other) <= rule(one) + rule(other));
            }
        }
    }
}
