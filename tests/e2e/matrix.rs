//! Who gets what answer: every operation, for a device of each relation to the caller.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use contract::route;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Answer, MODEL, Owner, Stack, eventually, serial};
use tokio::try_join;

use Expected::{Absent, Denied, Done, Listed, Missing, Stranger, Taken};

/// What the caller's device is to the caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Relation {
    /// The caller's since it was made.
    Own,
    /// The caller's, and another user's before; rows are asked for by the ids of that time.
    TakenOver,
    /// Another user's.
    Others,
    /// The caller's once, another user's now; rows are asked for by the ids of both times.
    Lost,
    /// Manufactured, and registered by nobody.
    Nobodys,
    /// The caller's once, nobody's now.
    Deleted,
}

/// The columns of [`MATRIX`].
const RELATIONS: [Relation; 6] = [
    Relation::Own,
    Relation::TakenOver,
    Relation::Others,
    Relation::Lost,
    Relation::Nobodys,
    Relation::Deleted,
];

/// What the answer must be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Expected {
    /// 200.
    Done,
    /// 200, and something of the device is in it.
    Listed,
    /// 200, and nothing of the device is in it.
    Absent,
    /// To the byte what a device that was never made is answered.
    Stranger,
    /// 400 under this name: the device is the caller's, what is asked for is not.
    Missing(&'static str),
    /// 401, to the byte what a setting that nobody has is answered.
    Denied,
    /// 409.
    Taken,
}

const EVENT: Expected = Missing("MissingEvent");
const THRESHOLD: Expected = Missing("MissingThreshold");
const COMMAND: Expected = Missing("MissingCommand");

/// Another user's device is answered as one that does not exist, except where it
/// is registered: there the contract wants a 409.
#[rustfmt::skip]
const MATRIX: &[(&str, [Expected; 6])] = &[
    //                         own     taken over another's lost      nobody's  deleted
    (route::SETTING_GET,       [Done,   Done,     Denied,   Denied,   Denied,   Denied]),
    (route::SETTING_PUT,       [Done,   Done,     Denied,   Denied,   Denied,   Denied]),
    (route::REGISTRATION_LIST, [Listed, Listed,   Absent,   Listed,   Absent,   Listed]),
    (route::REGISTRATION_CREATE, [Taken, Taken,   Taken,    Taken,    Done,     Done]),
    (route::DEVICE_LIST,       [Listed, Listed,   Absent,   Absent,   Absent,   Absent]),
    (route::DEVICE_GET,        [Listed, Listed,   Stranger, Stranger, Stranger, Stranger]),
    (route::DEVICE_DELETE,     [Done,   Done,     Stranger, Stranger, Stranger, Stranger]),
    (route::THRESHOLD_LIST,    [Listed, Listed,   Stranger, Stranger, Stranger, Stranger]),
    // The tests' own product has none.
    (route::THRESHOLD_PUT,     [THRESHOLD, THRESHOLD, Stranger, Stranger, Stranger, Stranger]),
    (route::COMMAND_LIST,      [Listed, Absent,   Stranger, Stranger, Stranger, Stranger]),
    (route::COMMAND_CREATE,    [Listed, Listed,   Stranger, Stranger, Stranger, Stranger]),
    (route::COMMAND_GET,       [Listed, COMMAND,  Stranger, Stranger, Stranger, Stranger]),
    // What was the caller's stays in the caller's own history, and is no alert any more.
    (route::EVENTS_OF_USER,    [Listed, Absent,   Absent,   Listed,   Absent,   Listed]),
    (route::ALERTS,            [Listed, Absent,   Absent,   Absent,   Absent,   Absent]),
    (route::ALERTS_COUNT,      [Done,   Done,     Done,     Done,     Done,     Done]),
    (route::EVENTS_OF_DEVICE,  [Listed, Absent,   Stranger, Stranger, Stranger, Stranger]),
    (route::EVENT_GET,         [Listed, EVENT,    Stranger, Stranger, Stranger, Stranger]),
    (route::EVENT_UPDATE,      [Listed, EVENT,    Stranger, Stranger, Stranger, Stranger]),
    (route::STATUS_GET,        [Done,   Done,     Stranger, Stranger, Stranger, Stranger]),
    (route::HISTORY_GET,       [Done,   Done,     Stranger, Stranger, Stranger, Stranger]),
    (route::LIVE,              [Done,   Done,     Stranger, Stranger, Stranger, Stranger]),
];

#[test]
fn every_operation_has_a_row_and_only_one() {
    let rows: BTreeSet<_> = MATRIX.iter().map(|it| it.0).collect();
    let routes: BTreeSet<_> = route::ALL.iter().map(|it| it.key).collect();
    assert_eq!(rows, routes);
    assert_eq!(rows.len(), MATRIX.len());
}

#[tokio::test]
async fn every_operation_answers_as_the_relation_to_the_device_says() -> Result<()> {
    let stack = Stack::connect().await?;
    // What takes or gives a device away has a world of its own.
    let (shared, registering, deleting) =
        try_join!(World::new(&stack), World::new(&stack), World::new(&stack))?;
    for (key, row) in MATRIX {
        let world = match *key {
            route::REGISTRATION_CREATE => &registering,
            route::DEVICE_DELETE => &deleting,
            _ => &shared,
        };
        for (relation, expected) in RELATIONS.iter().zip(row) {
            for known in world.known(*relation) {
                world
                    .check(key, known, *expected)
                    .await
                    .with_context(|| format!("{key}, a device that is {relation:?}"))?;
            }
        }
    }
    Ok(())
}

/// Two users, and a device of each relation to the first of them.
struct World<'a> {
    stack: &'a Stack,
    caller: Owner,
    other: Owner,
    known: Vec<(Relation, Known)>,
}

/// What somebody may know of a device.
#[derive(Clone, Debug)]
struct Known {
    device: String,
    /// Whose setting to ask for: the present owner's.
    setting: String,
    event: String,
    command: String,
}

impl<'a> World<'a> {
    async fn new(stack: &'a Stack) -> Result<Self> {
        let (caller, other) = try_join!(stack.owner(), stack.owner())?;
        let mut known = Vec::new();
        for relation in RELATIONS {
            let turns: &[&Owner] = match relation {
                Relation::Own | Relation::Deleted => &[&caller],
                Relation::TakenOver => &[&other, &caller],
                Relation::Others => &[&other],
                Relation::Lost => &[&caller, &other],
                Relation::Nobodys => &[],
            };
            for it in past(stack, relation, turns).await? {
                known.push((relation, it));
            }
        }
        // What was unread of a deleted device is cleared behind the answer.
        eventually("the one alert that is left", async || {
            let count = stack.api(&caller).read("/devices/alerts/count").await?;
            Ok((count == json!({"alertsCount": 1})).then_some(()))
        })
        .await?;
        Ok(Self {
            stack,
            known,
            other: other.clone(),
            caller: caller.clone(),
        })
    }

    fn known(&self, relation: Relation) -> impl Iterator<Item = &Known> {
        self.known
            .iter()
            .filter(move |it| it.0 == relation)
            .map(|it| &it.1)
    }

    async fn check(&self, key: &str, known: &Known, expected: Expected) -> Result<()> {
        let answer = self.ask(key, known).await?;
        let what = format!("{key}: {}", answer.text);
        // Nobody ever sees a row of somebody else.
        for theirs in [&self.other.id, &self.other.email] {
            assert!(!answer.text.contains(theirs), "{what}");
        }
        match expected {
            Done => assert_eq!(answer.status, 200, "{what}"),
            Listed => assert!(
                answer.status == 200 && names(&answer.body, &known.device),
                "{what}"
            ),
            Absent => assert!(
                answer.status == 200 && !names(&answer.body, &known.device),
                "{what}"
            ),
            Missing(error) => assert_eq!(answer.error(), (400, error), "{what}"),
            Taken => assert_eq!(answer.error(), (409, "DeviceRegisteredFailure"), "{what}"),
            Stranger => {
                assert_eq!(answer.error(), (400, "DeviceNotFoundFailure"), "{what}");
                let nothing = Known::nothing();
                assert_eq!(
                    answer.comparable(),
                    self.ask(key, &nothing).await?.comparable()
                );
            }
            Denied => {
                assert_eq!(answer.error(), (401, "AccessDeniedException"), "{what}");
                let nothing = Known::nothing();
                assert_eq!(
                    answer.comparable(),
                    self.ask(key, &nothing).await?.comparable()
                );
            }
        }
        Ok(())
    }

    async fn ask(&self, key: &str, known: &Known) -> Result<Answer> {
        let (method, path) = key.split_once(' ').context("a route key")?;
        let path = path
            .replace("{deviceId}", &known.device)
            .replace("{settingId}", &known.setting)
            .replace("{eventId}", &known.event)
            .replace("{commandId}", &known.command)
            .replace("{field}", "lux")
            .replace("{name}", "glare");
        let path = match key {
            route::LIVE => format!("{path}?deviceId={}", known.device),
            _ => path,
        };
        let body = match key {
            route::SETTING_PUT => {
                Some(json!({"setting": {"alertLevel": ["error"], "sendNotification": false}}))
            }
            route::REGISTRATION_CREATE => {
                Some(json!({"deviceId": known.device, "deviceName": "Hall", "modelNumber": MODEL}))
            }
            route::COMMAND_CREATE => Some(json!({"command": "set-mode", "value": "OFF"})),
            route::EVENT_UPDATE => Some(json!({"ack": false})),
            route::THRESHOLD_PUT => Some(json!({"enabled": false})),
            _ => None,
        };
        let method: Method = method.parse()?;
        let body = body.map(|it| it.to_string().into_bytes());
        self.stack.api(&self.caller).send(method, &path, body).await
    }
}

impl Known {
    /// Well-formed ids of what never was.
    fn nothing() -> Self {
        let id = || "018f2a3e-7c1d-7b5a-9e6f-3d2c1b0a9f8e".to_owned();
        Self {
            device: serial(),
            setting: id(),
            event: id(),
            command: id(),
        }
    }
}

/// A device that has been each owner's in turn; what a user of each time knows of it.
async fn past(stack: &Stack, relation: Relation, owners: &[&Owner]) -> Result<Vec<Known>> {
    let device = serial();
    stack.add_product(&device).await?;
    let path = format!("/devices/{device}");
    let mut known = Vec::new();
    for (turn, owner) in owners.iter().enumerate() {
        let api = stack.api(owner);
        if let Some(before) = turn.checked_sub(1) {
            stack.api(owners[before]).delete(&path).await?.ok()?;
        }
        api.register(&device).await?.ok()?;
        // Who took a device over has said and heard nothing yet.
        if relation == Relation::TakenOver && turn == 1 {
            break;
        }
        let message = json!({"type": "error", "messageId": "m-1"}).to_string();
        let event = Stack::rule_event(&device, message.as_bytes());
        stack.call("event-proxy", &event).await?;
        let events = api.read(&format!("{path}/events")).await?;
        let body = json!({"command": "set-mode", "value": "HEAT"});
        let command = api.post(&format!("{path}/commands"), &body).await?.ok()?;
        known.push(Known {
            device: device.clone(),
            event: text(&events["items"][0]["id"])?,
            command: text(&command["commandId"])?,
            ..Known::nothing()
        });
    }
    if known.is_empty() {
        known.push(Known {
            device,
            ..Known::nothing()
        });
    }
    match (relation, owners.last()) {
        (Relation::Deleted, Some(owner)) => {
            stack.api(owner).delete(&path).await?.ok()?;
        }
        (_, Some(owner)) => known
            .iter_mut()
            .for_each(|it| it.setting = owner.id.clone()),
        (_, None) => {}
    }
    Ok(known)
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().context("a text")?.to_owned())
}

/// Whether `value` holds a row of `device`.
fn names(value: &Value, device: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|it| names(it, device)),
        Value::Object(fields) => {
            fields.get("deviceId").is_some_and(|it| it == device)
                || fields.values().any(|it| names(it, device))
        }
        _ => false,
    }
}
