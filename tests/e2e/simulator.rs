//! The simulated thermostat, from its CA to its owner's alerts.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use contract::output;
use serde_json::json;
use tempfile::TempDir;
use tests::{Ca, Device, MODEL, Owner, Product, Remote, Stack, eventually, serial};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Duration, sleep};

#[tokio::test]
async fn a_simulated_thermostat_onboards_and_its_owner_reads_the_alerts() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let api = stack.api(&owner);
    let workshop = Workshop::new(stack.clone())?;
    let device = &workshop.serial;

    workshop.make().await?;
    api.register(device).await?.ok()?;
    assert_eq!(api.status_of(device).await?.as_deref(), Some("pending"));
    let thermostat = workshop.run()?;
    eventually("a complete registration", async || {
        Ok((api.status_of(device).await?.as_deref() == Some("complete")).then_some(()))
    })
    .await?;

    eventually("an event of each type", async || {
        let events = api
            .said(&format!("/devices/{device}/events?limit=100"))
            .await?;
        let types: BTreeSet<_> = events.iter().filter_map(|it| it["type"].as_str()).collect();
        Ok((types.len() == 4).then_some(()))
    })
    .await?;
    end(thermostat).await?;

    let alerts = api.pages("/devices/alerts").await?;
    ensure!(!alerts.is_empty(), "no alerts");
    for alert in &alerts {
        assert_eq!(alert["deviceId"], *device);
        ensure!(
            matches!(alert["type"].as_str(), Some("error" | "warning")),
            "{alert}"
        );
    }
    let count = api.read("/devices/alerts/count").await?;
    assert_eq!(count, json!({"alertsCount": alerts.len()}));
    Ok(())
}

#[tokio::test]
async fn making_everything_twice_changes_nothing() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let workshop = Workshop::new(stack.clone())?;
    workshop.make().await?;
    stack.api(&owner).register(&workshop.serial).await?.ok()?;
    let before = stack.product(&workshop.serial).await?;
    workshop.make().await?;
    assert_eq!(stack.product(&workshop.serial).await?, before);
    assert_eq!(before["claimedBy"], owner.id);
    Ok(())
}

#[tokio::test]
async fn simulated_products_obey_and_report_what_they_have_become() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    for (subcommand, number, steps) in [
        (
            "thermostat",
            "thermostat-1",
            &[
                ("set-temp", json!(81), json!({"targetTemperature": 81})),
                ("set-mode", json!("AC"), json!({"powerStatus": "AC"})),
            ][..],
        ),
        (
            "lock",
            "lock-1",
            &[
                ("lock", json!(null), json!({"locked": true})),
                ("unlock", json!(null), json!({"locked": false})),
                ("set-auto-lock", json!(30), json!({"autoLockSeconds": 30})),
                ("identify", json!({"times": 2}), json!({})),
            ],
        ),
    ] {
        let workshop = Workshop::new(stack.clone())?;
        let product = Product::sample(number)?;
        let device = workshop.onboard(&owner, &product).await?;
        let remote = Remote::new(&stack, &owner, &device);
        let running = workshop.simulate(subcommand, &[])?;
        listens(&remote).await?;
        for (command, value, reported) in steps {
            let made = remote.send(command, value.clone()).await?;
            remote.ended(&made, "success", None).await?;
            eventually("the report", async || {
                let state = remote.shadow().await?["state"].clone();
                for (key, value) in reported.as_object().into_iter().flatten() {
                    let found = &state["reported"][key];
                    let same = found == value || found.is_f64() && found.as_f64() == value.as_f64();
                    ensure!(same, "{command}: {state}");
                }
                ensure!(state["delta"].is_null(), "{command}: {state}");
                Ok(Some(()))
            })
            .await?;
        }
        end(running).await?;
    }
    Ok(())
}

#[tokio::test]
async fn simulated_devices_fail_keep_silent_or_answer_late_as_they_are_told() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let mut product = Product::sample("thermostat-1")?;
    product.details["commands"]["set-temp"]["timeLimitSeconds"] = json!(5);
    for (options, timeout) in [
        (&["--answers", "fail"][..], false),
        (&["--answers", "silent"], true),
        (&["--answers", "late", "--answer-delay", "6s"], true),
    ] {
        let workshop = Workshop::new(stack.clone())?;
        let device = workshop.onboard(&owner, &product).await?;
        let remote = Remote::new(&stack, &owner, &device);
        let running = workshop.simulate("thermostat", options)?;
        listens(&remote).await?;
        let made = remote.send("set-temp", json!(81)).await?;
        let ended = eventually("a failure", async || {
            let now = remote.now(&made).await?;
            Ok((now["status"] == "failed").then_some(now))
        })
        .await?;
        assert_eq!(
            ended["reason"] == "timeout",
            timeout,
            "{options:?}: {ended}"
        );
        ensure!(ended["reason"].is_string(), "{options:?}: {ended}");
        if options.contains(&"late") {
            sleep(Duration::from_secs(3)).await;
            assert_eq!(remote.now(&made).await?, ended);
        }
        end(running).await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_small_client_makes_things_talks_and_leaves_nothing_behind() -> Result<()> {
    let workshop = Workshop::new(Stack::connect().await?)?;
    let stack = &workshop.stack;
    let (dir, prefix) = (workshop.folder("things"), format!("{}-", workshop.serial));
    let policy = format!("{}-Device", stack.name);
    let create = ["things", "create", "--count", "2", "--dir", &dir];
    let made = [&create[..], &["--prefix", &prefix, "--policy", &policy]].concat();
    // Twice is once.
    for _ in 0..2 {
        workshop.tool(&made).await?;
    }
    let things = stack.iot.list_things().max_results(250).into_paginator();
    let mut things = things.items().send();
    let mut names = Vec::new();
    while let Some(thing) = things.next().await {
        names.extend(thing?.thing_name.filter(|it| it.starts_with(&prefix)));
    }
    assert_eq!(names.len(), 2, "{names:?}");
    let mut certificates = Vec::new();
    for name in &names {
        certificates.extend(stack.certificates_of(name).await?);
    }
    assert_eq!(certificates.len(), 2);

    let connecting = workshop.connecting();
    let connecting: Vec<_> = connecting.iter().map(String::as_str).collect();
    let send = [
        "things",
        "send",
        "--dir",
        &dir,
        "--messages",
        "2",
        "--interval",
        "0s",
    ];
    workshop.tool(&[&send[..], &connecting].concat()).await?;
    let mut listening = Command::new(&stack.simulator)
        .args(["things", "subscribe", "--dir", &dir])
        .args(&connecting)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let output = listening.stdout.take().context("no output")?;
    let mut lines = BufReader::new(output).lines();
    let topic = format!("{}/{}", contract::topic::COMMANDS, names[0]);
    let heard = async {
        while let Some(line) = lines.next_line().await? {
            if line.contains("Hello, thing") {
                return anyhow::Ok(line);
            }
        }
        anyhow::bail!("it has ended")
    };
    // Until it is subscribed nobody hears it.
    let told = async {
        while stack.publish(&topic, "Hello, thing").await.is_ok() {
            sleep(Duration::from_millis(200)).await;
        }
    };
    let line = tokio::select! {
        line = heard => line?,
        () = told => anyhow::bail!("the broker refuses a message"),
        () = sleep(Duration::from_secs(30)) => anyhow::bail!("it hears nothing"),
    };
    ensure!(line.contains(&topic), "{line}");
    end(listening).await?;

    for _ in 0..2 {
        workshop.tool(&["things", "cleanup", "--dir", &dir]).await?;
    }
    for name in &names {
        ensure!(!stack.has_thing(name).await?, "{name} is left");
    }
    for id in &certificates {
        assert_eq!(stack.certificate_status(id).await?, None);
    }
    Ok(())
}

/// Waits until a simulated device hears commands: it reports after it has subscribed.
async fn listens(remote: &Remote<'_>) -> Result<()> {
    eventually("the first report", async || {
        let shadow = remote.shadow().await?;
        Ok(shadow["state"]["reported"].is_object().then_some(()))
    })
    .await
}

/// Where devices are made: folders, and the simulator's tools.
struct Workshop {
    stack: Stack,
    serial: String,
    folder: TempDir,
}

impl Workshop {
    fn new(stack: Stack) -> Result<Self> {
        Ok(Self {
            stack,
            serial: serial(),
            folder: tempfile::tempdir()?,
        })
    }

    /// The operator's and the factory's part.
    async fn make(&self) -> Result<()> {
        let ca = self.folder("ca");
        let table = self.stack.output(output::REFERENCE_TABLE);
        self.tool(&["ca", "create", "--dir", &ca]).await?;
        self.tool(&["ca", "register", "--dir", &ca]).await?;
        self.tool(&[
            "device",
            "--serial",
            &self.serial,
            "--ca-dir",
            &ca,
            "--dir",
            &self.folder("device"),
        ])
        .await?;
        self.tool(&[
            "add-product",
            "--serial",
            &self.serial,
            "--model",
            MODEL,
            "--table",
            table,
        ])
        .await
    }

    async fn tool(&self, arguments: &[&str]) -> Result<()> {
        let output = Command::new(&self.stack.simulator)
            .args(arguments)
            .output()
            .await?;
        ensure!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    }

    /// The same for a device of another product, which `owner` then registers.
    async fn onboard(&self, owner: &Owner, product: &Product) -> Result<Device> {
        let ca = Ca::registered(&self.stack).await?;
        let serial = self.serial.clone();
        self.stack.manufacture(&serial, product).await?;
        let api = self.stack.api(owner);
        api.register_as(&serial, product.number).await?.ok()?;
        let identity = ca.identity(&serial)?;
        identity.copy_to(Path::new(&self.folder("device")), &serial)?;
        Ok(Device { serial, identity })
    }

    fn run(&self) -> Result<Child> {
        self.simulate("thermostat", &["--event-interval", "100ms"])
    }

    /// Where the broker is.
    fn connecting(&self) -> Vec<String> {
        let port = self.stack.mqtt_port.to_string();
        let root = self.stack.root_ca.display().to_string();
        let options = [
            "--endpoint",
            "localhost",
            "--port",
            &port,
            "--root-ca",
            &root,
        ];
        options.map(str::to_owned).into()
    }

    fn simulate(&self, subcommand: &str, options: &[&str]) -> Result<Child> {
        Command::new(&self.stack.simulator)
            .args([
                subcommand,
                "--serial",
                &self.serial,
                "--dir",
                &self.folder("device"),
            ])
            .args(self.connecting())
            .args(["--interval", "200ms"])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the simulator does not start")
    }

    fn folder(&self, name: &str) -> String {
        Path::join(self.folder.path(), name).display().to_string()
    }
}

/// Ends the thermostat as Ctrl-C does; it must end well.
async fn end(thermostat: Child) -> Result<()> {
    let id = thermostat
        .id()
        .context("the thermostat has ended by itself")?;
    let sent = Command::new("kill")
        .args(["-s", "INT", &id.to_string()])
        .status()
        .await?;
    ensure!(sent.success(), "kill: {sent}");
    let output = thermostat.wait_with_output().await?;
    ensure!(
        output.status.success(),
        "{}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
