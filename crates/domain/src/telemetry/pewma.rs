//! Values that are unlikely after what came before, by the probabilistic
//! exponentially weighted moving average: Carter and Streilein, *Probabilistic
//! reasoning for streaming anomaly detection*, IEEE SSP 2012.
//!
//! The paper keeps s1, the mean, and s2, the mean of squares, and takes s2 − s1²
//! for the variance. Of values that are large beside their spread that leaves no
//! digit, so this keeps mean m and variance v; with weight a and value x,
//! s2 − s1² becomes, exactly, v ← a·(v + (1 − a)·(x − m)²).

use std::f64::consts::{PI, SQRT_2};

use serde::{Deserialize, Serialize};

/// How a series is judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pewma {
    /// Values that are only learned from.
    pub warm_up: u64,
    /// How much of the past a value leaves in place.
    pub alpha: f64,
    /// How much less an unlikely value moves the mean; 0 is the plain
    /// exponentially weighted moving average.
    pub beta: f64,
    /// The density of the normal distribution below which a value is an anomaly.
    pub threshold: f64,
    /// The least deviation: of a sensor whose values are whole degrees, about
    /// half of one. What never changed has no deviation of its own.
    pub resolution: f64,
}

impl Default for Pewma {
    /// The paper's parameters; 0.002 is about 3.3 deviations.
    fn default() -> Self {
        Self {
            warm_up: 30,
            alpha: 0.95,
            beta: 0.5,
            threshold: 0.002,
            resolution: 0.0,
        }
    }
}

/// What is known of a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// Values so far.
    pub count: u64,
    /// Their mean, the recent ones counting more.
    pub mean: f64,
    /// Their variance, likewise.
    pub variance: f64,
}

/// An unlikely value, and what would have been a likely one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anomaly {
    /// The value.
    pub value: f64,
    /// The least that is likely.
    pub lower: f64,
    /// The most that is likely.
    pub upper: f64,
    /// The density at the value, by which it was judged.
    pub probability: f64,
}

impl Pewma {
    /// Judges `value` by what came before, then learns from it.
    ///
    /// A value that is no number (not finite) is none: nothing is learned.
    pub fn next(&self, moments: &mut Moments, value: f64) -> Option<Anomaly> {
        if !value.is_finite() {
            return None;
        }
        moments.count += 1;
        let probability = self.probability(moments, value);
        let learning = moments.count <= self.warm_up;
        let anomaly = (!learning && probability < self.threshold).then(|| {
            let reach = self.reach(moments);
            Anomaly {
                value,
                lower: moments.mean - reach,
                upper: moments.mean + reach,
                probability,
            }
        });
        #[expect(
            clippy::cast_precision_loss,
            reason = "the count is at most that of the warm-up here"
        )]
        let weight = match learning {
            true => 1.0 - 1.0 / moments.count as f64,
            false => self.alpha * (1.0 - self.beta * probability),
        };
        let distance = value - moments.mean;
        moments.variance = weight * (1.0 - weight).mul_add(distance * distance, moments.variance);
        moments.mean += (1.0 - weight) * distance;
        anomaly
    }

    fn deviation(&self, moments: &Moments) -> f64 {
        moments.variance.max(0.0).sqrt().max(self.resolution)
    }

    /// The density of the normal distribution at `value`. Where nothing has ever
    /// deviated, the same again is as likely as can be, and all else impossible.
    fn probability(&self, moments: &Moments, value: f64) -> f64 {
        let most = 1.0 / (2.0 * PI).sqrt();
        let (distance, deviation) = (value - moments.mean, self.deviation(moments));
        if deviation == 0.0 {
            return if distance == 0.0 { most } else { 0.0 };
        }
        let z = distance / deviation;
        most * (-z * z / 2.0).exp()
    }

    /// How far from the mean a value is still likely.
    fn reach(&self, moments: &Moments) -> f64 {
        let most = (2.0 * PI).sqrt() * self.threshold;
        self.deviation(moments) * SQRT_2 * (-most.ln()).max(0.0).sqrt()
    }
}

#[cfg(test)]
mod tests;
