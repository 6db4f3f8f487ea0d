//! The way of a device and of an event through the whole product.

use std::process::Stdio;

use anyhow::{Context, Result};
use contract::topic;
use serde_json::json;
use tests::{Ca, Delivery, Device, Fleet, Flood, Owner, Remote, Stack, eventually, serial};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::{Duration, Instant, sleep};

use crate::table::Table;

/// Devices that connect for the first time.
const NEW_DEVICES: usize = 10;
/// Events that are waited for one by one.
const SINGLE_EVENTS: usize = 100;
/// Commands that are waited for one by one.
const SINGLE_COMMANDS: usize = 100;
/// Devices that connect for the first time, all at once.
const FLEET: usize = 500;

/// Measures; returns the table.
pub(crate) async fn report(stack: &Stack) -> Result<String> {
    let owner = stack.owner().await?;
    let ca = Ca::registered(stack).await?;
    let mut table = Table::new(
        1,
        &["", "half within", "95 % within", "all within", "to reach"],
    );
    let mut row = |what: &str, times: Vec<Duration>, goal: &str| {
        let mut times = times;
        times.sort();
        let at = |part: usize| {
            times
                .get(times.len() * part / 100)
                .or(times.last())
                .copied()
        };
        let cell =
            |it: Option<Duration>| format!("{:.0} ms", it.unwrap_or_default().as_secs_f64() * 1e3);
        table.row(vec![
            what.to_owned(),
            cell(at(50)),
            cell(at(95)),
            cell(at(100)),
            goal.to_owned(),
        ]);
    };

    let mut joining = Vec::new();
    for _ in 0..NEW_DEVICES {
        joining.push(join(stack, &owner, &ca).await?);
    }
    row(
        "first connection to accepted reconnect",
        joining,
        "5,000 ms",
    );
    row(
        "publish to readable through the API",
        read(stack, &owner, &ca).await?,
        "1,000 ms for 95 %",
    );

    row(
        "command to `success` through the API",
        obey(stack, &owner, &ca).await?,
        "2,000 ms for 95 %",
    );

    let flood = Flood::prepare(stack, &owner, &ca).await?;
    let began = Instant::now();
    flood.publish(stack).await?;
    let accepted = began.elapsed();
    flood.stored(stack, &owner).await?;
    let stored = began.elapsed();
    let fleet = fleet(stack).await?;
    Ok(format!(
        "{table}\n{fleet}{} events of {} devices at once: accepted by the broker after {:.1} s, stored after {:.1} s\n",
        Flood::EVENTS,
        Flood::DEVICES,
        accepted.as_secs_f64(),
        stored.as_secs_f64(),
    ))
}

/// A new device, which tries again every 100 ms.
async fn join(stack: &Stack, owner: &Owner, ca: &Ca) -> Result<Duration> {
    let serial = serial();
    stack.add_product(&serial).await?;
    stack.api(owner).register(&serial).await?.ok()?;
    let device = Device {
        identity: ca.identity(&serial)?,
        serial,
    };
    let began = Instant::now();
    while device.mqtt(stack).connect().await? == Delivery::Refused {
        sleep(Duration::from_millis(100)).await;
    }
    Ok(began.elapsed())
}

/// One event after the other over one connection, each read as soon as it is there.
async fn read(stack: &Stack, owner: &Owner, ca: &Ca) -> Result<Vec<Duration>> {
    let device = Device::of(stack, owner, ca).await?;
    let (api, path) = (
        stack.api(owner),
        format!("/devices/{}/events?limit=1", device.serial),
    );
    let topic = format!("{}/{}", topic::EVENT, device.serial);
    let mut client = device
        .mqtt(stack)
        .command("mosquitto_pub")
        .args(["-t", &topic, "-l"])
        .stdin(Stdio::piped())
        .spawn()
        .context("mosquitto_pub is needed")?;
    let mut lines = client.stdin.take().context("no input")?;
    let mut times = Vec::new();
    for number in 0..SINGLE_EVENTS {
        let id = number.to_string();
        let message = json!({"type": "info", "messageId": id});
        let began = Instant::now();
        lines.write_all(format!("{message}\n").as_bytes()).await?;
        while api.read(&path).await?["items"][0]["messageId"] != *id {
            sleep(Duration::from_millis(5)).await;
        }
        times.push(began.elapsed());
    }
    Ok(times)
}

/// One command after the other to a simulated thermostat, each awaited until the
/// API says `success`.
async fn obey(stack: &Stack, owner: &Owner, ca: &Ca) -> Result<Vec<Duration>> {
    let device = Device::of(stack, owner, ca).await?;
    let folder = tempfile::tempdir()?;
    device.identity.copy_to(folder.path(), &device.serial)?;
    let mut thermostat = Command::new(&stack.simulator);
    thermostat
        .args(["thermostat", "--serial", &device.serial, "--dir"])
        .arg(folder.path())
        .args(["--endpoint", "localhost", "--port"])
        .arg(stack.mqtt_port.to_string())
        .arg("--root-ca")
        .arg(&stack.root_ca)
        .args(["--event-interval", "0s"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let _running = thermostat.spawn().context("the simulator does not start")?;
    let remote = Remote::new(stack, owner, &device);
    // The first one finds it connecting.
    let first = remote.send("set-temp", json!(60)).await?;
    remote.ended(&first, "success", None).await?;
    let mut times = Vec::new();
    for number in 0..SINGLE_COMMANDS {
        let began = Instant::now();
        let made = remote.send("set-temp", json!(51 + number % 50)).await?;
        while remote.now(&made).await?["status"] != "success" {
            sleep(Duration::from_millis(5)).await;
        }
        times.push(began.elapsed());
    }
    Ok(times)
}

/// A fleet connects for the first time, all at once. Later each device reports
/// an error while `alert` fails; then everything is sent again by one command.
async fn fleet(stack: &Stack) -> Result<String> {
    let owner = stack.owner().await?;
    let url = stack.alerts_queue(&json!({"userId": [owner.id]})).await?;
    let fleet = Fleet::new(stack, FLEET).await?;
    let report = fleet.fly(stack, &owner, 0).await?;
    fleet.is_in(stack, &report).await?;
    let before = stack.failed().len().await?;
    stack
        .outage("alert", &["*"], async || {
            fleet.fly(stack, &owner, 1).await?;
            eventually("all failures", async || {
                Ok((stack.failed().len().await? >= before + FLEET).then_some(()))
            })
            .await
        })
        .await?;
    let mut stored = 0;
    for serial in &fleet.serials {
        stored += stack.events(&owner.id, serial).await?.len();
    }
    let began = Instant::now();
    let replayed = stack.replay("alert").await?;
    let replaying = began.elapsed();
    let seconds = |it: &str| report["letIn"][it].as_f64().unwrap_or_default() / 1e3;
    let queue = stack.queue(&url);
    let sent = queue.take_all("the alerts", FLEET, |_| true).await?.len();
    Ok(format!(
        "{FLEET} devices connect at once for the first time: let in after {:.0} s (half), {:.0} s (all); {} registered, \
         {} stuck, {} twice\n{stored} of their events stored while `alert` failed; {} in {:.1} s: {sent} alerts sent\n",
        seconds("p50Ms"),
        seconds("maxMs"),
        report["registrations"]["complete"],
        report["registrations"]["pending"],
        report["registrations"]["twice"],
        replayed.trim(),
        replaying.as_secs_f64(),
    ))
}
