//! A fleet of simulated devices.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use contract::output;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::{MODEL, Owner, Stack};

/// Devices of an owner that have never been connected, with a CA of their own.
#[derive(Debug)]
pub struct Fleet {
    /// Their serial numbers.
    pub serials: Vec<String>,
    prefix: String,
    folder: TempDir,
}

impl Fleet {
    /// A fleet, and its CA in the cloud.
    ///
    /// # Errors
    ///
    /// When the CA cannot be registered.
    pub async fn new(stack: &Stack, devices: usize) -> Result<Self> {
        let prefix = format!("{}-", crate::serial());
        let fleet = Self {
            serials: (1..=devices).map(|it| format!("{prefix}{it:04}")).collect(),
            prefix,
            folder: tempfile::tempdir()?,
        };
        for step in ["create", "register"] {
            let mut command = Command::new(&stack.simulator);
            command.args(["ca", step, "--dir", &fleet.path("ca")]);
            let output = command.output().await?;
            let error = String::from_utf8_lossy(&output.stderr);
            ensure!(output.status.success(), "ca {step}: {error}");
        }
        Ok(fleet)
    }

    /// Makes the products and registers them for `owner`; then all connect at
    /// once, and publish `events` errors each. Returns the simulator's report.
    ///
    /// # Errors
    ///
    /// When a device was never let in, and when a message was lost.
    pub async fn fly(&self, stack: &Stack, owner: &Owner, events: usize) -> Result<Value> {
        let output = Command::new(&stack.simulator)
            .args(["fleet", "--prefix", &self.prefix, "--model", MODEL])
            .args(["--devices", &self.serials.len().to_string()])
            .args(["--ca-dir", &self.path("ca"), "--dir", &self.path("devices")])
            .args(["--endpoint", "localhost"])
            .args(["--port", &stack.mqtt_port.to_string()])
            .arg("--root-ca")
            .arg(&stack.root_ca)
            .args(["--add-products", "--table"])
            .arg(stack.output(output::REFERENCE_TABLE))
            .args(["--register", "--api", stack.api_url()])
            .args(["--connect-at-once", "0", "--rate", "0", "--duration", "1"])
            // Hundreds of handshakes and functions on a few cores take their time.
            .args(["--give-up-after", "5m"])
            .args(["--events", &events.to_string(), "--event-types", "error"])
            .args(["--report", "json"])
            .env("SMARTPRODUCT_TOKEN", &owner.id_token)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .context("the simulator does not start")?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "fleet: {error}");
        serde_json::from_slice(&output.stdout).context("no report of the fleet")
    }

    /// Asserts what must hold of a fleet that connected for the first time: every
    /// device was let in, with one certificate and under one registration.
    ///
    /// # Errors
    ///
    /// When it does not hold.
    pub async fn is_in(&self, stack: &Stack, report: &Value) -> Result<()> {
        let devices = self.serials.len();
        ensure!(report["neverIn"] == 0, "{report}");
        let registrations = &report["registrations"];
        ensure!(registrations["complete"] == devices, "{report}");
        ensure!(registrations["pending"] == 0, "{report}");
        ensure!(registrations["twice"] == 0, "{report}");
        for serial in &self.serials {
            let certificates = stack.certificates_of(serial).await?.len();
            ensure!(
                certificates == 1,
                "{serial} has {certificates} certificates"
            );
        }
        Ok(())
    }

    fn path(&self, name: &str) -> String {
        Path::join(self.folder.path(), name).display().to_string()
    }
}
