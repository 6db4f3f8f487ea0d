//! Units of measurement, and what the same is in SI.

/// How a value in one unit becomes one in SI: `value * factor + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// The SI unit, °C for temperatures.
    pub si: &'static str,
    factor: f64,
    offset: f64,
}

impl Unit {
    /// `value` in SI.
    #[must_use]
    pub fn convert(self, value: f64) -> f64 {
        value.mul_add(self.factor, self.offset)
    }
}

/// The units that have a twin, by the name in a product model. What is an SI
/// unit already, °C included, has none.
///
/// Factors: NIST Special Publication 811, appendix B.8.
const UNITS: &[(&str, Unit)] = &[
    ("°F", Unit::new("°C", 5.0 / 9.0, -160.0 / 9.0)),
    ("K", Unit::new("°C", 1.0, -273.15)),
    ("psi", Unit::new("Pa", 6_894.757, 0.0)),
    ("bar", Unit::new("Pa", 1e5, 0.0)),
    ("mbar", Unit::new("Pa", 100.0, 0.0)),
    ("atm", Unit::new("Pa", 101_325.0, 0.0)),
    ("mmHg", Unit::new("Pa", 133.322_4, 0.0)),
    ("inHg", Unit::new("Pa", 3_386.389, 0.0)),
    ("in", Unit::new("m", 0.025_4, 0.0)),
    ("ft", Unit::new("m", 0.304_8, 0.0)),
    ("yd", Unit::new("m", 0.914_4, 0.0)),
    ("mi", Unit::new("m", 1_609.344, 0.0)),
    ("mph", Unit::new("m/s", 0.447_04, 0.0)),
    ("km/h", Unit::new("m/s", 1.0 / 3.6, 0.0)),
    ("kn", Unit::new("m/s", 1_852.0 / 3_600.0, 0.0)),
    ("lb", Unit::new("kg", 0.453_592_37, 0.0)),
    ("oz", Unit::new("kg", 0.028_349_523_125, 0.0)),
    ("gal", Unit::new("m³", 0.003_785_411_784, 0.0)),
    ("l", Unit::new("m³", 0.001, 0.0)),
    ("gpm", Unit::new("m³/s", 0.003_785_411_784 / 60.0, 0.0)),
    ("Wh", Unit::new("J", 3_600.0, 0.0)),
    ("kWh", Unit::new("J", 3.6e6, 0.0)),
    ("BTU", Unit::new("J", 1_055.056, 0.0)),
    ("hp", Unit::new("W", 745.699_9, 0.0)),
    ("min", Unit::new("s", 60.0, 0.0)),
    ("h", Unit::new("s", 3_600.0, 0.0)),
];

impl Unit {
    const fn new(si: &'static str, factor: f64, offset: f64) -> Self {
        Self { si, factor, offset }
    }
}

/// What a value in `unit` is in SI; `None` where it is the same, or where
/// nothing is known of the unit.
#[must_use]
pub fn twin_of(unit: &str) -> Option<Unit> {
    let found = UNITS.iter().find(|(name, _)| *name == unit);
    found.map(|(_, unit)| *unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_become_si() {
        for (value, unit, expected, si) in [
            (32.0, "°F", 0.0, "°C"),
            (212.0, "°F", 100.0, "°C"),
            (-40.0, "°F", -40.0, "°C"),
            (0.0, "K", -273.15, "°C"),
            (1.0, "bar", 100_000.0, "Pa"),
            (29.92, "inHg", 101_320.758_88, "Pa"),
            (1.0, "mi", 1_609.344, "m"),
            (36.0, "km/h", 10.0, "m/s"),
            (1.0, "kWh", 3_600_000.0, "J"),
        ] {
            let twin = twin_of(unit).unwrap();
            assert_eq!(twin.si, si);
            let found = twin.convert(value);
            assert!((found - expected).abs() < 1e-6, "{value} {unit}: {found}");
        }
    }

    #[test]
    fn what_is_si_already_or_unknown_has_no_twin() {
        for unit in ["°C", "m", "Pa", "%", "lux", "f", "", "°f"] {
            assert_eq!(twin_of(unit), None, "{unit}");
        }
    }

    #[test]
    fn a_unit_stands_in_the_table_once() {
        for (index, (name, _)) in UNITS.iter().enumerate() {
            assert!(!UNITS[..index].iter().any(|(other, _)| other == name));
        }
    }

    proptest! {
        #[test]
        fn more_stays_more(one in -1e6..1e6, other in -1e6..1e6) {
            for (name, unit) in UNITS {
                let (one, other): (f64, f64) = (one, other);
                if one < other - 1e-3 {
                    prop_assert!(unit.convert(one) < unit.convert(other), "{}", name);
                }
            }
        }
    }
}
