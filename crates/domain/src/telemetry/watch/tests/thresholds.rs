//! Thresholds, from values to events and commands.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::command::{Command, Sending};
use crate::event::Event;
use crate::memory::{MemoryCommands, MemoryOwners, MemoryShadows, MemoryTargets, Noted};
use crate::model::Model;

const MINUTE: i64 = 60_000;

#[tokio::test]
async fn what_stays_over_its_limit_is_an_event_and_a_command() {
    let greenhouse = Greenhouse::new();
    greenhouse.lux(&[(0, 40), (10, 41)]).await;
    assert_eq!(greenhouse.told(), Vec::<String>::new());
    let told = greenhouse.lux(&[(16, 42)]).await;
    assert_eq!((told.crossings, told.commands), (1, 1));
    let event = greenhouse.events().remove(0);
    assert_eq!(event.event_type, EventType::Warning);
    assert_eq!(event.message, "It is too bright");
    assert_eq!(event.timestamp, at(16 * MINUTE).as_millisecond());
    assert_eq!(
        Value::Object(event.details.unwrap()),
        json!({
            "code": "threshold", "field": "lux", "name": "glare", "state": "high",
            "value": 42.0, "above": 35.0, "below": 33.0, "seconds": 900,
            "since": at(0).as_millisecond(),
        })
    );
    let command = greenhouse.topic.all().remove(0);
    assert_eq!(command.user, user("anna"));
    assert_eq!(command.value, "closed");
    assert_eq!(command.id.time(), greenhouse.now);
    assert_eq!(command.details.unwrap()["name"], "glare");
    let desired = greenhouse.shadows.state("SN-1");
    assert_eq!(desired, json!({ "screen": "closed" }));

    // The opposite.
    greenhouse.lux(&[(20, 34), (30, 30), (50, 30)]).await;
    assert_eq!(greenhouse.told(), ["high 16", "low 50"]);
    assert_eq!(greenhouse.sent(), ["closed", "open"]);
}

#[tokio::test]
async fn dips_and_short_times_tell_nothing() {
    let greenhouse = Greenhouse::new();
    for minute in 0..60 {
        let value = if minute % 12 == 11 { 35 } else { 60 };
        greenhouse.lux(&[(minute, value)]).await;
    }
    assert_eq!(greenhouse.told(), Vec::<String>::new());
    assert_eq!(greenhouse.sent(), Vec::<String>::new());
}

#[tokio::test]
async fn what_comes_again_or_at_the_same_time_is_one_event_and_one_command() {
    let batch: &[(i64, i64)] = &[(0, 40), (16, 42)];
    let greenhouse = Greenhouse::new();
    *greenhouse.world.overtake.lock().unwrap() = 3;
    for _ in 0..3 {
        greenhouse.lux(batch).await;
    }
    assert_eq!(greenhouse.told(), ["high 16"]);
    assert_eq!(greenhouse.sent(), ["closed"]);
    assert_eq!(greenhouse.commands.all().len(), 1);
}

#[tokio::test]
async fn what_was_not_sent_is_sent_by_the_next_batch_under_its_id() {
    let greenhouse = Greenhouse::new();
    greenhouse.lux(&[(0, 40)]).await;
    // It wrote what it knows, and died before it told.
    let samples = [greenhouse.sample(16, 42.0)];
    let known = greenhouse.world.watch_of("lux");
    let learned = learn(known.told(vec![]), &samples, &Uuid::new_v4, greenhouse.now);
    let owed = learned.owed[0].id;
    greenhouse.world.set("lux", learned);
    greenhouse.lux(&[(17, 42)]).await;
    greenhouse.lux(&[(18, 42)]).await;
    assert_eq!(greenhouse.told(), ["high 16"]);
    let sent = greenhouse.topic.all();
    assert_eq!(sent.iter().map(|it| it.id).collect::<Vec<_>>(), [owed]);
}

#[tokio::test]
async fn what_was_measured_long_ago_is_told_and_orders_nothing_before_it_holds_now() {
    let mut greenhouse = Greenhouse::new();
    greenhouse.now = at(600 * MINUTE);
    greenhouse
        .lux(&[(0, 40), (16, 40), (40, 20), (60, 20), (80, 50), (100, 50)])
        .await;
    assert_eq!(greenhouse.told(), ["high 16", "low 60", "high 100"]);
    assert_eq!(greenhouse.sent(), Vec::<String>::new());
    greenhouse.lux(&[(600, 50)]).await;
    assert_eq!(greenhouse.sent(), ["closed"], "of three the one that holds");
    greenhouse.lux(&[(601, 50)]).await;
    assert_eq!(greenhouse.sent().len(), 1);
}

#[tokio::test]
async fn while_none_can_be_sent_judging_goes_on_and_the_last_one_counts() {
    let mut greenhouse = Greenhouse::new();
    greenhouse.is_down = true;
    let told = greenhouse.lux(&[(0, 40), (16, 42)]).await;
    assert_eq!(
        (told.crossings, told.commands, told.failed.len()),
        (1, 0, 1)
    );
    greenhouse.lux(&[(17, 42)]).await;
    greenhouse.lux(&[(20, 20), (40, 20)]).await;
    assert_eq!(greenhouse.told(), ["high 16", "low 40"]);
    greenhouse.is_down = false;
    // Also by what was delivered before.
    greenhouse.lux(&[(20, 20), (40, 20)]).await;
    assert_eq!(greenhouse.sent(), ["open"]);
    greenhouse.lux(&[(41, 20)]).await;
    assert_eq!(greenhouse.sent(), ["open"]);
}

#[tokio::test]
async fn a_command_that_waited_too_long_is_not_sent() {
    let mut greenhouse = Greenhouse::new();
    greenhouse.lux(&[(0, 40)]).await;
    let known = greenhouse.world.watch_of("lux");
    let samples = [greenhouse.sample(16, 42.0)];
    let learned = learn(known.told(vec![]), &samples, &Uuid::new_v4, greenhouse.now);
    greenhouse.world.set("lux", learned);
    greenhouse.now = greenhouse.now + FRESH + jiff::SignedDuration::from_secs(1);
    greenhouse.lux(&[(17, 42)]).await;
    assert_eq!(greenhouse.told(), ["high 16"]);
    assert_eq!(greenhouse.sent(), Vec::<String>::new());
}

#[tokio::test]
async fn what_the_product_does_not_take_is_said_and_holds_nothing_up() {
    let mut greenhouse = Greenhouse::new();
    greenhouse.model["commands"] = json!({});
    let told = greenhouse.lux(&[(0, 40), (16, 42)]).await;
    assert_eq!(
        told.refused[0].to_string(),
        "this product takes no commands, not `set-screen`"
    );
    assert!(greenhouse.lux(&[(17, 42)]).await.refused.is_empty());
    assert_eq!(greenhouse.told(), ["high 16"]);
}

#[tokio::test]
async fn a_new_owner_begins_anew_and_gets_no_command_of_the_last() {
    let greenhouse = Greenhouse::new();
    greenhouse.lux(&[(0, 40)]).await;
    // Ben has it while Anna's batch is judged.
    greenhouse.owners.register("ben", "SN-1", 2, at(0));
    let told = greenhouse.lux(&[(16, 42)]).await;
    assert_eq!((told.crossings, told.commands), (1, 0));
    let mut of_ben = greenhouse.sample(17, 42.0);
    of_ben.owner = greenhouse.owners.get("SN-1").unwrap();
    greenhouse.judge(vec![of_ben]).await;
    assert_eq!(greenhouse.sent(), Vec::<String>::new());
    assert!(greenhouse.events().iter().all(|it| it.user == user("anna")));
}

#[tokio::test]
async fn what_is_switched_off_is_not_judged_and_begins_anew() {
    let mut greenhouse = Greenhouse::new();
    greenhouse.lux(&[(0, 40)]).await;
    greenhouse.enabled = false;
    greenhouse.lux(&[(10, 40)]).await;
    greenhouse.enabled = true;
    greenhouse.lux(&[(16, 40), (30, 40)]).await;
    assert_eq!(greenhouse.told(), Vec::<String>::new());
    greenhouse.lux(&[(31, 40)]).await;
    assert_eq!(greenhouse.told(), ["high 31"]);
}

#[tokio::test]
async fn nothing_is_written_of_what_is_switched_off_from_the_start() {
    let mut greenhouse = Greenhouse::new();
    greenhouse.enabled = false;
    greenhouse.lux(&[(0, 40)]).await;
    assert!(greenhouse.world.rows.lock().unwrap().is_empty());
}

#[tokio::test]
async fn without_events_or_commands_the_other_is_told() {
    let batch = |it: &Greenhouse| vec![it.sample(0, 40.0), it.sample(16, 40.0)];
    for (events, commands) in [(true, false), (false, true)] {
        let it = Greenhouse::new();
        it.told_by(batch(&it), events, commands).await;
        assert_eq!(it.told().len(), usize::from(events));
        assert_eq!(it.sent().len(), usize::from(commands));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However a series is cut into batches, whatever comes twice, and in whichever order the
    /// values of a batch are: the same is told.
    #[test]
    fn batches_do_not_matter(
        values in proptest::collection::vec((1_i64..8, 25_i64..45), 1..120),
        cuts in proptest::collection::vec((1_usize..10, any::<bool>(), any::<u64>()), 40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut minute = 0;
        let series: Vec<_> = values
            .into_iter()
            .map(|(step, value)| { minute += step; (minute, value) })
            .collect();
        let (one_by_one, batches) = (Greenhouse::new(), Greenhouse::new());
        runtime.block_on(async {
            for value in &series {
                one_by_one.lux(&[*value]).await;
            }
            let mut rest = series.as_slice();
            for (size, again, seed) in cuts.into_iter().cycle() {
                let (batch, left) = rest.split_at(size.min(rest.len()));
                let mut batch = batch.to_vec();
                // Any order will do: it is another one for each seed.
                batch.sort_by_key(|(minute, _)| (*minute as u64).wrapping_mul(seed | 1) >> 7);
                for _ in 0..=usize::from(again) {
                    batches.lux(&batch).await;
                }
                rest = left;
                if rest.is_empty() {
                    break;
                }
            }
        });
        prop_assert_eq!(one_by_one.told(), batches.told());
        prop_assert_eq!(one_by_one.sent().pop(), batches.sent().pop());
        prop_assert_eq!(
            one_by_one.world.watch_of("lux").thresholds,
            batches.world.watch_of("lux").thresholds
        );
    }
}

/// `SN-1` is Anna's greenhouse.
struct Greenhouse {
    world: World,
    owners: MemoryOwners,
    commands: MemoryCommands,
    shadows: MemoryShadows,
    topic: Noted<Command>,
    model: Value,
    enabled: bool,
    /// No command can be sent.
    is_down: bool,
    now: Timestamp,
}

impl Greenhouse {
    fn new() -> Self {
        let notice = |event_type: &str, message: &str, value: &str| {
            json!({
                "type": event_type,
                "message": message,
                "command": { "command": "set-screen", "value": value },
            })
        };
        let glare = json!({
            "above": 35, "below": 33, "seconds": 900,
            "high": notice("warning", "It is too bright", "closed"),
            "low": notice("info", "It is dark again", "open"),
        });
        let it = Self {
            world: World::default(),
            owners: MemoryOwners::default(),
            commands: MemoryCommands::default(),
            shadows: MemoryShadows::default(),
            topic: Noted::default(),
            model: json!({
                "telemetry": { "lux": { "type": "number", "thresholds": { "glare": glare } } },
                "commands": { "set-screen": {
                    "value": { "enum": ["open", "closed"] },
                    "desired": { "screen": "$value" },
                } },
            }),
            enabled: true,
            is_down: false,
            now: at(60 * MINUTE),
        };
        it.owners.register("anna", "SN-1", 1, at(0));
        it
    }

    /// Values of these minutes, in one batch.
    async fn lux(&self, values: &[(i64, i64)]) -> Told {
        let sample = |(minute, value): &(i64, i64)| self.sample(*minute, *value as f64);
        self.judge(values.iter().map(sample).collect()).await
    }

    async fn judge(&self, samples: Vec<Sample>) -> Told {
        self.told_by(samples, true, true).await
    }

    async fn told_by(&self, samples: Vec<Sample>, events: bool, commands: bool) -> Told {
        let details: serde_json::Map<String, Value> = self.model.as_object().unwrap().clone();
        let targets = MemoryTargets {
            owners: &self.owners,
            commands: &self.commands,
            details,
        };
        let sending = Sending {
            targets: &targets,
            commands: &self.commands,
            shadows: &self.shadows,
            topic: &self.topic,
        };
        let line = Line {
            sending,
            is_down: self.is_down,
        };
        let reach = Reach {
            events: events.then_some((&self.world.events, &self.world)),
            orders: commands.then_some(&line),
        };
        let outcomes = watch(&self.world, reach, samples, Uuid::new_v4, self.now).await;
        let mut told = Told::default();
        for it in outcomes {
            told += it.unwrap();
        }
        told
    }

    fn sample(&self, minute: i64, value: f64) -> Sample {
        let model = Model::of(self.model.as_object().unwrap()).unwrap();
        let mut rules = Rules {
            anomalies: None,
            thresholds: model.telemetry["lux"].thresholds.clone(),
        };
        if !self.enabled {
            rules.thresholds.clear();
        }
        Sample {
            field: "lux".to_owned(),
            rules: Arc::new(rules),
            at: at(minute * MINUTE),
            value,
            ..super::sample(0, 0.0)
        }
    }

    fn events(&self) -> Vec<Event> {
        let mut events: Vec<_> = self
            .world
            .events
            .records()
            .into_iter()
            .map(|it| it.event)
            .collect();
        events.sort_by_key(|it| it.timestamp);
        events
    }

    /// State and minute of each event.
    fn told(&self) -> Vec<String> {
        let line = |it: Event| {
            let minute = (it.timestamp - at(0).as_millisecond()) / MINUTE;
            format!(
                "{} {minute}",
                it.details.unwrap()["state"].as_str().unwrap()
            )
        };
        self.events().into_iter().map(line).collect()
    }

    /// The value of each command that was published.
    fn sent(&self) -> Vec<String> {
        let sent = self.topic.all().into_iter();
        sent.map(|it| it.value.as_str().unwrap().to_owned())
            .collect()
    }
}

/// A way to devices that may be down.
struct Line<O> {
    sending: O,
    is_down: bool,
}

impl<O: Orders> Orders for Line<O> {
    async fn order(
        &self,
        owner: &Owner,
        device: &DeviceId,
        wanted: Wanted,
        id: CommandId,
        now: Timestamp,
    ) -> Result<Ordered, StoreError> {
        if self.is_down {
            return Err(StoreError {
                operation: "send a command",
                cause: Cause::Busy,
                source: "the line is down".into(),
            });
        }
        self.sending.order(owner, device, wanted, id, now).await
    }
}

impl World {
    fn watch_of(&self, field: &str) -> Watch {
        let series = Series::of(RegistrationId(Uuid::from_u128(1)), field).to_string();
        self.rows.lock().unwrap()[&series].clone()
    }

    fn set(&self, field: &str, watch: Watch) {
        let series = Series::of(RegistrationId(Uuid::from_u128(1)), field).to_string();
        self.rows.lock().unwrap().insert(series, watch);
    }
}
