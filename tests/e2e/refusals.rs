//! Who is not let in, and what who is let in may not do.

use anyhow::{Context, Result};
use aws_sdk_iot::types::{CaCertificateStatus, CertificateStatus};
use contract::topic;
use serde_json::json;
use tests::{Ca, Delivery, Device, Mqtt, Owner, Stack, eventually, quiet, serial};

use Delivery::{Accepted, Refused};

#[tokio::test]
async fn a_certificate_of_an_unknown_ca_is_refused() -> Result<()> {
    let (stack, owner) = stack_and_owner().await?;
    let device = Device::pending(&stack, &owner, &Ca::new()?).await?;
    for _ in 0..2 {
        assert_eq!(device.mqtt(&stack).connect().await?, Refused);
    }
    assert_eq!(
        stack
            .certificate_status(&device.identity.certificate_id)
            .await?,
        None
    );
    assert_eq!(
        stack
            .api(&owner)
            .status_of(&device.serial)
            .await?
            .as_deref(),
        Some("pending")
    );
    Ok(())
}

#[tokio::test]
async fn a_certificate_of_an_inactive_ca_is_refused_until_the_ca_is_active() -> Result<()> {
    let (stack, owner) = stack_and_owner().await?;
    let ca = Ca::new()?;
    let id = ca.register(&stack, CaCertificateStatus::Inactive).await?;
    let device = Device::pending(&stack, &owner, &ca).await?;
    for _ in 0..2 {
        assert_eq!(device.mqtt(&stack).connect().await?, Refused);
    }
    assert_eq!(
        stack
            .certificate_status(&device.identity.certificate_id)
            .await?,
        None
    );

    let active = stack.iot.update_ca_certificate().certificate_id(id);
    active
        .new_status(CaCertificateStatus::Active)
        .send()
        .await?;
    device.join(&stack).await
}

#[tokio::test]
async fn a_name_that_nobody_registered_stays_outside_until_somebody_does() -> Result<()> {
    let (stack, owner) = stack_and_owner().await?;
    let ca = Ca::registered(&stack).await?;
    let serial = serial();
    let device = Device {
        identity: ca.identity(&serial)?,
        serial,
    };
    assert_eq!(device.mqtt(&stack).connect().await?, Refused);
    stack.refused(&device).await?;
    assert_eq!(device.mqtt(&stack).connect().await?, Refused);
    let id = &device.identity.certificate_id;
    let status = stack.certificate_status(id).await?;
    assert_eq!(status, Some(CertificateStatus::PendingActivation));

    stack.add_product(&device.serial).await?;
    stack.api(&owner).register(&device.serial).await?.ok()?;
    device.join(&stack).await?;
    assert_eq!(
        stack.certificate_status(id).await?,
        Some(CertificateStatus::Active)
    );
    assert_eq!(stack.certificates_of(&device.serial).await?, [id.as_str()]);
    Ok(())
}

#[tokio::test]
async fn a_second_certificate_for_a_thing_is_never_activated() -> Result<()> {
    let (stack, owner) = stack_and_owner().await?;
    let ca = Ca::registered(&stack).await?;
    let first = Device::of(&stack, &owner, &ca).await?;
    // Another CA of the account changes nothing about it.
    for ca in [&ca, &Ca::registered(&stack).await?] {
        let second = Device {
            identity: ca.identity(&first.serial)?,
            serial: first.serial.clone(),
        };
        assert_eq!(second.mqtt(&stack).connect().await?, Refused);
        stack.refused(&second).await?;
        assert_eq!(second.mqtt(&stack).connect().await?, Refused);
        let status = stack
            .certificate_status(&second.identity.certificate_id)
            .await?;
        assert_eq!(status, Some(CertificateStatus::PendingActivation));
    }
    let attached = stack.certificates_of(&first.serial).await?;
    assert_eq!(attached, [first.identity.certificate_id.as_str()]);
    assert_eq!(first.mqtt(&stack).connect().await?, Accepted);
    Ok(())
}

#[tokio::test]
async fn a_revoked_or_inactive_certificate_is_refused_at_once() -> Result<()> {
    let (stack, owner) = stack_and_owner().await?;
    let ca = Ca::registered(&stack).await?;
    let device = Device::of(&stack, &owner, &ca).await?;
    let id = &device.identity.certificate_id;

    stack
        .set_certificate_status(id, CertificateStatus::Inactive)
        .await?;
    assert_eq!(device.mqtt(&stack).connect().await?, Refused);
    stack
        .set_certificate_status(id, CertificateStatus::Active)
        .await?;
    assert_eq!(device.mqtt(&stack).connect().await?, Accepted);
    stack
        .set_certificate_status(id, CertificateStatus::Revoked)
        .await?;
    assert_eq!(device.mqtt(&stack).connect().await?, Refused);

    // Nothing that comes later lets it in again.
    let event = json!({"certificateId": id, "certificateStatus": "PENDING_ACTIVATION"});
    stack.send("jitr", &event).await?;
    quiet().await;
    assert_eq!(
        stack.certificate_status(id).await?,
        Some(CertificateStatus::Revoked)
    );
    assert_eq!(device.mqtt(&stack).connect().await?, Refused);
    Ok(())
}

#[tokio::test]
async fn a_device_that_was_deleted_is_refused_when_it_reconnects() -> Result<()> {
    let (stack, owner) = stack_and_owner().await?;
    let ca = Ca::registered(&stack).await?;
    let device = Device::of(&stack, &owner, &ca).await?;
    stack.api(&owner).release(&device).await?;
    assert_eq!(device.mqtt(&stack).connect().await?, Refused);
    stack.refused(&device).await?;
    assert_eq!(device.mqtt(&stack).connect().await?, Refused);
    let status = stack
        .certificate_status(&device.identity.certificate_id)
        .await?;
    assert_eq!(status, Some(CertificateStatus::PendingActivation));
    Ok(())
}

#[tokio::test]
async fn a_device_publishes_on_its_own_topics_only() -> Result<()> {
    let (stack, owner) = stack_and_owner().await?;
    let stranger = stack.owner().await?;
    let ca = Ca::registered(&stack).await?;
    let device = Device::of(&stack, &owner, &ca).await?;
    let other = Device::of(&stack, &stranger, &ca).await?;
    let (mine, theirs) = (&device.serial, &other.serial);
    let forged = json!({"type": "error", "messageId": "forged"}).to_string();

    let cases = [
        (Refused, format!("{}/{theirs}", topic::EVENT)),
        (Refused, format!("{}/{theirs}", topic::TELEMETRY)),
        (
            Refused,
            format!("{}/{theirs}/{}", topic::COMMANDS, topic::RESPONSE),
        ),
        (Refused, format!("{}/{mine}", topic::COMMANDS)),
        (Refused, format!("{}/{}", topic::ALERTS, owner.id)),
        (Refused, format!("{}/{mine}/more", topic::EVENT)),
        (Refused, format!("$aws/things/{theirs}/shadow/update")),
        (Refused, format!("$aws/things/{mine}/shadow/delete")),
        (
            Refused,
            format!("$aws/things/{mine}/shadow/name/other/update"),
        ),
        (Refused, format!("{}/x", topic::CERTIFICATE_REGISTERED)),
        (Accepted, format!("{}/{mine}", topic::TELEMETRY)),
        (
            Accepted,
            format!("{}/{mine}/{}", topic::COMMANDS, topic::RESPONSE),
        ),
        (Accepted, format!("$aws/things/{mine}/shadow/update")),
        (Accepted, format!("$aws/things/{mine}/shadow/get")),
    ];
    for (delivery, topic) in cases {
        let done = device
            .mqtt(&stack)
            .publish(&topic, forged.as_bytes())
            .await?;
        assert_eq!(done, delivery, "{topic}");
    }

    // Once an honest event of the other device has arrived, so would the forged one.
    other
        .event(&stack, &json!({"type": "info", "messageId": "honest"}))
        .await?;
    let rows = eventually("the honest event", async || {
        let rows = stack.events(&stranger.id, theirs).await?;
        Ok((!rows.is_empty()).then_some(rows))
    })
    .await?;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["messageId"], "honest");
    assert!(stack.events(&owner.id, mine).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_device_receives_on_its_own_topics_only() -> Result<()> {
    let (stack, owner) = stack_and_owner().await?;
    let ca = Ca::registered(&stack).await?;
    let device = Device::of(&stack, &owner, &ca).await?;
    let other = Device::of(&stack, &owner, &ca).await?;
    let command = |of: &Device| format!("{}/{}", topic::COMMANDS, of.serial);

    let mut own = device.mqtt(&stack).subscribe(&[&command(&device)]).await?;
    stack.publish(&command(&device), "for its own").await?;
    let (topic, payload) = own.next().await?.context("an own command")?;
    assert_eq!((topic, payload.as_str()), (command(&device), "for its own"));
    drop(own);

    let (alerts, documents) = (
        format!("{}/{}", topic::ALERTS, owner.id),
        format!("$aws/things/{}/shadow/update/documents", other.serial),
    );
    let anybody = format!("{}/+", topic::COMMANDS);
    for (filter, denied) in [
        (command(&other), command(&other)),
        (anybody, command(&other)),
        ("#".to_owned(), command(&other)),
        (alerts.clone(), alerts),
        (documents.clone(), documents),
    ] {
        // The broker closes the connection, or answers that this one is denied.
        let topics = [filter.as_str(), &command(&device)];
        let Ok(mut client) = device.mqtt(&stack).subscribe(&topics).await else {
            continue;
        };
        stack.publish(&denied, "for another").await?;
        stack.publish(&command(&device), "for its own").await?;
        if let Some((topic, _)) = client.next().await? {
            assert_eq!(
                topic,
                command(&device),
                "a device heard what `{filter}` covers"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_device_connects_under_its_own_name_only() -> Result<()> {
    let (stack, owner) = stack_and_owner().await?;
    let ca = Ca::registered(&stack).await?;
    let device = Device::of(&stack, &owner, &ca).await?;
    let other = Device::of(&stack, &owner, &ca).await?;
    for name in [
        other.serial.as_str(),
        "somebody",
        &format!("{}-2", device.serial),
    ] {
        let client = Mqtt::new(&stack, &device.identity, name);
        assert_eq!(client.connect().await?, Refused, "{name}");
    }
    assert_eq!(device.mqtt(&stack).connect().await?, Accepted);
    Ok(())
}

#[tokio::test]
async fn who_sent_a_message_is_what_the_topic_says() -> Result<()> {
    let (stack, owner) = stack_and_owner().await?;
    let stranger = stack.owner().await?;
    let ca = Ca::registered(&stack).await?;
    let device = Device::of(&stack, &owner, &ca).await?;
    let other = Device::of(&stack, &stranger, &ca).await?;
    let forged = json!({
        "type": "error", "messageId": "m-1", "deviceId": other.serial, "userId": stranger.id,
        "deviceName": "Another", "ack": true, "registrationId": "x",
    });
    device.event(&stack, &forged).await?;

    let rows = eventually("the event", async || {
        let rows = stack.events(&owner.id, &device.serial).await?;
        Ok((!rows.is_empty()).then_some(rows))
    })
    .await?;
    assert_eq!(rows[0]["deviceId"], device.serial);
    assert_eq!(rows[0]["userId"], owner.id);
    assert_eq!(
        rows[0]["deviceName"],
        format!("Thermostat {}", device.serial)
    );
    assert_eq!(rows[0]["ack"], false);
    assert!(stack.events(&stranger.id, &other.serial).await?.is_empty());
    assert!(
        stack
            .api(&stranger)
            .said("/devices/events")
            .await?
            .is_empty()
    );
    Ok(())
}

async fn stack_and_owner() -> Result<(Stack, Owner)> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    Ok((stack, owner))
}
