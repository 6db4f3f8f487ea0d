//! A gateway: Debian's Mosquitto, bridged to the cloud by the configuration that
//! `simulator bridge-config` prints, and local clients behind it.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::{Ca, Device, Remote, Stack, eventually};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{Duration, timeout};

#[tokio::test]
async fn a_bridged_broker_carries_the_gateways_own_topics_and_no_others() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let ca = Ca::registered(&stack).await?;
    let gateway = Device::of(&stack, &owner, &ca).await?;
    let other = Device::of(&stack, &owner, &ca).await?;
    let remote = Remote::new(&stack, &owner, &gateway);
    let bridge = Bridge::start(&stack, &gateway).await?;
    let mut heard = bridge.subscribe("smartproduct/commands/#").await?;

    // Up: an event.
    let event = |id: &str| json!({"type": "error", "messageId": id}).to_string();
    let own = format!("smartproduct/event/{}", gateway.serial);
    bridge.publish(&own, &event("first")).await?;
    stored(&stack, &remote, "first").await?;

    // Another's topics stay in the house: nothing passes, and the bridge is not dropped.
    for topic in [
        format!("smartproduct/event/{}", other.serial),
        format!("smartproduct/commands/{}/response", other.serial),
        format!("$aws/things/{}/shadow/update", other.serial),
    ] {
        bridge.publish(&topic, &event("forged")).await?;
    }
    bridge.publish(&own, &event("second")).await?;
    stored(&stack, &remote, "second").await?;
    assert!(stack.events(&owner.id, &other.serial).await?.is_empty());
    assert!(!stack.has_shadow(&other.serial).await?);

    // Down: the gateway's commands and nobody else's; what we sent ourselves comes first.
    let theirs = Remote::new(&stack, &owner, &other);
    let hidden = theirs.send("set-temp", json!(60)).await?;
    let made = remote.send("set-temp", json!(72)).await?;
    let command = loop {
        let (topic, payload) = heard.next().await?;
        if topic == remote.topic() {
            break serde_json::from_str::<Value>(&payload)?;
        }
        ensure!(
            topic == theirs.response() && payload == event("forged"),
            "{topic}: {payload}"
        );
    };
    assert_eq!(command["commandId"], made["commandId"]);
    let answer = json!({"commandId": made["commandId"], "status": "success"});
    bridge
        .publish(&remote.response(), &answer.to_string())
        .await?;
    remote.ended(&made, "success", None).await?;
    assert_eq!(theirs.now(&hidden).await?["status"], "pending");
    Ok(())
}

/// Waits until an event of the gateway is in the API.
async fn stored(stack: &Stack, remote: &Remote<'_>, id: &str) -> Result<()> {
    let path = format!("/devices/{}/events", remote.device.serial);
    eventually("an event through the bridge", async || {
        let events = stack.api(remote.owner).said(&path).await?;
        Ok(events.iter().any(|it| it["messageId"] == id).then_some(()))
    })
    .await
}

/// A broker of its own on the loopback interface.
struct Bridge {
    port: u16,
    _broker: Child,
    _folder: TempDir,
}

impl Bridge {
    async fn start(stack: &Stack, gateway: &Device) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = |name: &str| Path::join(folder.path(), name);
        gateway.identity.copy_to(folder.path(), &gateway.serial)?;
        // Free a moment ago; nobody else here asks for ports.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let output = Command::new(&stack.simulator)
            .args(["bridge-config", "--gateway-id", &gateway.serial, "--dir"])
            .arg(folder.path())
            .args(["--endpoint", "localhost"])
            .args(["--port", &stack.mqtt_port.to_string()])
            .arg("--root-ca")
            .arg(&stack.root_ca)
            .args(["--local-port", &port.to_string()])
            .output()
            .await?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "bridge-config: {error}");
        let mut configuration = output.stdout;
        // Started by root it would become another user, who may not read the key.
        configuration.extend_from_slice(b"\nuser root\n");
        fs::write(file("bridge.conf"), configuration)?;

        // Debian keeps it where only root looks.
        let path = format!("{}:/usr/sbin", tests::variable("PATH")?);
        let broker = Command::new("mosquitto")
            .arg("-c")
            .arg(file("bridge.conf"))
            .env("PATH", path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("mosquitto is needed: run `scripts/prepare test`")?;
        let bridge = Self {
            port,
            _broker: broker,
            _folder: folder,
        };
        eventually("the gateway's broker", async || {
            let said = bridge.publish("smartproduct/started", "yes").await;
            Ok(said.is_ok().then_some(()))
        })
        .await?;
        Ok(bridge)
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new("stdbuf");
        command
            .args(["-oL", program, "-h", "127.0.0.1"])
            .args(["-p", &self.port.to_string(), "-q", "1"])
            .kill_on_drop(true);
        command
    }

    /// Publishes as a client behind the gateway.
    async fn publish(&self, topic: &str, payload: &str) -> Result<()> {
        let mut command = self.client("mosquitto_pub");
        let done = command.args(["-t", topic, "-m", payload]).output().await?;
        let error = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "{topic}: {error}");
        Ok(())
    }

    /// Subscribes as one; the subscription holds when this returns.
    async fn subscribe(&self, topic: &str) -> Result<Local> {
        let mut child = self
            .client("mosquitto_sub")
            .args(["-t", topic, "-d", "-F", ">>>%t %p"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = child.stdout.take().context("no output")?;
        let mut local = Local {
            lines: BufReader::new(output).lines(),
            _child: child,
        };
        local.line("Subscribed").await?;
        Ok(local)
    }
}

/// What a client behind the gateway hears.
struct Local {
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Local {
    /// The next message: topic and payload.
    async fn next(&mut self) -> Result<(String, String)> {
        let line = self.line(">>>").await?;
        let (topic, payload) = line[3..].split_once(' ').context("no message")?;
        Ok((topic.to_owned(), payload.to_owned()))
    }

    async fn line(&mut self, mark: &str) -> Result<String> {
        let search = async {
            while let Some(line) = self.lines.next_line().await? {
                if line.contains(mark) {
                    return anyhow::Ok(line);
                }
            }
            anyhow::bail!("the gateway's broker has ended")
        };
        timeout(Duration::from_secs(60), search).await?
    }
}
