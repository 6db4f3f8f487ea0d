//! A smart lock on a door that people use.

use fastrand::Rng;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Happening, Product};
use crate::message::EventType;

/// Longest time after which it locks by itself, seconds.
const MAX_AUTO_LOCK: u32 = 600;
/// Mean time until somebody opens or closes the door, seconds.
const DOOR: f64 = 120.0;
/// What a movement of the bolt takes from the battery, and a day of waiting, %.
const MOVEMENT: f64 = 0.01;
const DAY: f64 = 0.1;
/// Below this the owner should know, %.
const LOW: f64 = 15.0;
/// Most beeps.
const MAX_TIMES: u32 = 10;

/// A lock and its door.
#[derive(Clone, Debug)]
pub(super) struct Lock {
    locked: bool,
    /// Full at 100.
    battery: f64,
    /// Since when the door has been closed; `None` while it is open.
    closed: Option<Timestamp>,
    /// Seconds after which a closed door is locked; 0 never does.
    auto_lock: u32,
    stepped: Timestamp,
}

/// The value of `identify`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Beeps {
    times: u32,
    #[serde(default, rename = "loud")]
    _loud: bool,
}

impl Lock {
    /// A closed and locked door.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            locked: true,
            battery: 100.0,
            closed: Some(now),
            auto_lock: 0,
            stepped: now,
        }
    }

    fn turn(&mut self, locked: bool) {
        if self.locked != locked {
            self.locked = locked;
            self.battery = (self.battery - MOVEMENT).max(0.0);
        }
    }

    fn door(&self) -> &'static str {
        match self.closed {
            Some(_) => "closed",
            None => "open",
        }
    }
}

impl Product for Lock {
    fn step(&mut self, now: Timestamp, rng: &mut Rng) {
        let elapsed = now.duration_since(self.stepped).as_secs_f64().max(0.0);
        self.stepped = now;
        self.battery = (self.battery - DAY * elapsed / 86_400.0).max(0.0);
        // A locked door stays as it is.
        if !self.locked && rng.f64() > (-elapsed / DOOR).exp() {
            self.closed = match self.closed {
                Some(_) => None,
                None => Some(now),
            };
        }
        let closed_for = self.closed.map(|since| now.duration_since(since).as_secs());
        if self.auto_lock > 0 && closed_for.is_some_and(|it| it >= i64::from(self.auto_lock)) {
            self.turn(true);
        }
    }

    fn state(&self) -> Map<String, Value> {
        #[expect(clippy::cast_possible_truncation, reason = "0 to 100")]
        let battery = self.battery.ceil() as i64;
        Map::from_iter([
            ("autoLockSeconds".to_owned(), self.auto_lock.into()),
            ("batteryPercent".to_owned(), battery.into()),
            ("doorState".to_owned(), self.door().into()),
            ("locked".to_owned(), self.locked.into()),
        ])
    }

    fn words(&self) -> String {
        let bolt = if self.locked { "locked" } else { "unlocked" };
        let (door, battery) = (self.door(), self.battery.ceil());
        format!("{bolt}, door {door}, battery {battery} %")
    }

    fn obey(&mut self, command: &str, value: &Value) -> Result<(), String> {
        match command {
            "lock" | "unlock" if !value.is_null() => {
                return Err(format!("{command} takes no value, not {value}"));
            }
            "lock" => self.turn(true),
            "unlock" => self.turn(false),
            "set-auto-lock" => {
                self.auto_lock =
                    whole(value)
                        .filter(|it| *it <= MAX_AUTO_LOCK)
                        .ok_or_else(|| {
                            format!("set-auto-lock takes 0 to {MAX_AUTO_LOCK} s, not {value}")
                        })?;
            }
            "identify" => {
                Beeps::deserialize(value)
                    .ok()
                    .filter(|it| (1..=MAX_TIMES).contains(&it.times))
                    .ok_or_else(|| {
                        format!("identify takes `times`, 1 to {MAX_TIMES}, and `loud`, not {value}")
                    })?;
            }
            _ => {
                return Err(format!(
                    "this product takes lock, unlock, set-auto-lock and identify, not `{command}`"
                ));
            }
        }
        Ok(())
    }

    fn command_for(&self, key: &str, value: &Value) -> Option<(&'static str, Value)> {
        match (key, value) {
            ("locked", Value::Bool(true)) => Some(("lock", Value::Null)),
            ("locked", Value::Bool(false)) => Some(("unlock", Value::Null)),
            // What is neither is refused with the reason.
            ("locked", other) => Some(("lock", other.clone())),
            ("autoLockSeconds", seconds) => Some(("set-auto-lock", seconds.clone())),
            _ => None,
        }
    }

    fn is_worth_reporting(&self, last: &Map<String, Value>) -> bool {
        self.state() != *last
    }

    fn happening(&self, kind: EventType, uptime: i64) -> Happening {
        let battery = self.battery.ceil();
        match kind {
            EventType::Error => Happening::new(
                "jammed",
                kind,
                "jammed: the bolt did not move for 2 s",
                json!({ "seconds": 2 }),
            ),
            EventType::Warning => Happening::new(
                "battery-low",
                kind,
                format!("battery at {battery} %: change it below {LOW} %"),
                json!(battery),
            ),
            EventType::Info => Happening::new(
                "unlocked",
                kind,
                format!("the door is {}", self.words()),
                json!(self.locked),
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
        let was_locked = before.get("locked") == Some(&Value::Bool(true));
        (was_locked && !self.locked)
            .then(|| Happening::new("unlocked", EventType::Info, "unlocked", json!(false)))
    }
}

/// A whole number, however it is written: 45 and 45.0 are one.
fn whole(value: &Value) -> Option<u32> {
    let number = value
        .as_f64()
        .filter(|it| it.fract() == 0.0 && *it >= 0.0)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and not negative, and a cast saturates"
    )]
    Some(number as u32)
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;

    use super::*;

    /// The lock after `seconds` steps of one second.
    fn after(mut lock: Lock, seconds: i64, seed: u64) -> Lock {
        let mut rng = Rng::with_seed(seed);
        for second in 1..=seconds {
            lock.step(Timestamp::UNIX_EPOCH + second.seconds(), &mut rng);
        }
        lock
    }

    fn unlocked(auto_lock: u32) -> Lock {
        let mut lock = Lock::new(Timestamp::UNIX_EPOCH);
        lock.turn(false);
        lock.auto_lock = auto_lock;
        lock
    }

    #[test]
    fn a_locked_door_stays_closed_and_another_is_used() {
        let locked = after(Lock::new(Timestamp::UNIX_EPOCH), 3_600, 1);
        assert_eq!((locked.door(), locked.locked), ("closed", true));
        let opened = (0..50).filter(|seed| after(unlocked(0), 300, *seed).door() == "open");
        assert!((10..40).contains(&opened.count()));
    }

    #[test]
    fn it_locks_by_itself_only_where_it_was_told_to() {
        assert!(!after(unlocked(0), 600, 1).locked);
        for seed in 0..20 {
            assert!(!after(unlocked(30), 29, seed).locked);
            let late = after(unlocked(30), 3_600, seed);
            assert!(late.locked && late.door() == "closed");
        }
    }

    #[test]
    fn the_battery_lasts_years_and_never_grows() {
        let lock = after(unlocked(0), 86_400, 1);
        assert!((99.0..100.0).contains(&lock.battery), "{}", lock.battery);
    }

    #[test]
    fn a_clock_that_jumps_does_no_harm() {
        let mut lock = unlocked(30);
        let mut rng = Rng::with_seed(1);
        for jump in [3_600, -7_200, 1_000_000, 0] {
            lock.step(Timestamp::UNIX_EPOCH + jump.seconds(), &mut rng);
            assert!((0.0..=100.0).contains(&lock.battery));
        }
    }

    #[test]
    fn only_unlocking_is_an_event() {
        let locked = Lock::new(Timestamp::UNIX_EPOCH);
        let code = |after: &Lock, before: &Lock| after.change(&before.state()).map(|it| it.code);
        assert_eq!(code(&unlocked(0), &locked), Some("unlocked"));
        assert_eq!(code(&locked, &unlocked(0)), None);
        assert_eq!(code(&unlocked(5), &unlocked(0)), None);
    }
}
