//! What runs on the device: turns time and incoming messages into outgoing
//! ones. No I/O; `now` and chance are arguments.

use std::collections::VecDeque;

use fastrand::Rng;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::message::{
    Command, Event, EventType, Kind, Outcome, Publication, Response, Shadow, State, Telemetry,
};
use crate::thermostat::Thermostat;
use crate::topics::Topics;

/// Change of the measured temperature that is worth a shadow update, °F.
const WORTH_REPORTING: f64 = 1.0;
/// Answers that are remembered.
const ANSWERS: usize = 32;
/// Which command brings about a key of the shadow's desired state.
const COMMAND_OF: [(&str, &str); 2] = [
    ("powerStatus", "set-mode"),
    ("targetTemperature", "set-temp"),
];

/// The firmware of one thermostat.
#[derive(Debug)]
pub(crate) struct Firmware {
    topics: Topics,
    model: String,
    started: Timestamp,
    thermostat: Thermostat,
    /// What the shadow holds as far as the device knows.
    reported: Option<State>,
    /// Version of the newest desired state seen: older ones come too late.
    shadow_version: i64,
    /// Why parts of the desired state are not adopted, told once.
    refused: Vec<String>,
    /// The newest answers: a command may be delivered twice, and must not be
    /// done a second time after a newer one.
    answers: VecDeque<Response>,
}

/// What the firmware does about a message.
#[derive(Debug, Default)]
pub(crate) struct Reaction {
    pub(crate) publications: Vec<Publication>,
    /// What happened, for whoever watches.
    pub(crate) notes: Vec<String>,
}

impl Firmware {
    pub(crate) fn new(topics: Topics, model: String, now: Timestamp) -> Self {
        Self {
            topics,
            model,
            started: now,
            thermostat: Thermostat::new(now),
            reported: None,
            shadow_version: 0,
            refused: vec![],
            answers: VecDeque::with_capacity(ANSWERS),
        }
    }

    pub(crate) fn topics(&self) -> &Topics {
        &self.topics
    }

    /// What the device asks once it listens on a new connection: the state that
    /// the cloud wants. What it reported on the last one may be lost.
    pub(crate) fn connected(&mut self) -> Publication {
        self.reported = None;
        Publication {
            topic: self.topics.shadow_get.clone(),
            payload: vec![],
            kind: Kind::Shadow,
        }
    }

    /// Measures; reports the shadow as well where it has changed.
    pub(crate) fn measure(&mut self, now: Timestamp, rng: &mut Rng) -> Reaction {
        self.thermostat.step(now, rng);
        let state = self.thermostat.state();
        let telemetry = Telemetry {
            timestamp: now.as_millisecond(),
            state,
        };
        let mut reaction = Reaction {
            publications: vec![publication(
                &self.topics.telemetry,
                Kind::Telemetry,
                &telemetry,
            )],
            notes: vec![format!(
                "telemetry: {:.1} °F, target {} °F, {}",
                state.actual_temperature, state.target_temperature, state.power_status
            )],
        };
        self.report(&mut reaction);
        reaction
    }

    /// Lets something of `kind` happen.
    pub(crate) fn happen(&self, kind: EventType, now: Timestamp, rng: &mut Rng) -> Reaction {
        let state = self.thermostat.state();
        let (actual, target) = (state.actual_temperature, state.target_temperature);
        let (message, value) = match kind {
            EventType::Error => (
                "sensor fault: no reading for 3 s".to_owned(),
                json!({ "seconds": 3 }),
            ),
            EventType::Warning => {
                let what = if actual > target {
                    "too hot"
                } else {
                    "too cold"
                };
                (
                    format!("{what}: {actual:.1} °F, target {target} °F"),
                    json!(actual),
                )
            }
            EventType::Info => (
                format!("mode is {}", state.power_status),
                json!(state.power_status),
            ),
            EventType::Diagnostic => {
                let uptime = now.duration_since(self.started).as_secs();
                (
                    "self-test passed".to_owned(),
                    json!({ "uptimeSeconds": uptime }),
                )
            }
        };
        let mut reaction = Reaction::default();
        self.event(kind, message, value, now, rng, &mut reaction);
        reaction
    }

    /// Takes a message from the broker. One that makes no sense is noted and
    /// otherwise ignored.
    pub(crate) fn receive(
        &mut self,
        topic: &str,
        payload: &[u8],
        now: Timestamp,
        rng: &mut Rng,
    ) -> Reaction {
        let mut reaction = Reaction::default();
        let before = self.thermostat.state().power_status;
        if topic == self.topics.command {
            self.command(payload, &mut reaction);
        } else if topic == self.topics.delta {
            self.delta(payload, &mut reaction);
        } else if topic == Topics::accepted(&self.topics.shadow_get) {
            self.desired(payload, &mut reaction);
        } else if topic == Topics::rejected(&self.topics.shadow_update) {
            reaction.note(format!(
                "shadow update rejected: {}",
                String::from_utf8_lossy(payload)
            ));
        }
        let after = self.thermostat.state().power_status;
        if before != after {
            let message = format!("mode changed from {before} to {after}");
            self.event(
                EventType::Info,
                message,
                json!(after),
                now,
                rng,
                &mut reaction,
            );
        }
        reaction
    }

    fn command(&mut self, payload: &[u8], reaction: &mut Reaction) {
        let command: Command = match serde_json::from_slice(payload) {
            Ok(command) => command,
            Err(error) => return reaction.note(format!("ignored a command that is none: {error}")),
        };
        if let Some(known) = self
            .answers
            .iter()
            .find(|it| it.command_id == command.command_id)
        {
            reaction.note(format!("command {} came again", command.command_id));
            return reaction.publish(publication(&self.topics.response, Kind::Response, known));
        }
        let (status, reason) = match self.thermostat.obey(&command.command, &command.value) {
            Ok(()) => (Outcome::Success, None),
            Err(reason) => (Outcome::Failed, Some(reason)),
        };
        reaction.note(match &reason {
            None => format!("command {} {}: done", command.command, command.value),
            Some(reason) => format!("command refused: {reason}"),
        });
        let response = Response {
            command_id: command.command_id,
            status,
            reason,
        };
        reaction.publish(publication(
            &self.topics.response,
            Kind::Response,
            &response,
        ));
        self.answers.truncate(ANSWERS - 1);
        self.answers.push_front(response);
        self.report(reaction);
    }

    /// A desired state that differs from the reported one.
    fn delta(&mut self, payload: &[u8], reaction: &mut Reaction) {
        match serde_json::from_slice::<Shadow>(payload) {
            // Deliveries may overtake one another.
            Ok(shadow) if shadow.version <= self.shadow_version => {}
            Ok(shadow) => {
                self.shadow_version = shadow.version;
                self.adopt(&shadow.state, reaction);
            }
            Err(error) => reaction.note(format!("ignored a shadow delta that is none: {error}")),
        }
    }

    /// The whole shadow, asked for on connecting.
    fn desired(&mut self, payload: &[u8], reaction: &mut Reaction) {
        match serde_json::from_slice::<Shadow>(payload) {
            Ok(shadow) => {
                self.shadow_version = shadow.version;
                if let Some(Value::Object(desired)) = shadow.state.get("desired") {
                    self.adopt(desired, reaction);
                }
            }
            Err(error) => reaction.note(format!("ignored a shadow that is none: {error}")),
        }
    }

    /// Does what the desired state says, as far as it is valid.
    fn adopt(&mut self, desired: &Map<String, Value>, reaction: &mut Reaction) {
        let before = self.thermostat.state();
        let mut refused = vec![];
        for (key, command) in COMMAND_OF {
            if let Some(value) = desired.get(key)
                && let Err(reason) = self.thermostat.obey(command, value)
            {
                refused.push(reason);
            }
        }
        // An invalid desired state comes back with each report.
        if refused != self.refused {
            for reason in &refused {
                reaction.note(format!("desired state refused: {reason}"));
            }
            self.refused = refused;
        }
        let state = self.thermostat.state();
        if state != before {
            reaction.note(format!(
                "desired state adopted: target {} °F, {}",
                state.target_temperature, state.power_status
            ));
        }
        self.report(reaction);
    }

    /// Reports the state to the shadow where it is not what the shadow holds.
    fn report(&mut self, reaction: &mut Reaction) {
        let state = self.thermostat.state();
        if self
            .reported
            .is_some_and(|last| !worth_reporting(last, state))
        {
            return;
        }
        self.reported = Some(state);
        let update = json!({ "state": { "reported": state } });
        reaction.publish(publication(
            &self.topics.shadow_update,
            Kind::Shadow,
            &update,
        ));
    }

    fn event(
        &self,
        kind: EventType,
        message: String,
        value: Value,
        now: Timestamp,
        rng: &mut Rng,
        reaction: &mut Reaction,
    ) {
        let random: [u8; 16] = rng.u128(..).to_be_bytes();
        let event = Event {
            message_id: uuid::Builder::from_random_bytes(random).into_uuid(),
            r#type: kind,
            message,
            value,
            details: Map::from_iter([("modelNumber".to_owned(), json!(self.model))]),
            timestamp: now.as_millisecond(),
            sent_at: format!("{now:.3}"),
        };
        reaction.note(format!(
            "event: {}, {} ({})",
            kind.as_str(),
            event.message,
            event.message_id
        ));
        reaction.publish(publication(&self.topics.event, Kind::Event, &event));
    }
}

impl Reaction {
    fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    fn publish(&mut self, publication: Publication) {
        self.publications.push(publication);
    }
}

fn worth_reporting(last: State, now: State) -> bool {
    let unmeasured = State {
        actual_temperature: last.actual_temperature,
        ..now
    };
    unmeasured != last
        || (now.actual_temperature - last.actual_temperature).abs() >= WORTH_REPORTING
}

fn publication(topic: &str, kind: Kind, content: &impl Serialize) -> Publication {
    let payload = json!(content).to_string().into_bytes();
    Publication {
        topic: topic.to_owned(),
        payload,
        kind,
    }
}

#[cfg(test)]
mod tests {
    use contract::topic;
    use uuid::Uuid;

    use super::*;

    const COMMANDS: &str = "smartproduct/commands/SN-1";
    const DELTA: &str = "$aws/things/SN-1/shadow/update/delta";
    const GET_ACCEPTED: &str = "$aws/things/SN-1/shadow/get/accepted";

    /// A device whose shadow holds its present state.
    fn device() -> Firmware {
        let topics = Topics::new(&"SN-1".parse().unwrap(), topic::TELEMETRY, topic::EVENT);
        let mut device = Firmware::new(topics, "T-1".to_owned(), Timestamp::UNIX_EPOCH);
        device.measure(Timestamp::UNIX_EPOCH, &mut Rng::with_seed(1));
        device
    }

    /// What the device publishes after `payload` came on `topic`: kind and JSON.
    fn receive(device: &mut Firmware, topic: &str, payload: &Value) -> Vec<(Kind, Value)> {
        let mut rng = Rng::with_seed(1);
        let payload = payload.to_string();
        sent(device.receive(topic, payload.as_bytes(), Timestamp::UNIX_EPOCH, &mut rng))
    }

    fn sent(reaction: Reaction) -> Vec<(Kind, Value)> {
        let read = |it: Publication| (it.kind, serde_json::from_slice(&it.payload).unwrap());
        reaction.publications.into_iter().map(read).collect()
    }

    fn kinds(sent: &[(Kind, Value)]) -> Vec<Kind> {
        sent.iter().map(|(kind, _)| *kind).collect()
    }

    #[test]
    fn telemetry_is_flat_and_the_first_one_reports_the_shadow() {
        let topics = Topics::new(&"SN-1".parse().unwrap(), topic::TELEMETRY, topic::EVENT);
        let mut device = Firmware::new(topics, "T-1".to_owned(), Timestamp::UNIX_EPOCH);
        let now = Timestamp::from_second(1).unwrap();
        let sent = sent(device.measure(now, &mut Rng::with_seed(1)));
        let state = device.thermostat.state();
        let fields = json!({
            "actualTemperature": state.actual_temperature,
            "targetTemperature": 72.0,
            "powerStatus": "HEAT",
        });
        let mut telemetry = fields.clone();
        telemetry["timestamp"] = json!(1_000);
        assert_eq!(sent[0], (Kind::Telemetry, telemetry));
        assert_eq!(
            sent[1],
            (Kind::Shadow, json!({ "state": { "reported": fields } }))
        );
    }

    #[test]
    fn the_shadow_is_reported_when_it_changed_and_not_with_each_reading() {
        let mut device = device();
        let mut rng = Rng::with_seed(1);
        let mut reports = 0;
        for second in 1..=600 {
            let now = Timestamp::from_second(second).unwrap();
            reports += sent(device.measure(now, &mut rng)).len() - 1;
        }
        // From 65 to 72 °F in steps of one, and perhaps some noise.
        assert!((5..20).contains(&reports), "{reports}");
        device.connected();
        let sent = sent(device.measure(Timestamp::from_second(601).unwrap(), &mut rng));
        assert_eq!(kinds(&sent), [Kind::Telemetry, Kind::Shadow]);
    }

    #[test]
    fn each_kind_of_event_has_the_fields_of_the_contract_and_its_own_id() {
        let device = device();
        let mut rng = Rng::with_seed(1);
        let now = Timestamp::from_millisecond(1_500).unwrap();
        let mut ids = vec![];
        for (kind, name) in [
            (EventType::Error, "error"),
            (EventType::Warning, "warning"),
            (EventType::Info, "info"),
            (EventType::Diagnostic, "diagnostic"),
        ] {
            let (_, event) = sent(device.happen(kind, now, &mut rng)).remove(0);
            assert_eq!(event["type"], name);
            assert_eq!(event["timestamp"], 1_500);
            assert_eq!(event["sentAt"], "1970-01-01T00:00:01.500Z");
            assert_eq!(event["details"], json!({ "modelNumber": "T-1" }));
            assert!(event["message"].as_str().is_some_and(|it| !it.is_empty()));
            assert!(!event["value"].is_null());
            ids.push(
                event["messageId"]
                    .as_str()
                    .unwrap()
                    .parse::<Uuid>()
                    .unwrap(),
            );
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 4);
    }

    #[test]
    fn a_command_is_answered_and_the_new_state_reported() {
        let command = json!({
            "commandId": "c1", "deviceId": "SN-1", "command": "set-temp", "value": 80,
            "details": {}, "createdAt": "2026-11-21T04:17:00Z",
        });
        let sent = receive(&mut device(), COMMANDS, &command);
        let answer = json!({ "commandId": "c1", "status": "success" });
        assert_eq!(sent[0], (Kind::Response, answer));
        assert_eq!(sent[1].1["state"]["reported"]["targetTemperature"], 80.0);
    }

    #[test]
    fn a_change_of_mode_is_an_event_too() {
        let command = json!({ "commandId": "c1", "command": "set-mode", "value": "OFF" });
        let sent = receive(&mut device(), COMMANDS, &command);
        assert_eq!(kinds(&sent), [Kind::Response, Kind::Shadow, Kind::Event]);
        assert_eq!(sent[2].1["message"], "mode changed from HEAT to OFF");
    }

    #[test]
    fn a_command_that_cannot_be_done_fails_with_a_reason() {
        let command = json!({ "commandId": "c1", "command": "set-temp", "value": 200 });
        let sent = receive(&mut device(), COMMANDS, &command);
        let reason = "set-temp takes 50 to 110 °F, not 200";
        let answer = json!({ "commandId": "c1", "status": "failed", "reason": reason });
        assert_eq!(sent, [(Kind::Response, answer)]);
    }

    #[test]
    fn a_command_that_comes_again_is_answered_again_and_not_done_again() {
        let mut device = device();
        let older = json!({ "commandId": "c1", "command": "set-temp", "value": 80 });
        let newer = json!({ "commandId": "c2", "command": "set-temp", "value": 60 });
        let first = receive(&mut device, COMMANDS, &older);
        receive(&mut device, COMMANDS, &newer);
        assert_eq!(receive(&mut device, COMMANDS, &older), first[..1]);
        assert!((device.thermostat.state().target_temperature - 60.0).abs() < f64::EPSILON);
    }

    #[test]
    fn what_is_no_command_or_comes_elsewhere_is_ignored() {
        let mut device = device();
        for (topic, payload) in [
            (COMMANDS, json!({ "command": "set-temp", "value": 80 })),
            (COMMANDS, json!([1])),
            (
                "smartproduct/commands/SN-2",
                json!({ "commandId": "c", "command": "set-mode", "value": "OFF" }),
            ),
            (DELTA, json!({ "version": 3 })),
            (GET_ACCEPTED, json!("x")),
        ] {
            assert_eq!(
                receive(&mut device, topic, &payload),
                [],
                "{topic} {payload}"
            );
        }
        let reaction = device.receive(
            COMMANDS,
            b"\xff{",
            Timestamp::UNIX_EPOCH,
            &mut Rng::with_seed(1),
        );
        assert_eq!((reaction.publications.len(), reaction.notes.len()), (0, 1));
    }

    #[test]
    fn the_desired_state_is_adopted_on_connecting() {
        let shadow = json!({
            "state": { "desired": { "targetTemperature": 60, "powerStatus": "HEAT" } }, "version": 7,
        });
        let sent = receive(&mut device(), GET_ACCEPTED, &shadow);
        assert_eq!(kinds(&sent), [Kind::Shadow]);
        assert_eq!(sent[0].1["state"]["reported"]["targetTemperature"], 60.0);
    }

    #[test]
    fn an_older_delta_that_comes_late_changes_nothing() {
        let mut device = device();
        let delta = |version, target| json!({ "version": version, "state": { "targetTemperature": target } });
        assert_eq!(
            kinds(&receive(&mut device, DELTA, &delta(5, 80))),
            [Kind::Shadow]
        );
        assert_eq!(receive(&mut device, DELTA, &delta(4, 60)), []);
        assert_eq!(receive(&mut device, DELTA, &delta(5, 80)), []);
        assert!((device.thermostat.state().target_temperature - 80.0).abs() < f64::EPSILON);
    }

    #[test]
    fn an_invalid_desired_state_is_refused_and_told_once() {
        let mut device = device();
        let notes = |device: &mut Firmware, version: i64, target: i64| {
            let delta = json!({ "version": version, "state": { "targetTemperature": target } });
            let mut rng = Rng::with_seed(1);
            device
                .receive(
                    DELTA,
                    delta.to_string().as_bytes(),
                    Timestamp::UNIX_EPOCH,
                    &mut rng,
                )
                .notes
        };
        let refusal = ["desired state refused: set-temp takes 50 to 110 °F, not 200".to_owned()];
        assert_eq!(notes(&mut device, 1, 200), refusal);
        assert_eq!(notes(&mut device, 2, 200), [""; 0]);
        assert_eq!(notes(&mut device, 3, 75).len(), 1);
        assert_eq!(notes(&mut device, 4, 200), refusal);
    }
}
