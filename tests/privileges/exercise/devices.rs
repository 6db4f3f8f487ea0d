//! Devices, from their registration to their end.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use aws_sdk_iot::types::CertificateStatus;
use contract::table;
use serde_json::{Value, json};
use tests::{Delivery, Device, Product, serial, white_thermostat};
use tokio::time::sleep;

use crate::world::{World, is_denial};

/// Attempts to take a registration away at the right moment.
const ATTEMPTS: u32 = 60;

/// Registers what is listed under two models, and whose thing somebody else has left.
pub(super) async fn registration(World { stack, owner, .. }: &World) -> Result<()> {
    let (device, product) = (serial(), white_thermostat()?);
    stack.manufacture(&device, &product).await?;
    let other = Product {
        number: "exercise-1",
        ..product
    };
    stack.manufacture(&device, &other).await?;
    let thing = stack.iot.create_thing().thing_name(&device);
    thing.send().await?;

    let api = stack.api(owner);
    api.register(&device).await?.ok()?;
    let status = api.status_of(&device).await?;
    ensure!(status.as_deref() == Some("pending"), "{status:?}");
    let thing = stack.iot.describe_thing().thing_name(&device);
    let attributes = thing.send().await?.attributes.unwrap_or_default();
    ensure!(
        attributes.get("owner") == Some(&owner.id),
        "the thing is somebody else's: {attributes:?}"
    );
    Ok(())
}

/// Lets a device in, and sends one away whose owner has let go of it meanwhile. The
/// broker is not to ask for it as well, so its rule is off for the while.
pub(super) async fn jitr(world: &World) -> Result<()> {
    let iot = &world.stack.iot;
    let rules = iot.list_topic_rules().send().await?.rules;
    let stack = world.stack.name.replace('-', "");
    let mut rules = rules.into_iter().flatten().filter_map(|it| it.rule_name);
    let rule = rules.find(|it| it.starts_with(&stack) && it.contains("JitrRule"));
    let rule = rule.context("no rule for first connections")?;
    iot.disable_topic_rule().rule_name(&rule).send().await?;
    let done = admit_and_send_away(world).await;
    iot.enable_topic_rule().rule_name(&rule).send().await?;
    done
}

async fn admit_and_send_away(world: &World) -> Result<()> {
    let device = first_connection(world).await?;
    let certificate = &device.identity.certificate_id;
    let started = Instant::now();
    ask(world, &device).await?;
    let took = started.elapsed();
    let status = world.stack.certificate_status(certificate).await?;
    ensure!(
        status == Some(CertificateStatus::Active),
        "{} is not let in: {status:?}",
        device.serial
    );
    // Half of that time lies between binding the certificate and completing.
    for _ in 0..ATTEMPTS {
        let device = first_connection(world).await?;
        let certificate = &device.identity.certificate_id;
        let after = took.mul_f32(fastrand::f32());
        let answer = tokio::select! {
            answer = ask(world, &device) => answer,
            never = let_go(world, &device, after) => never,
        };
        match answer {
            // The thing was detached too early, and so for nothing.
            Err(err) if !is_denial(&format!("{err:#}")) => {}
            Err(err) => return Err(err),
            Ok(()) if world.stack.certificate_status(certificate).await?.is_none() => {
                return Ok(());
            }
            Ok(()) => {}
        }
    }
    bail!("{ATTEMPTS} times the owner was too late, or too early")
}

async fn ask(world: &World, device: &Device) -> Result<()> {
    let event = json!({"certificateId": device.identity.certificate_id});
    world.stack.call("jitr", &event).await?;
    Ok(())
}

/// A registered device that has connected once.
async fn first_connection(world: &World) -> Result<Device> {
    let device = Device::pending(&world.stack, &world.owner, &world.ca).await?;
    let delivery = device.mqtt(&world.stack).connect().await?;
    ensure!(delivery == Delivery::Refused, "it was let in by nobody");
    Ok(device)
}

/// Takes the registration away after a while, and then the certificate from its thing
/// again and again, as whoever deletes the device does.
async fn let_go(world: &World, device: &Device, after: Duration) -> Result<()> {
    sleep(after).await;
    let key = [
        (table::USER_ID, world.owner.id.as_str()),
        (table::DEVICE_ID, device.serial.as_str()),
    ];
    let stack = &world.stack;
    let active = stack.remove(table::REGISTRATIONS, &key, table::ACTIVE_DEVICE);
    active.await?;
    let (thing, certificate) = (&device.serial, &device.identity.certificate_id);
    loop {
        // It may not be there yet, or not any more.
        let _ = stack.detach_certificate(thing, certificate).await;
    }
}

/// Shows a device, and takes it apart.
pub(super) async fn device(world: &World) -> Result<()> {
    let (stack, api) = (&world.stack, world.stack.api(&world.owner));
    let device = Device::of(stack, &world.owner, &world.ca).await?;
    device.report(stack, &json!({"exercise": true})).await?;
    let connected = |it: &Value| it["connected"].is_boolean();
    let list = api.read("/devices?limit=100").await?;
    let list = list.as_array().context("no list")?;
    ensure!(list.iter().all(connected), "{list:?}");
    let one = format!("/devices/{}", device.serial);
    ensure!(connected(&api.read(&one).await?), "not connected, nor not");

    api.release(&device).await?;
    ensure!(!stack.has_thing(&device.serial).await?, "a thing is left");
    ensure!(!stack.has_shadow(&device.serial).await?, "a shadow is left");
    let certificate = &device.identity.certificate_id;
    let left = stack.certificate_status(certificate).await?;
    ensure!(left.is_none(), "a certificate is left: {left:?}");
    Ok(())
}
