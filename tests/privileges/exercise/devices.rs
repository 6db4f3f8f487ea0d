//! Devices, from their registration to their end.

use anyhow::{Context, Result, bail, ensure};
use aws_sdk_iot::types::CertificateStatus;
use contract::table;
use serde_json::{Value, json};
use tests::{Device, Product, serial, white_thermostat};

use crate::world::World;

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

/// Lets a device in, and sends one away whose owner has let go of it meanwhile.
pub(super) async fn jitr(world: &World) -> Result<()> {
    let (device, certificate) = first_connection(world).await?;
    ask(world, &certificate).await?;
    let status = world.stack.certificate_status(&certificate).await?;
    ensure!(
        status == Some(CertificateStatus::Active),
        "{} is not let in: {status:?}",
        device.serial
    );
    for _ in 0..ATTEMPTS {
        let (device, certificate) = first_connection(world).await?;
        tokio::try_join!(ask(world, &certificate), let_go(world, &device))?;
        if world
            .stack
            .certificate_status(&certificate)
            .await?
            .is_none()
        {
            return Ok(());
        }
    }
    bail!("{ATTEMPTS} times the owner was too late, or too early")
}

async fn ask(world: &World, certificate: &str) -> Result<()> {
    let event = json!({"certificateId": certificate});
    world.stack.call("jitr", &event).await?;
    Ok(())
}

/// A registered device, and its certificate as the broker keeps it after a first connection.
async fn first_connection(world: &World) -> Result<(Device, String)> {
    let stack = &world.stack;
    let device = Device::pending(stack, &world.owner, &world.ca).await?;
    let certificate = stack
        .iot
        .register_certificate()
        .certificate_pem(world.ca.certificate(&device.serial)?)
        .ca_certificate_pem(world.ca.pem())
        .status(CertificateStatus::PendingActivation)
        .send()
        .await?
        .certificate_id;
    Ok((device, certificate.context("a certificate without an id")?))
}

/// Takes the registration away as soon as a certificate is bound to it.
async fn let_go(world: &World, device: &Device) -> Result<()> {
    let (stack, user) = (&world.stack, &world.owner.id);
    for _ in 0..200 {
        let row = stack.registration(user, &device.serial).await?;
        if row.is_none_or(|it| it["certificateId"].is_string()) {
            break;
        }
    }
    let key = [
        (table::USER_ID, user.as_str()),
        (table::DEVICE_ID, device.serial.as_str()),
    ];
    let deleted = [("status", json!("deleted"))];
    stack.set(table::REGISTRATIONS, &key, &deleted).await
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
