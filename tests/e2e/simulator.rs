//! The simulated thermostat, from its CA to its owner's alerts.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use contract::output;
use serde_json::json;
use tempfile::TempDir;
use tests::{MODEL, Stack, eventually, serial};
use tokio::process::{Child, Command};

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

    fn run(&self) -> Result<Child> {
        Command::new(&self.stack.simulator)
            .args([
                "thermostat",
                "--serial",
                &self.serial,
                "--dir",
                &self.folder("device"),
            ])
            .args([
                "--endpoint",
                "localhost",
                "--port",
                &self.stack.mqtt_port.to_string(),
            ])
            .arg("--root-ca")
            .arg(&self.stack.root_ca)
            .args(["--interval", "200ms", "--event-interval", "100ms"])
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
