//! A room with a thermostat: what it measures and what it obeys.

use std::fmt;

use fastrand::Rng;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Happening, Product};
use crate::message::EventType;

/// Targets that are taken, °F.
const MIN_TARGET: f64 = 50.0;
const MAX_TARGET: f64 = 110.0;
/// Where the room goes when nothing heats or cools it, °F.
const OUTSIDE: f64 = 68.0;
/// Seconds after which 63 % of a difference are gone: with the machine on, and
/// without it.
const DRIVEN: f64 = 45.0;
const IDLE: f64 = 600.0;
/// Largest error of one reading, °F.
const NOISE: f64 = 0.2;
/// Change of the measured temperature that is worth a shadow update, °F.
const WORTH_REPORTING: f64 = 1.0;

/// Fields of telemetry, and keys of the shadow.
const ACTUAL: &str = "actualTemperature";
const TARGET: &str = "targetTemperature";
const POWER: &str = "powerStatus";

/// What the thermostat is switched to.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Power {
    Heat,
    Ac,
    Off,
}

impl fmt::Display for Power {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Heat => "HEAT",
            Self::Ac => "AC",
            Self::Off => "OFF",
        })
    }
}

/// One thermostat and the room it is in.
#[derive(Clone, Debug)]
pub(super) struct Thermostat {
    power: Power,
    target: f64,
    actual: f64,
    stepped: Timestamp,
}

impl Thermostat {
    /// A room that is being heated from a few degrees below its target.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            power: Power::Heat,
            target: 72.0,
            actual: 65.0,
            stepped: now,
        }
    }

    /// °F, one decimal.
    fn measured(&self) -> f64 {
        (self.actual * 10.0).round() / 10.0
    }
}

impl Product for Thermostat {
    fn step(&mut self, now: Timestamp, rng: &mut Rng) {
        let elapsed = now.duration_since(self.stepped).as_secs_f64().max(0.0);
        self.stepped = now;
        let drives = match self.power {
            Power::Heat => self.actual < self.target,
            Power::Ac => self.actual > self.target,
            Power::Off => false,
        };
        let (goal, time) = if drives {
            (self.target, DRIVEN)
        } else {
            (OUTSIDE, IDLE)
        };
        self.actual += (goal - self.actual) * (1.0 - (-elapsed / time).exp());
        self.actual += NOISE * (2.0 * rng.f64() - 1.0);
    }

    fn state(&self) -> Map<String, Value> {
        Map::from_iter([
            (ACTUAL.to_owned(), self.measured().into()),
            (TARGET.to_owned(), self.target.into()),
            (POWER.to_owned(), json!(self.power)),
        ])
    }

    fn words(&self) -> String {
        let (actual, target, power) = (self.actual, self.target, self.power);
        format!("{actual:.1} °F, target {target} °F, {power}")
    }

    fn obey(&mut self, command: &str, value: &Value) -> Result<(), String> {
        match command {
            "set-temp" => {
                self.target = value
                    .as_f64()
                    .filter(|target| (MIN_TARGET..=MAX_TARGET).contains(target))
                    .ok_or_else(|| {
                        format!("set-temp takes {MIN_TARGET} to {MAX_TARGET} °F, not {value}")
                    })?;
            }
            "set-mode" => {
                self.power = Power::deserialize(value)
                    .map_err(|_| format!("set-mode takes HEAT, AC or OFF, not {value}"))?;
            }
            _ => {
                return Err(format!(
                    "this product takes set-temp and set-mode, not `{command}`"
                ));
            }
        }
        Ok(())
    }

    fn command_for(&self, key: &str, value: &Value) -> Option<(&'static str, Value)> {
        match key {
            POWER => Some(("set-mode", value.clone())),
            TARGET => Some(("set-temp", value.clone())),
            _ => None,
        }
    }

    fn is_worth_reporting(&self, last: &Map<String, Value>) -> bool {
        let state = self.state();
        let was = last.get(ACTUAL).and_then(Value::as_f64);
        was.is_none_or(|it| (self.measured() - it).abs() >= WORTH_REPORTING)
            || [TARGET, POWER]
                .iter()
                .any(|it| state.get(*it) != last.get(*it))
    }

    fn happening(&self, kind: EventType, uptime: i64) -> Happening {
        let (actual, target) = (self.measured(), self.target);
        match kind {
            EventType::Error => Happening::new(
                "sensor-fault",
                kind,
                "sensor fault: no reading for 3 s",
                json!({ "seconds": 3 }),
            ),
            EventType::Warning => {
                let (code, what) = match actual > target {
                    true => ("too-hot", "too hot"),
                    false => ("too-cold", "too cold"),
                };
                let message = format!("{what}: {actual:.1} °F, target {target} °F");
                Happening::new(code, kind, message, json!(actual))
            }
            EventType::Info => Happening::new(
                "mode-changed",
                kind,
                format!("mode is {}", self.power),
                json!(self.power),
            ),
            EventType::Diagnostic => Happening::new(
                "self-test",
                kind,
                "self-test passed",
                json!({ "uptimeSeconds": uptime }),
            ),
        }
    }

    fn change(&self, before: &Map<String, Value>) -> Option<Happening> {
        let was = before
            .get(POWER)
            .and_then(|it| Power::deserialize(it).ok())?;
        (was != self.power).then(|| {
            let message = format!("mode changed from {was} to {}", self.power);
            Happening::new("mode-changed", EventType::Info, message, json!(self.power))
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use serde_json::json;

    use super::*;

    fn after_ten_minutes(power: Power, from: f64, target: f64, seed: u64) -> f64 {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut room = Thermostat {
            power,
            target,
            actual: from,
            stepped: now,
        };
        let mut rng = Rng::with_seed(seed);
        for _ in 0..120 {
            now += 5.seconds();
            room.step(now, &mut rng);
        }
        room.measured()
    }

    #[test]
    fn goes_where_its_mode_drives_it_and_stays_there() {
        // mode, from, target, ends within
        let cases = [
            (Power::Heat, 55.0, 75.0, 73.0..77.0),
            (Power::Heat, 65.0, 110.0, 106.0..112.0),
            (Power::Ac, 90.0, 60.0, 58.0..62.0),
            // It cannot cool by heating, nor heat by cooling.
            (Power::Heat, 90.0, 60.0, 68.0..84.0),
            (Power::Ac, 55.0, 75.0, 57.0..68.0),
            (Power::Off, 90.0, 72.0, 68.0..84.0),
            (Power::Off, 50.0, 72.0, 53.0..68.0),
        ];
        for seed in 0..20 {
            for (power, from, target, within) in cases.clone() {
                let actual = after_ten_minutes(power, from, target, seed);
                assert!(
                    within.contains(&actual),
                    "{power} {from} → {target}: {actual}"
                );
            }
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_room() {
        let run = || after_ten_minutes(Power::Heat, 60.0, 72.0, 7);
        assert!((run() - run()).abs() < f64::EPSILON);
    }

    #[test]
    fn a_clock_that_jumps_does_no_harm() {
        let mut room = Thermostat::new(Timestamp::UNIX_EPOCH);
        let mut rng = Rng::with_seed(1);
        for jump in [3_600, -7_200, 1_000_000, 0] {
            room.step(Timestamp::UNIX_EPOCH + jump.seconds(), &mut rng);
            let actual = room.measured();
            assert!((60.0..80.0).contains(&actual), "{actual}");
        }
    }

    fn check(command: &str, value: &Value, expected: Result<(f64, Power), &str>) {
        let mut room = Thermostat::new(Timestamp::UNIX_EPOCH);
        let answer = room.obey(command, value);
        match expected {
            Ok(wanted) => {
                assert_eq!(answer, Ok(()), "{command} {value}");
                assert_eq!((room.target, room.power), wanted);
            }
            Err(reason) => {
                assert_eq!(answer, Err(reason.to_owned()));
                assert_eq!(room.state(), Thermostat::new(Timestamp::UNIX_EPOCH).state());
            }
        }
    }

    #[test]
    fn obeys_valid_commands() {
        check("set-temp", &json!(50), Ok((50.0, Power::Heat)));
        check("set-temp", &json!(71.5), Ok((71.5, Power::Heat)));
        check("set-temp", &json!(110), Ok((110.0, Power::Heat)));
        check("set-mode", &json!("AC"), Ok((72.0, Power::Ac)));
        check("set-mode", &json!("OFF"), Ok((72.0, Power::Off)));
    }

    #[test]
    fn refuses_other_commands_with_the_reason() {
        check(
            "set-temp",
            &json!(49.9),
            Err("set-temp takes 50 to 110 °F, not 49.9"),
        );
        check(
            "set-temp",
            &json!(111),
            Err("set-temp takes 50 to 110 °F, not 111"),
        );
        check(
            "set-temp",
            &json!("72"),
            Err("set-temp takes 50 to 110 °F, not \"72\""),
        );
        check(
            "set-temp",
            &Value::Null,
            Err("set-temp takes 50 to 110 °F, not null"),
        );
        check(
            "set-mode",
            &json!("heat"),
            Err("set-mode takes HEAT, AC or OFF, not \"heat\""),
        );
        check(
            "set-mode",
            &json!(1),
            Err("set-mode takes HEAT, AC or OFF, not 1"),
        );
        check(
            "explode",
            &json!(1),
            Err("this product takes set-temp and set-mode, not `explode`"),
        );
        check(
            "",
            &json!(1),
            Err("this product takes set-temp and set-mode, not ``"),
        );
    }
}
