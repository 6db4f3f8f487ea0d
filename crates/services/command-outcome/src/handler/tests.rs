//! What a rule or the schedule sends in, rows and shadows out.

use domain::command::CommandStatus;
use domain::event::Rejection;
use domain::memory::{MemoryCommands, MemoryOwners, MemoryShadows, Noted, at, command};
use jiff::ToSpan;
use lambda_runtime::Context;
use serde_json::json;

use super::*;

#[tokio::test]
async fn an_answer_ends_its_command_and_the_shadow_follows() {
    let world = World::new().await;
    world.handle(fixture("answer")).await.unwrap();
    world.handle(fixture("answer")).await.unwrap();
    assert_eq!(world.ended(), ("failed", Some("jammed".to_owned()), false));
    assert_eq!(world.shadows.state("SN-1"), json!({}));
    assert_eq!(world.rejected.all(), []);
}

#[tokio::test]
async fn what_is_no_answer_is_kept_and_the_invocation_succeeds() {
    for (field, value, reason) in [
        ("payload", json!("aGVsbG8="), "the answer is not JSON"),
        ("payload", Value::Null, "the answer is not JSON: EOF"),
        ("deviceId", json!("SN-9"), "device `SN-9` is not registered"),
        (
            "deviceId",
            json!("SN-2"),
            "device `SN-2` was sent no command",
        ),
    ] {
        let world = World::new().await;
        let mut event = fixture("answer");
        match value {
            Value::Null => drop(event.as_object_mut().unwrap().remove(field)),
            value => event[field] = value,
        }
        world.handle(event).await.unwrap();
        let kept = world.rejected.all().remove(0).reason;
        assert!(kept.starts_with(reason), "{kept}");
        assert_eq!(world.ended(), ("pending", None, true));
    }
}

#[tokio::test]
async fn lesson_6_a_desired_state_that_somebody_wrote_is_put_right() {
    for (device, token, expected) in [
        ("SN-1", json!("mine"), json!({"a": 1})),
        ("SN-1", Value::Null, json!({"a": 1})),
        ("SN-1", json!({"x": [1]}), json!({"a": 1})),
        ("SN-1", json!("repair"), json!({"a": 2})),
        ("SN-9", json!("mine"), json!({"a": 2})),
        ("events", json!("mine"), json!({"a": 2})),
    ] {
        let world = World::new().await;
        world.shadows.write("SN-1", &json!({"a": 2}));
        let mut event = fixture("desired");
        event["deviceId"] = json!(device);
        event["clientToken"] = token.clone();
        if token.is_null() {
            event.as_object_mut().unwrap().remove("clientToken");
        }
        world.handle(event).await.unwrap();
        assert_eq!(world.shadows.state("SN-1"), expected, "{device} {token}");
    }
}

#[tokio::test]
async fn a_sweep_ends_what_is_due_and_nothing_else() {
    let world = World::new().await;
    world.handle(fixture("sweep")).await.unwrap();
    assert_eq!(world.ended(), ("pending", None, true));
    let over = command("anna", "SN-1", 1);
    world.commands.insert(&over, None).await.unwrap();
    world.handle(fixture("sweep")).await.unwrap();
    let all = world.commands.all();
    assert_eq!(all[0].status, CommandStatus::Failed);
    assert_eq!(all[0].reason.as_deref(), Some("timeout"));
    assert_eq!(all[1].status, CommandStatus::Pending);
}

#[tokio::test]
async fn a_sweep_that_cannot_end_something_fails() {
    let world = World::new().await;
    world
        .commands
        .insert(&command("anna", "SN-1", 1), None)
        .await
        .unwrap();
    world.commands.break_end();
    let err = world.handle(fixture("sweep")).await.unwrap_err();
    assert_eq!(err.error_type, "CommandSweepFailure");
    assert_eq!(
        err.error_message,
        "1 of the commands could not be ended: the log names them"
    );
    let err = world.handle(fixture("answer")).await.unwrap_err();
    assert_eq!(err.error_type, "CommandAnswerFailure");
    assert_eq!(
        err.error_message,
        "could not end a command: the store is away"
    );
}

#[tokio::test]
async fn what_nobody_of_ours_sends_is_an_error() {
    let world = World::new().await;
    for (field, value, message) in [
        ("payload", json!("%"), "`payload` must be base64"),
        (
            "receivedAt",
            json!(i64::MAX),
            "`receivedAt` must be epoch milliseconds",
        ),
    ] {
        let mut event = fixture("answer");
        event[field] = value;
        let err = world.handle(event).await.unwrap_err();
        assert_eq!(
            (err.error_type.as_str(), err.error_message.as_str()),
            ("InvalidEvent", message)
        );
    }
    for event in [
        json!({}),
        json!({"kind": "other"}),
        json!({"kind": "answer"}),
    ] {
        assert!(serde_json::from_value::<Happening>(event).is_err());
    }
}

/// `SN-1` and `SN-2` are Anna's; one command to `SN-1` is pending for an hour.
struct World {
    owners: MemoryOwners,
    commands: MemoryCommands,
    shadows: MemoryShadows,
    rejected: Noted<Rejection>,
}

impl World {
    async fn new() -> Self {
        let world = Self {
            owners: MemoryOwners::default(),
            commands: MemoryCommands::default(),
            shadows: MemoryShadows::default(),
            rejected: Noted::default(),
        };
        world.owners.register("anna", "SN-1", 1, at(0));
        world.owners.register("anna", "SN-2", 1, at(0));
        let mut sent = command("anna", "SN-1", 7);
        sent.due = Timestamp::now() + 1.hour();
        sent.desired.insert("a".into(), json!(1));
        world.commands.insert(&sent, None).await.unwrap();
        world.shadows.write("SN-1", &json!({"a": 1}));
        world
    }

    async fn handle(&self, event: Value) -> Result<(), Diagnostic> {
        let upkeep = Upkeep {
            owners: &self.owners,
            commands: &self.commands,
            shadows: &self.shadows,
        };
        let event = serde_json::from_value(event).unwrap();
        let event = LambdaEvent::new(event, Context::default());
        super::handle(&upkeep, &self.rejected, event).await
    }

    /// Status and reason of the command, and whether it is open.
    fn ended(&self) -> (&'static str, Option<String>, bool) {
        let command = self.commands.all().remove(0);
        (command.status.as_str(), command.reason, command.open)
    }
}

fn fixture(name: &str) -> Value {
    let text = match name {
        "answer" => include_str!("../../fixtures/answer.json"),
        "desired" => include_str!("../../fixtures/desired.json"),
        _ => include_str!("../../fixtures/sweep.json"),
    };
    serde_json::from_str(text).unwrap()
}
