//! A room with a thermostat: what it measures and what it obeys. No clock, no
//! chance and no I/O of its own, so that thousands fit into one process.

use std::fmt;

use fastrand::Rng;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::message::State;

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

/// What the thermostat is switched to.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Power {
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
pub(crate) struct Thermostat {
    power: Power,
    target: f64,
    actual: f64,
    stepped: Timestamp,
}

impl Thermostat {
    /// A room that is being heated from a few degrees below its target.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            power: Power::Heat,
            target: 72.0,
            actual: 65.0,
            stepped: now,
        }
    }

    /// Lets the room warm up or cool down until `now`. A clock that was set
    /// back stops the room for one step.
    pub(crate) fn step(&mut self, now: Timestamp, rng: &mut Rng) {
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

    pub(crate) fn state(&self) -> State {
        State {
            actual_temperature: (self.actual * 10.0).round() / 10.0,
            target_temperature: self.target,
            power_status: self.power,
        }
    }

    /// Does what a command says.
    ///
    /// # Errors
    ///
    /// The reason for whoever sent the command, when this product does not know
    /// it or the value is none that it takes; then nothing has changed.
    pub(crate) fn obey(&mut self, command: &str, value: &Value) -> Result<(), String> {
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
        room.state().actual_temperature
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
            let actual = room.state().actual_temperature;
            assert!((60.0..80.0).contains(&actual), "{actual}");
        }
    }

    fn check(command: &str, value: &Value, expected: Result<(f64, Power), &str>) {
        let mut room = Thermostat::new(Timestamp::UNIX_EPOCH);
        let answer = room.obey(command, value);
        let state = room.state();
        match expected {
            Ok(wanted) => {
                assert_eq!(answer, Ok(()), "{command} {value}");
                assert_eq!((state.target_temperature, state.power_status), wanted);
            }
            Err(reason) => {
                assert_eq!(answer, Err(reason.to_owned()));
                assert_eq!(state, Thermostat::new(Timestamp::UNIX_EPOCH).state());
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
