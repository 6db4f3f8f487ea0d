//! A device that is not ours: AWS's own device SDK for Python, on MQTT 3.1.1 and 5.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tests::{Ca, Device, Stack, eventually};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{Duration, timeout};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/sdk_device.py");
/// Longer than the program's own patience.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn aws_sdk_speaks_mqtt_3_and_is_dropped_for_the_topics_of_others() -> Result<()> {
    onboards_reports_and_obeys("3", "dropped").await
}

#[tokio::test]
async fn aws_sdk_speaks_mqtt_5_and_is_told_that_topics_of_others_are_refused() -> Result<()> {
    onboards_reports_and_obeys("5", "135").await
}

async fn onboards_reports_and_obeys(mqtt: &str, refused: &str) -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let api = stack.api(&owner);
    let ca = Ca::registered(&stack).await?;
    let device = Device::pending(&stack, &owner, &ca).await?;
    let other = Device::pending(&stack, &owner, &ca).await?;
    let path = format!("/devices/{}", device.serial);

    let mut program = Program::start(&stack, mqtt, &device, &other.serial)?;
    program.step("connected").await?;
    assert_eq!(
        api.status_of(&device.serial).await?.as_deref(),
        Some("complete")
    );
    let shadow = program.step("shadow").await?;
    let reported = json!({"targetTemperature": 68, "powerStatus": "OFF"});
    assert_eq!(
        (&shadow["missing"], &shadow["reported"]),
        (&json!(404), &reported)
    );
    let status = api.read(&format!("{path}/status")).await?;
    assert_eq!(status["state"]["reported"], reported, "{status}");
    assert_eq!(status["connected"], true, "{status}");

    let commands = program.step("commands").await?;
    assert_eq!(commands["subscription"], "granted");
    let body = json!({"command": "set-temp", "value": 72});
    let made = api.post(&format!("{path}/commands"), &body).await?.ok()?;
    let id = made["commandId"].as_str().context("an id")?;
    // The command and the difference in the shadow have topics of their own.
    let mut steps = Vec::new();
    let outcome = loop {
        let step = program.next().await?;
        if step["step"] == "refused" {
            break step;
        }
        steps.push(step);
    };
    let of = |step: &str| steps.iter().find(|it| it["step"] == step);
    let command = of("command").context("no command")?;
    assert_eq!(command["message"]["commandId"], id, "{command}");
    assert_eq!(command["message"]["value"], 72, "{command}");
    assert_eq!(command["outcome"], "accepted", "{command}");
    let delta = of("delta").context("no delta")?;
    assert_eq!(
        delta["message"],
        json!({"targetTemperature": 72}),
        "{delta}"
    );
    assert_eq!(delta["outcome"], "UpdateShadowResponse", "{delta}");
    eventually("a command that was answered", async || {
        let command = api.read(&format!("{path}/commands/{id}")).await?;
        Ok((command["status"] == "success").then_some(()))
    })
    .await?;
    let state = api.read(&format!("{path}/status")).await?["state"].clone();
    let wanted = json!({
        "desired": {"targetTemperature": 72},
        "reported": {"targetTemperature": 72, "powerStatus": "OFF"},
    });
    assert_eq!(state, wanted);

    assert_eq!(outcome["subscribe"], refused, "{outcome}");
    assert_eq!(outcome["publish"], refused, "{outcome}");
    program.end().await?;
    assert!(stack.events(&owner.id, &other.serial).await?.is_empty());
    Ok(())
}

/// The device's program; it says what it does, line by line.
struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(stack: &Stack, mqtt: &str, device: &Device, other: &str) -> Result<Self> {
        let mut child = Command::new("python")
            .arg(PROGRAM)
            .args([mqtt, "localhost", &stack.mqtt_port.to_string()])
            .arg(&stack.root_ca)
            .arg(device.identity.chain())
            .arg(device.identity.key())
            .args([&device.serial, other])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("Python of .venv is needed: run `scripts/prepare test`")?;
        let output = child.stdout.take().context("no output")?;
        let lines = BufReader::new(output).lines();
        Ok(Self { child, lines })
    }

    async fn next(&mut self) -> Result<Value> {
        let line = timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.context("the program says nothing")??;
        Ok(serde_json::from_str(&line.context("the program ended")?)?)
    }

    /// The next step, which must be this one.
    async fn step(&mut self, name: &str) -> Result<Value> {
        let step = self.next().await?;
        ensure!(step["step"] == name, "not `{name}`: {step}");
        Ok(step)
    }

    async fn end(mut self) -> Result<()> {
        let status = timeout(PATIENCE, self.child.wait()).await??;
        ensure!(status.success(), "{status}");
        Ok(())
    }
}
