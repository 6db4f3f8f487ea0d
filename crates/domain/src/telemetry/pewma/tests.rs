use proptest::prelude::*;

use super::*;

/// The recurrences as the paper prints them.
fn published(series: &[f64], pewma: &Pewma) -> Vec<(f64, f64, bool)> {
    let (mut s1, mut s2, mut verdicts) = (0.0_f64, 0.0_f64, Vec::new());
    for (index, x) in series.iter().enumerate() {
        let t = index as f64 + 1.0;
        let d = (s2 - s1 * s1).max(0.0).sqrt();
        let z = if d == 0.0 { 0.0 } else { (x - s1) / d };
        let p = (-z * z / 2.0).exp() / (2.0 * PI).sqrt();
        let warm = t <= pewma.warm_up as f64;
        let a = match warm {
            true => 1.0 - 1.0 / t,
            false => pewma.alpha * (1.0 - pewma.beta * p),
        };
        s1 = a * s1 + (1.0 - a) * x;
        s2 = a * s2 + (1.0 - a) * x * x;
        verdicts.push((s1, s2 - s1 * s1, !warm && p < pewma.threshold));
    }
    verdicts
}

fn run(series: &[f64], pewma: &Pewma) -> Vec<(f64, f64, bool)> {
    let mut moments = Moments::default();
    let step = |x: &f64| {
        let anomaly = pewma.next(&mut moments, *x).is_some();
        (moments.mean, moments.variance, anomaly)
    };
    series.iter().map(step).collect()
}

#[test]
fn it_is_the_published_recurrence() {
    let series = noisy(400, 20.0, &[(100, 9.0), (250, -7.0)]);
    for beta in [0.0, 0.5, 1.0] {
        let pewma = Pewma {
            beta,
            ..Pewma::default()
        };
        let ours = run(&series, &pewma);
        for (index, (ours, theirs)) in ours.iter().zip(published(&series, &pewma)).enumerate() {
            assert!((ours.0 - theirs.0).abs() < 1e-9, "mean at {index}");
            assert!((ours.1 - theirs.1).abs() < 1e-9, "variance at {index}");
            assert_eq!(ours.2, theirs.2, "verdict at {index}");
        }
    }
}

#[test]
fn the_variance_of_large_values_keeps_its_digits() {
    let small = noisy(300, 0.0, &[]);
    let large: Vec<f64> = small.iter().map(|x| x + 1e9).collect();
    let pewma = Pewma::default();
    let (small, large) = (run(&small, &pewma), run(&large, &pewma));
    let (expected, found) = (small[299].1, large[299].1);
    assert!((found / expected - 1.0).abs() < 1e-4, "{found} {expected}");
}

#[test]
fn beta_0_is_the_plain_average() {
    let pewma = Pewma {
        beta: 0.0,
        ..Pewma::default()
    };
    let series = noisy(200, 5.0, &[(150, 50.0)]);
    let mut mean = series[..30].iter().sum::<f64>() / 30.0;
    for (index, x) in series.iter().enumerate().skip(30) {
        mean = 0.95 * mean + 0.05 * x;
        let found = run(&series[..=index], &pewma)[index].0;
        assert!((found - mean).abs() < 1e-9, "{index}");
    }
}

/// In the paper's words the plain average is less influenced the smaller its
/// weight of the past; PEWMA weighs by likelihood instead.
#[test]
fn a_burst_does_not_drag_the_mean() {
    let likely = |beta| {
        let pewma = Pewma {
            // So that likely values move both by the same.
            alpha: 0.99,
            beta,
            ..Pewma::default()
        };
        let burst: Vec<(usize, f64)> = (200..205).map(|at| (at, 40.0)).collect();
        let series = noisy(260, 20.0, &burst);
        let moved = run(&series, &pewma);
        (moved[204].0 - moved[199].0, moved[199].0)
    };
    // As quick as PEWMA is with likely values: 1 − 0.99 · (1 − 0.5 · 0.4).
    let quick = Pewma {
        alpha: 0.8,
        beta: 0.0,
        ..Pewma::default()
    };
    let burst: Vec<(usize, f64)> = (200..205).map(|at| (at, 40.0)).collect();
    let moved = run(&noisy(260, 20.0, &burst), &quick);
    let plain = moved[204].0 - moved[199].0;
    let (probabilistic, before) = likely(0.5);
    assert!((before - 20.0).abs() < 1.0, "{before}");
    assert!(
        probabilistic < plain / 5.0,
        "{probabilistic} is not far less than {plain}"
    );
}

#[test]
fn nothing_is_said_while_it_learns_and_what_is_no_number_is_none() {
    let pewma = Pewma::default();
    let mut moments = Moments::default();
    for index in 0..30 {
        let value = if index % 2 == 0 { 1.0 } else { 1e6 };
        assert_eq!(pewma.next(&mut moments, value), None);
    }
    let before = moments;
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(pewma.next(&mut moments, value), None);
    }
    assert_eq!(moments, before);
}

#[test]
fn constant_data_is_likely_and_the_first_change_of_it_is_not() {
    let pewma = Pewma::default();
    let mut moments = Moments::default();
    for _ in 0..100 {
        assert_eq!(pewma.next(&mut moments, 65.2), None);
    }
    let anomaly = pewma.next(&mut moments, 65.3).unwrap();
    assert_eq!((anomaly.lower, anomaly.upper), (65.2, 65.2));
    assert_eq!(anomaly.probability, 0.0);

    // A sensor that knows whole degrees only.
    let coarse = Pewma {
        resolution: 0.5,
        ..pewma
    };
    let mut moments = Moments::default();
    for _ in 0..100 {
        assert_eq!(coarse.next(&mut moments, 65.0), None);
    }
    assert_eq!(coarse.next(&mut moments, 66.0), None);
    assert!(coarse.next(&mut moments, 68.0).is_some());
}

#[test]
fn an_anomaly_lies_outside_of_its_bounds() {
    let series = noisy(500, 20.0, &[(300, 12.0), (400, -12.0)]);
    let pewma = Pewma::default();
    let mut moments = Moments::default();
    let mut found = 0;
    for x in series {
        if let Some(it) = pewma.next(&mut moments, x) {
            assert!(it.value < it.lower || it.upper < it.value, "{it:?}");
            found += 1;
        }
    }
    assert!(found >= 2);
}

/// How many of the anomalies put into a series are found, and how much of what
/// is found are those: `docs/telemetry.md` shows the numbers.
#[test]
fn known_anomalies_are_found_beside_the_plain_average_and_fixed_bounds() {
    let pewma = Pewma {
        resolution: 1.0,
        ..Pewma::default()
    };
    let plain = Pewma { beta: 0.0, ..pewma };
    let rounded = |(precision, recall): (f64, f64)| {
        [precision, recall].map(|it| (it * 100.0).round() / 100.0)
    };
    // A series that hardly moves, and one that moves faster than the plain average
    // follows: swing, values of a swing, and how far the anomalies are shifted.
    for (swing, length, shift, by_pewma, by_plain, by_bounds) in [
        (6.0, 2_000.0, 9.0, [0.86, 1.0], [0.87, 1.0], [0.97, 0.52]),
        (60.0, 200.0, 30.0, [0.57, 0.68], [1.0, 0.03], [1.0, 0.3]),
    ] {
        let (series, truth) = moving(swing, length, shift);
        let verdicts = |pewma: &Pewma| run(&series, pewma).iter().map(|it| it.2).collect();
        let found = |verdicts: Vec<bool>| rounded(precision_and_recall(&verdicts, &truth));
        assert_eq!(found(verdicts(&pewma)), by_pewma);
        assert_eq!(found(verdicts(&plain)), by_plain);
        // The best bounds that are fixed: those that good values stay within.
        let outside = series.iter().map(|x| (x - 20.0).abs() > swing + 3.0);
        assert_eq!(found(outside.collect()), by_bounds);
    }
}

/// A series that swings around 20, and where it is shifted up or down.
fn moving(swing: f64, length: f64, shift: f64) -> (Vec<f64>, Vec<usize>) {
    let truth: Vec<usize> = (0..60).map(|it| 200 + it * 160 + it % 7).collect();
    let shifted = truth.iter().map(|at| {
        let up = at % 2 == 0;
        (*at, if up { shift } else { -shift })
    });
    let series = noisy(10_000, 20.0, &shifted.collect::<Vec<_>>());
    let swung = series.into_iter().enumerate().map(|(at, x)| {
        let angle = at as f64 * 2.0 * PI / length;
        x + swing * angle.sin()
    });
    (swung.collect(), truth)
}

fn precision_and_recall(verdicts: &[bool], truth: &[usize]) -> (f64, f64) {
    let found = verdicts.iter().filter(|it| **it).count();
    let right = truth.iter().filter(|at| verdicts[**at]).count() as f64;
    (right / found.max(1) as f64, right / truth.len() as f64)
}

proptest! {
    #[test]
    fn whatever_comes_the_moments_stay_numbers(
        series in proptest::collection::vec(-1e12..1e12, 0..200),
        beta in 0.0..=1.0,
    ) {
        let pewma = Pewma { beta, ..Pewma::default() };
        let mut moments = Moments::default();
        for x in series {
            pewma.next(&mut moments, x);
            prop_assert!(moments.mean.is_finite());
            prop_assert!(moments.variance >= 0.0);
        }
    }
}

/// Numbers around `mean` with a deviation of 1, the same each time, and some
/// that are shifted.
fn noisy(length: usize, mean: f64, shifted: &[(usize, f64)]) -> Vec<f64> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut series: Vec<f64> = (0..length)
        // The sum of twelve has a deviation of 1, and is normal enough.
        .map(|_| mean - 6.0 + (0..12).map(|_| uniform()).sum::<f64>())
        .collect();
    for (at, by) in shifted {
        series[*at] += by;
    }
    series
}
