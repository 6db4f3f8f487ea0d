//! How long to wait before the next attempt.

use std::time::Duration;

use fastrand::Rng;

/// Exponential back-off with full jitter: each wait is drawn evenly between
/// nothing and a bound that doubles from `base` up to `cap`, so that devices
/// which were dropped together do not come back together.
#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    base: Duration,
    cap: Duration,
    attempts: u32,
}

impl Backoff {
    pub(crate) fn new(base: Duration, cap: Duration) -> Self {
        Self {
            base,
            cap,
            attempts: 0,
        }
    }

    /// The next wait; the bound grows with each call until [`reset`](Self::reset).
    pub(crate) fn next(&mut self, rng: &mut Rng) -> Duration {
        let bound = self
            .base
            .saturating_mul(2_u32.saturating_pow(self.attempts))
            .min(self.cap);
        self.attempts = self.attempts.saturating_add(1);
        bound.mul_f64(rng.f64())
    }

    pub(crate) fn reset(&mut self) {
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Duration = Duration::from_millis(500);
    const CAP: Duration = Duration::from_secs(60);

    #[test]
    fn stays_within_a_bound_that_doubles_up_to_the_cap() {
        let bounds = [
            500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
        ];
        for seed in 0..1_000 {
            let mut rng = Rng::with_seed(seed);
            let mut backoff = Backoff::new(BASE, CAP);
            for bound in bounds {
                let wait = backoff.next(&mut rng);
                assert!(
                    wait <= Duration::from_millis(bound),
                    "{wait:?} > {bound} ms"
                );
            }
        }
    }

    #[test]
    fn uses_the_whole_range_below_the_bound() {
        let mut rng = Rng::with_seed(1);
        let waits: Vec<_> = (0..1_000)
            .map(|_| Backoff::new(BASE, CAP).next(&mut rng))
            .collect();
        assert!(waits.iter().any(|wait| *wait < BASE / 10));
        assert!(waits.iter().any(|wait| *wait > BASE * 9 / 10));
    }

    #[test]
    fn never_overflows_however_long_the_broker_is_away() {
        let mut rng = Rng::with_seed(2);
        let mut backoff = Backoff::new(BASE, CAP);
        assert!((0..10_000).all(|_| backoff.next(&mut rng) <= CAP));
    }

    #[test]
    fn starts_again_after_a_reset() {
        let mut rng = Rng::with_seed(3);
        let mut backoff = Backoff::new(BASE, CAP);
        for _ in 0..8 {
            backoff.next(&mut rng);
        }
        backoff.reset();
        assert!(backoff.next(&mut rng) <= BASE);
    }
}
