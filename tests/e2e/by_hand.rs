//! The device contract, "The same by hand": openssl, `aws` and `mosquitto_pub`
//! as a person types them.

use std::fs;
use std::path::Path;
use std::process::Output;

use anyhow::{Result, ensure};
use tempfile::TempDir;
use tests::{Stack, eventually, serial};
use tokio::process::Command;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/e2e/by-hand.sh");

#[tokio::test]
async fn a_device_engineer_gets_a_device_in_and_stops_it_again() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = serial();
    stack.add_product(&device).await?;
    stack.api(&owner).register(&device).await?.ok()?;
    let desk = Desk::new(&stack)?;

    desk.done("ca", "").await?;
    assert_eq!(
        fs::read_to_string(desk.file("ca.registered"))?,
        "INACTIVE\tDISABLE\n"
    );
    desk.done("device", &device).await?;
    let first = desk.run("publish", &device).await?;
    ensure!(
        !first.status.success(),
        "the first connection of a device was accepted"
    );
    eventually("an accepted publish", async || {
        Ok(desk
            .run("publish", &device)
            .await?
            .status
            .success()
            .then_some(()))
    })
    .await?;

    let event = eventually("the event in the API", async || {
        let path = format!("/devices/{device}/events");
        Ok(stack.api(&owner).said(&path).await?.pop())
    })
    .await?;
    assert_eq!(event["message"], "Hello");
    assert_eq!(event["type"], "info");
    assert_eq!(event["messageId"], "1");
    assert_eq!(
        stack.api(&owner).status_of(&device).await?.as_deref(),
        Some("complete")
    );

    desk.done("stop-ca", "").await?;
    // A new certificate under the stopped CA; the first one goes aside.
    let aside = [
        ("deviceCert.key", "first.key"),
        ("deviceCertAndCACert.crt", "first.crt"),
    ];
    for (from, to) in aside {
        fs::rename(desk.file(from), desk.file(to))?;
    }
    desk.done("device", "stranger").await?;
    ensure!(
        !desk.run("publish", "stranger").await?.status.success(),
        "a stopped CA let a device in"
    );
    let signed = desk.done("signed", "").await?;
    assert_eq!(
        signed.split_whitespace().count(),
        1,
        "certificates that the CA has signed: {signed}"
    );

    for (to, from) in aside {
        fs::rename(desk.file(from), desk.file(to))?;
    }
    desk.done("publish", &device).await?;
    desk.done("stop-device", "").await?;
    ensure!(
        !desk.run("publish", &device).await?.status.success(),
        "a revoked device was let in"
    );
    Ok(())
}

/// The folder in which the engineer works.
struct Desk {
    folder: TempDir,
    mqtt_port: String,
}

impl Desk {
    fn new(stack: &Stack) -> Result<Self> {
        let desk = Self {
            folder: tempfile::tempdir()?,
            mqtt_port: stack.mqtt_port.to_string(),
        };
        fs::copy(&stack.root_ca, desk.file("root.cert"))?;
        Ok(desk)
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        Path::join(self.folder.path(), name)
    }

    async fn run(&self, part: &str, serial: &str) -> Result<Output> {
        Ok(Command::new(SCRIPT)
            .args([part, serial])
            .env("E2E_MQTT_PORT", &self.mqtt_port)
            .current_dir(self.folder.path())
            .output()
            .await?)
    }

    /// Runs a part that must succeed; returns what it printed.
    async fn done(&self, part: &str, serial: &str) -> Result<String> {
        let output = self.run(part, serial).await?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        ensure!(output.status.success(), "{part}: {}", text(&output.stderr));
        Ok(text(&output.stdout))
    }
}
