//! MQTT by `mosquitto_pub` and `mosquitto_sub`: clients that are not ours.

use std::collections::VecDeque;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::{Identity, Stack};

/// Ends a client that hangs; a client that works takes a fraction of a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// One client of the device listener.
#[derive(Clone, Copy, Debug)]
pub struct Mqtt<'a> {
    stack: &'a Stack,
    identity: &'a Identity,
    client_id: &'a str,
}

/// What the broker did with a client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Delivery {
    /// Let in, and every message confirmed.
    Accepted,
    /// Refused by TLS or MQTT, or dropped before all was confirmed.
    Refused,
}

impl<'a> Mqtt<'a> {
    /// A client with a certificate and a client id.
    #[must_use]
    pub fn new(stack: &'a Stack, identity: &'a Identity, client_id: &'a str) -> Self {
        Self {
            stack,
            identity,
            client_id,
        }
    }

    /// Connects, publishes one message at least once, waits for its confirmation and leaves.
    ///
    /// # Errors
    ///
    /// When the client itself fails.
    pub async fn publish(&self, topic: &str, payload: &[u8]) -> Result<Delivery> {
        // The client takes an empty message by an option only.
        let from = if payload.is_empty() { "-n" } else { "-s" };
        self.run(&["-t", topic, from], payload).await
    }

    /// The same for many messages, one on each line of `lines`, as fast as it goes.
    ///
    /// # Errors
    ///
    /// When the client itself fails.
    pub async fn publish_lines(&self, topic: &str, lines: &str) -> Result<Delivery> {
        self.run(&["-t", topic, "-l"], lines.as_bytes()).await
    }

    /// Connects and leaves.
    ///
    /// # Errors
    ///
    /// When the client itself fails.
    pub async fn connect(&self) -> Result<Delivery> {
        // Every device may ask for its shadow, and no rule hears it.
        let topic = format!("$aws/things/{}/shadow/get", self.client_id);
        self.run(&["-t", &topic, "-n"], b"").await
    }

    async fn run(&self, arguments: &[&str], input: &[u8]) -> Result<Delivery> {
        let mut child = self
            .command("mosquitto_pub")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("mosquitto_pub is needed: install mosquitto-clients")?;
        let mut stdin = child.stdin.take().context("no input")?;
        let write = async move {
            // A client that was refused reads nothing; its exit code says so.
            let _ = stdin.write_all(input).await;
            let _ = stdin.shutdown().await;
        };
        let run = async { tokio::join!(write, child.wait_with_output()).1 };
        let output = timeout(PATIENCE, run)
            .await
            .context("mosquitto_pub does not end")??;
        // libmosquitto's codes: refused, lost, TLS error.
        match output.status.code() {
            Some(0) => Ok(Delivery::Accepted),
            Some(5 | 7 | 8) => Ok(Delivery::Refused),
            _ => bail!(
                "mosquitto_pub: {}: {}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            ),
        }
    }

    /// Subscribes to `topics` at least once; returns when the broker has answered.
    ///
    /// # Errors
    ///
    /// When the client is not let in.
    pub async fn subscribe(&self, topics: &[&str]) -> Result<Subscription> {
        self.listen(&[], topics).await
    }

    /// The same in a session that outlives the connection: the broker keeps what
    /// comes in between.
    ///
    /// # Errors
    ///
    /// When the client is not let in.
    pub async fn subscribe_for_good(&self, topics: &[&str]) -> Result<Subscription> {
        self.listen(&["-c"], topics).await
    }

    async fn listen(&self, options: &[&str], topics: &[&str]) -> Result<Subscription> {
        let mut command = self.command("mosquitto_sub");
        command.args(options);
        for topic in topics {
            command.args(["-t", topic]);
        }
        // `-d` tells when the subscription holds.
        let mut child = command
            .args(["-d", "-F", &format!("{MESSAGE}%t %p")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("mosquitto_sub is needed: install mosquitto-clients")?;
        let output = child.stdout.take().context("no output")?;
        let lines = BufReader::new(output).lines();
        let mut subscription = Subscription {
            lines,
            early: VecDeque::new(),
            _child: child,
        };
        subscription.line("sending CONNECT").await?;
        match subscription.line("Subscribed").await? {
            Some(_) => Ok(subscription),
            None => bail!("the broker closed the connection of `{}`", self.client_id),
        }
    }

    /// Publishes an empty message and waits for the answer on another topic, which is JSON.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn ask(&self, topic: &str, answer: &str) -> Result<Value> {
        let mut command = self.command("mosquitto_rr");
        command.args(["-t", topic, "-e", answer, "-n", "-W", "30"]);
        let output = command.output().await?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "mosquitto_rr: {error}");
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// One of mosquitto's programs with the options of this client; its output
    /// comes line by line.
    #[must_use]
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("stdbuf");
        command
            .args(["-oL", program])
            .arg("--cafile")
            .arg(&self.stack.root_ca)
            .arg("--cert")
            .arg(self.identity.chain())
            .arg("--key")
            .arg(self.identity.key())
            .args(["-h", "localhost", "-p", &self.stack.mqtt_port.to_string()])
            .args(["-q", "1", "-i", self.client_id, "--tls-version", "tlsv1.2"])
            .kill_on_drop(true);
        command
    }
}

/// Topics that a client listens to; ends with it.
#[derive(Debug)]
pub struct Subscription {
    lines: Lines<BufReader<ChildStdout>>,
    /// Messages that came before the broker had confirmed the subscription: a
    /// session that goes on brings them at once.
    early: VecDeque<String>,
    _child: Child,
}

impl Subscription {
    /// The next message: topic and payload. `None` when the broker closed the connection.
    ///
    /// # Errors
    ///
    /// When none comes within a minute.
    pub async fn next(&mut self) -> Result<Option<(String, String)>> {
        let line = match self.early.pop_front() {
            Some(line) => Some(line),
            None => self.line(MESSAGE).await?,
        };
        let Some(line) = line else { return Ok(None) };
        let message = line
            .trim_start_matches(MESSAGE)
            .split_once(' ')
            .context("no message")?;
        Ok(Some((message.0.to_owned(), message.1.to_owned())))
    }

    /// The next line that contains `mark`. `None` when there is none before the
    /// client has to connect once more, which it does by itself.
    async fn line(&mut self, mark: &str) -> Result<Option<String>> {
        let search = async {
            while let Some(line) = self.lines.next_line().await? {
                if line.contains(mark) {
                    return anyhow::Ok(Some(line));
                }
                if line.starts_with(MESSAGE) {
                    self.early.push_back(line);
                    continue;
                }
                if line.contains("sending CONNECT") {
                    break;
                }
            }
            Ok(None)
        };
        timeout(PATIENCE, search)
            .await
            .context("the broker says nothing for a minute")?
    }
}

/// What a message begins with in the output of `mosquitto_sub`.
const MESSAGE: &str = ">>>";
