//! What runs on the device: turns time and incoming messages into outgoing
//! ones. No I/O; `now` and chance are arguments.

use std::collections::VecDeque;

use fastrand::Rng;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::answers::{Answers, How};
use crate::message::{
    Command, Event, EventType, Kind, Outcome, Publication, Response, Shadow, Telemetry,
};
use crate::products::{Happening, Product};
use crate::topics::Topics;

/// Answers that are remembered.
const ANSWERS: usize = 32;
/// What a device says that fails on purpose.
const TOLD_TO_FAIL: &str = "told to fail by `--answers fail`";

/// The firmware of one device, whatever its product.
#[derive(Debug)]
pub(crate) struct Firmware {
    topics: Topics,
    model: String,
    started: Timestamp,
    product: Box<dyn Product>,
    answering: Answers,
    /// What the shadow holds as far as the device knows.
    reported: Option<Map<String, Value>>,
    /// Version of the newest desired state seen: older ones come too late.
    shadow_version: i64,
    /// Why parts of the desired state are not adopted, told once.
    refused: Vec<String>,
    /// The newest answers: a command may be delivered twice, and must not be
    /// done a second time after a newer one.
    answers: VecDeque<Response>,
    /// Answers that wait for their time, the first one first.
    late: VecDeque<(Timestamp, Publication)>,
}

/// What the firmware does about a message.
#[derive(Debug, Default)]
pub(crate) struct Reaction {
    pub(crate) publications: Vec<Publication>,
    /// What happened, for whoever watches.
    pub(crate) notes: Vec<String>,
}

impl Firmware {
    /// The firmware of `product`, which is of `model`.
    pub(crate) fn new(
        topics: Topics,
        model: String,
        product: Box<dyn Product>,
        now: Timestamp,
    ) -> Self {
        Self {
            topics,
            model,
            started: now,
            product,
            answering: Answers::default(),
            reported: None,
            shadow_version: 0,
            refused: vec![],
            answers: VecDeque::new(),
            late: VecDeque::new(),
        }
    }

    /// The same, with another way to answer commands.
    pub(crate) fn answering(self, answering: Answers) -> Self {
        Self { answering, ..self }
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

    /// Measures; reports the shadow as well where it has changed, and sends the
    /// answers whose time has come.
    pub(crate) fn measure(&mut self, now: Timestamp, rng: &mut Rng) -> Reaction {
        let before = self.product.state();
        self.product.step(now, rng);
        let state = self.product.state();
        let telemetry = Telemetry {
            timestamp: now.as_millisecond(),
            state,
        };
        let mut reaction = self.answer(now);
        reaction.note(format!("telemetry: {}", self.product.words()));
        reaction.publish(publication(
            &self.topics.telemetry,
            Kind::Telemetry,
            &telemetry,
        ));
        self.report(&mut reaction);
        self.tell_change(&before, now, rng, &mut reaction);
        reaction
    }

    /// When the next late answer is to be sent.
    pub(crate) fn next_answer(&self) -> Option<Timestamp> {
        self.late.front().map(|(time, _)| *time)
    }

    /// Sends the late answers whose time has come.
    pub(crate) fn answer(&mut self, now: Timestamp) -> Reaction {
        let mut reaction = Reaction::default();
        while let Some((_, answer)) = self.late.pop_front_if(|(time, _)| *time <= now) {
            reaction.note("answers late".to_owned());
            reaction.publish(answer);
        }
        reaction
    }

    /// Lets something of `kind` happen.
    pub(crate) fn happen(&self, kind: EventType, now: Timestamp, rng: &mut Rng) -> Reaction {
        let uptime = now.duration_since(self.started).as_secs();
        let mut reaction = Reaction::default();
        self.event(
            self.product.happening(kind, uptime),
            now,
            rng,
            &mut reaction,
        );
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
        let before = self.product.state();
        if topic == self.topics.command {
            self.command(payload, now, &mut reaction);
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
        self.tell_change(&before, now, rng, &mut reaction);
        reaction
    }

    fn command(&mut self, payload: &[u8], now: Timestamp, reaction: &mut Reaction) {
        let command: Command = match serde_json::from_slice(payload) {
            Ok(command) => command,
            Err(error) => return reaction.note(format!("ignored a command that is none: {error}")),
        };
        if self.answering.how == How::Silent {
            return reaction.note(format!(
                "command {} {}: silence",
                command.command, command.value
            ));
        }
        if let Some(known) = self
            .answers
            .iter()
            .find(|it| it.command_id == command.command_id)
        {
            reaction.note(format!("command {} came again", command.command_id));
            return reaction.publish(publication(&self.topics.response, Kind::Response, known));
        }
        let (status, reason) = match self.obey(&command.command, &command.value) {
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
        let answer = publication(&self.topics.response, Kind::Response, &response);
        match self.answering.later(now) {
            Some(time) => self.late.push_back((time, answer)),
            None => reaction.publish(answer),
        }
        self.answers.truncate(ANSWERS - 1);
        self.answers.push_front(response);
        self.report(reaction);
    }

    fn obey(&mut self, command: &str, value: &Value) -> Result<(), String> {
        match self.answering.how {
            How::Fail => Err(TOLD_TO_FAIL.to_owned()),
            How::Success | How::Silent | How::Late => self.product.obey(command, value),
        }
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
        let before = self.product.state();
        let mut refused = vec![];
        for (key, value) in desired {
            if let Some((command, value)) = self.product.command_for(key, value)
                && let Err(reason) = self.obey(command, &value)
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
        if self.product.state() != before {
            reaction.note(format!("desired state adopted: {}", self.product.words()));
        }
        self.report(reaction);
    }

    /// Reports the state to the shadow where it is not what the shadow holds.
    fn report(&mut self, reaction: &mut Reaction) {
        let known = self.reported.as_ref();
        if known.is_some_and(|last| !self.product.is_worth_reporting(last)) {
            return;
        }
        let state = self.product.state();
        let update = json!({ "state": { "reported": state } });
        self.reported = Some(state);
        reaction.publish(publication(
            &self.topics.shadow_update,
            Kind::Shadow,
            &update,
        ));
    }

    /// Tells what happened when the state changed, where that is worth an event.
    fn tell_change(
        &self,
        before: &Map<String, Value>,
        now: Timestamp,
        rng: &mut Rng,
        reaction: &mut Reaction,
    ) {
        if let Some(happening) = self.product.change(before) {
            self.event(happening, now, rng, reaction);
        }
    }

    fn event(&self, what: Happening, now: Timestamp, rng: &mut Rng, reaction: &mut Reaction) {
        let random: [u8; 16] = rng.u128(..).to_be_bytes();
        let event = Event {
            message_id: uuid::Builder::from_random_bytes(random).into_uuid(),
            r#type: what.kind,
            message: what.message,
            value: what.value,
            details: Map::from_iter([
                ("modelNumber".to_owned(), json!(self.model)),
                ("code".to_owned(), json!(what.code)),
            ]),
            timestamp: now.as_millisecond(),
            sent_at: format!("{now:.3}"),
        };
        reaction.note(format!(
            "event: {}, {} ({})",
            what.kind.as_str(),
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
    use std::time::Duration;

    use contract::topic;
    use jiff::ToSpan;
    use uuid::Uuid;

    use super::*;
    use crate::products::Sample;

    const COMMANDS: &str = "smartproduct/commands/SN-1";
    const DELTA: &str = "$aws/things/SN-1/shadow/update/delta";
    const GET_ACCEPTED: &str = "$aws/things/SN-1/shadow/get/accepted";

    /// A device that was switched on just now.
    fn new(sample: Sample) -> Firmware {
        let topics = Topics::new(&"SN-1".parse().unwrap(), topic::TELEMETRY, topic::EVENT);
        let now = Timestamp::UNIX_EPOCH;
        Firmware::new(topics, "T-1".to_owned(), sample.product(now), now)
    }

    /// A thermostat whose shadow holds its present state.
    fn device() -> Firmware {
        let mut device = new(Sample::Thermostat);
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
        let mut device = new(Sample::Thermostat);
        let now = Timestamp::from_second(1).unwrap();
        let sent = sent(device.measure(now, &mut Rng::with_seed(1)));
        let fields = json!({
            "actualTemperature": device.product.state()["actualTemperature"],
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
        for (kind, name, code) in [
            (EventType::Error, "error", "sensor-fault"),
            (EventType::Warning, "warning", "too-cold"),
            (EventType::Info, "info", "mode-changed"),
            (EventType::Diagnostic, "diagnostic", "self-test"),
        ] {
            let (_, event) = sent(device.happen(kind, now, &mut rng)).remove(0);
            assert_eq!(event["type"], name);
            assert_eq!(event["timestamp"], 1_500);
            assert_eq!(event["sentAt"], "1970-01-01T00:00:01.500Z");
            assert_eq!(
                event["details"],
                json!({ "modelNumber": "T-1", "code": code })
            );
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
        assert_eq!(device.product.state()["targetTemperature"], 60.0);
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
        assert_eq!(device.product.state()["targetTemperature"], 80.0);
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

    fn answering(how: How) -> Firmware {
        device().answering(Answers::new(how, Duration::from_secs(90)))
    }

    #[test]
    fn a_device_that_is_told_to_fail_says_so_and_does_nothing_by_its_shadow_either() {
        let mut device = answering(How::Fail);
        let command = json!({ "commandId": "c1", "command": "set-temp", "value": 80 });
        let answer = json!({ "commandId": "c1", "status": "failed", "reason": TOLD_TO_FAIL });
        assert_eq!(
            receive(&mut device, COMMANDS, &command),
            [(Kind::Response, answer)]
        );
        let delta = json!({ "version": 5, "state": { "targetTemperature": 80 } });
        assert_eq!(receive(&mut device, DELTA, &delta), []);
        assert_eq!(device.product.state()["targetTemperature"], 72.0);
    }

    #[test]
    fn a_silent_device_ignores_commands_and_follows_its_shadow() {
        let mut device = answering(How::Silent);
        let command = json!({ "commandId": "c1", "command": "set-temp", "value": 80 });
        assert_eq!(receive(&mut device, COMMANDS, &command), []);
        assert_eq!(device.product.state()["targetTemperature"], 72.0);
        let delta = json!({ "version": 5, "state": { "targetTemperature": 80 } });
        assert_eq!(kinds(&receive(&mut device, DELTA, &delta)), [Kind::Shadow]);
    }

    #[test]
    fn a_late_device_does_it_at_once_and_answers_when_it_is_time() {
        let mut device = answering(How::Late);
        let command = json!({ "commandId": "c1", "command": "set-temp", "value": 80 });
        assert_eq!(
            kinds(&receive(&mut device, COMMANDS, &command)),
            [Kind::Shadow]
        );
        let time = Timestamp::UNIX_EPOCH + 90.seconds();
        assert_eq!(device.next_answer(), Some(time));
        assert_eq!(sent(device.answer(time - 1.millisecond())), []);
        let answer = json!({ "commandId": "c1", "status": "success" });
        assert_eq!(sent(device.answer(time)), [(Kind::Response, answer)]);
        assert_eq!(
            (device.next_answer(), sent(device.answer(time))),
            (None, vec![])
        );
    }

    #[test]
    fn another_product_is_told_by_its_own_commands_and_keys() {
        let mut lock = new(Sample::Lock);
        lock.measure(Timestamp::UNIX_EPOCH, &mut Rng::with_seed(1));
        let command = json!({ "commandId": "c1", "command": "unlock", "value": null });
        let answered = receive(&mut lock, COMMANDS, &command);
        assert_eq!(
            kinds(&answered),
            [Kind::Response, Kind::Shadow, Kind::Event]
        );
        assert_eq!(answered[1].1["state"]["reported"]["locked"], false);
        assert_eq!(answered[2].1["details"]["code"], "unlocked");
        let delta = json!({ "version": 1, "state": { "locked": true, "autoLockSeconds": 30 } });
        let adopted = receive(&mut lock, DELTA, &delta);
        assert_eq!(kinds(&adopted), [Kind::Shadow]);
        let reported = &adopted[0].1["state"]["reported"];
        assert_eq!(
            (&reported["locked"], &reported["autoLockSeconds"]),
            (&json!(true), &json!(30))
        );
        let refused = receive(
            &mut lock,
            COMMANDS,
            &json!({ "commandId": "c2", "command": "set-temp", "value": 72 }),
        );
        assert_eq!(refused[0].1["status"], "failed");
    }
}
