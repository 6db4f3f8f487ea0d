//! An owner lets go of a device: nothing of it is left, however often it takes.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use aws_sdk_iot::types::CertificateStatus;
use contract::table;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use tests::{Ca, Delivery, Device, Owner, Stack, eventually, patiently};
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;
use uuid::Uuid;

#[tokio::test]
async fn a_deleted_device_is_cut_off_and_anybody_may_have_it_next() -> Result<()> {
    let stack = Stack::connect().await?;
    let (anna, ben) = (stack.owner().await?, stack.owner().await?);
    let ca = Ca::registered(&stack).await?;
    let device = Device::of(&stack, &anna, &ca).await?;
    device
        .report(&stack, &json!({"powerStatus": "HEAT"}))
        .await?;
    tell(&stack, &anna, &device, "anna").await?;

    stack.api(&anna).release(&device).await?;
    gone(&stack, &anna, &device).await?;
    assert_eq!(device.mqtt(&stack).connect().await?, Delivery::Refused);

    // The next owner, and the same device as it is.
    stack.api(&ben).register(&device.serial).await?.ok()?;
    device.join(&stack).await?;
    starts_empty(&stack, &ben, &device).await?;
    tell(&stack, &ben, &device, "ben").await?;
    stack.api(&ben).release(&device).await?;
    gone(&stack, &ben, &device).await?;

    // The first owner again, and the device with a new certificate.
    stack.api(&anna).register(&device.serial).await?.ok()?;
    let renewed = Device {
        identity: ca.identity(&device.serial)?,
        ..device.clone()
    };
    renewed.join(&stack).await?;
    starts_empty(&stack, &anna, &renewed).await?;
    tell(&stack, &anna, &renewed, "anna again").await?;
    // The one before is a second certificate now.
    assert_eq!(device.mqtt(&stack).connect().await?, Delivery::Refused);
    Ok(())
}

#[tokio::test]
async fn a_connection_from_before_the_deletion_is_heard_no_more() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let topic = format!("{}/{}", contract::topic::EVENT, device.serial);
    let mut client = device
        .mqtt(&stack)
        .command("mosquitto_pub")
        .args(["-t", &topic, "-l"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut input = client.stdin.take().context("no input")?;
    let line = |id: &str| format!("{}\n", json!({"type": "error", "messageId": id}));
    input.write_all(line("before").as_bytes()).await?;
    eventually("the event before", async || {
        Ok(stack.events(&owner.id, &device.serial).await?.pop())
    })
    .await?;

    stack.api(&owner).release(&device).await?;
    // The broker closes the connection at the latest when the device says
    // something; the client connects again and is refused.
    input.write_all(line("after").as_bytes()).await?;
    input.flush().await?;
    stack.refused(&device).await?;
    assert_eq!(stack.events(&owner.id, &device.serial).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_deletion_goes_on_from_wherever_it_stopped() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let ca = Arc::new(Ca::registered(&stack).await?);
    let mut deleting = JoinSet::new();
    for steps in [
        &[][..],
        &[Step::Close],
        &[Step::Close, Step::Deactivate],
        &[Step::Close, Step::Deactivate, Step::Detach],
        &[Step::Close, Step::Deactivate, Step::Detach, Step::Delete],
        &[
            Step::Close,
            Step::Deactivate,
            Step::Detach,
            Step::Delete,
            Step::Shadow,
        ],
        &[
            Step::Close,
            Step::Deactivate,
            Step::Detach,
            Step::Delete,
            Step::Shadow,
            Step::Thing,
        ],
        // By an operator's hand, in no order of ours.
        &[Step::Deactivate],
        &[Step::Revoke],
        &[Step::Detach],
        &[Step::Deactivate, Step::Detach, Step::Delete],
        &[Step::Deactivate, Step::Detach, Step::Delete, Step::Thing],
        &[Step::Detach, Step::Thing],
        &[Step::Shadow],
        &[Step::SecondCertificate],
    ] {
        let device = Device::of(&stack, &owner, &ca).await?;
        let (stack, owner, ca) = (stack.clone(), owner.clone(), ca.clone());
        deleting.spawn(async move {
            let what = format!("after {steps:?}");
            device
                .report(&stack, &json!({"powerStatus": "OFF"}))
                .await?;
            for step in steps {
                step.by_hand(&stack, &owner, &ca, &device)
                    .await
                    .context(what.clone())?;
            }
            stack
                .api(&owner)
                .release(&device)
                .await
                .context(what.clone())?;
            gone(&stack, &owner, &device).await.context(what)?;
            // Once more is once too often, and says so.
            let again = stack
                .api(&owner)
                .delete(&format!("/devices/{}", device.serial))
                .await?;
            assert_eq!(again.error(), (400, "DeviceNotFoundFailure"));
            anyhow::Ok(())
        });
    }
    while let Some(done) = deleting.join_next().await {
        done??;
    }
    Ok(())
}

#[tokio::test]
async fn a_device_that_was_never_connected_is_deleted_like_any_other() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::pending(&stack, &owner, &Ca::registered(&stack).await?).await?;
    stack.api(&owner).release(&device).await?;
    gone(&stack, &owner, &device).await
}

#[tokio::test]
async fn one_deletion_runs_at_a_time() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    close(&stack, &owner, &device, Timestamp::now() + 1.hour()).await?;

    let path = format!("/devices/{}", device.serial);
    let busy = stack.api(&owner).delete(&path).await?;
    assert_eq!(busy.status, 503, "{}", busy.text);
    let seconds: u32 = busy
        .headers
        .get("retry-after")
        .context("no Retry-After")?
        .parse()?;
    assert!((1..=60).contains(&seconds), "{seconds}");
    // Nothing of it was done, and the owner still sees it.
    assert!(stack.has_thing(&device.serial).await?);
    assert_eq!(stack.certificates_of(&device.serial).await?.len(), 1);
    assert!(
        stack
            .api(&owner)
            .status_of(&device.serial)
            .await?
            .is_some_and(|it| it != "deleted")
    );

    close(&stack, &owner, &device, Timestamp::now() - 1.second()).await?;
    stack.api(&owner).release(&device).await?;
    gone(&stack, &owner, &device).await
}

#[tokio::test]
async fn unread_alerts_go_with_their_device_and_the_history_stays() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let ca = Ca::new()?;
    let [kept, deleted] = [
        Device::pending(&stack, &owner, &ca).await?,
        Device::pending(&stack, &owner, &ca).await?,
    ];
    let api = stack.api(&owner);
    stack
        .alert_level(&owner, &["error", "warning", "info"])
        .await?;
    for device in [&kept, &deleted] {
        // More than one page of what has to be cleared.
        stack
            .history(&owner, &device.serial, 130, |it| {
                (["error", "info"][it % 2], it >= 10)
            })
            .await?;
    }
    assert_eq!(
        api.read("/devices/alerts/count").await?,
        json!({"alertsCount": 240})
    );

    api.release(&deleted).await?;
    eventually("the count without the deleted device", async || {
        let count = api.read("/devices/alerts/count").await?;
        Ok((count == json!({"alertsCount": 120})).then_some(()))
    })
    .await?;
    let alerts = api.pages("/devices/alerts?limit=100").await?;
    assert_eq!(alerts.len(), 120);
    assert!(alerts.iter().all(|it| it["deviceId"] == kept.serial));
    let left = format!("/devices/alerts?deviceId={}", deleted.serial);
    assert!(api.pages(&left).await?.is_empty());

    let events = api.said("/devices/events?limit=100").await?;
    assert_eq!(events.len(), 260);
    // What was acknowledged stays as it was; nobody is left to acknowledge the rest.
    let flags = |device: &Device| {
        let mut numbers = BTreeMap::<_, usize>::new();
        for event in events.iter().filter(|it| it["deviceId"] == device.serial) {
            let flags = (event["ack"] == true, event["suppress"] == true);
            *numbers.entry(flags).or_default() += 1;
        }
        numbers
    };
    assert_eq!(
        flags(&deleted),
        BTreeMap::from([((true, false), 10), ((false, true), 120)])
    );
    assert_eq!(
        flags(&kept),
        BTreeMap::from([((true, false), 10), ((false, false), 120)])
    );
    Ok(())
}

#[tokio::test]
async fn ten_clients_that_delete_at_once_delete_once() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let mut deleting = JoinSet::new();
    for _ in 0..10 {
        let (stack, owner, path) = (
            stack.clone(),
            owner.clone(),
            format!("/devices/{}", device.serial),
        );
        deleting.spawn(async move {
            let api = stack.api(&owner);
            patiently(|| api.delete(&path)).await
        });
    }
    let mut answers = BTreeMap::<_, usize>::new();
    while let Some(answer) = deleting.join_next().await {
        let answer = answer??;
        *answers
            .entry((answer.status, answer.error().1.to_owned()))
            .or_default() += 1;
    }
    let expected = [
        ((200, String::new()), 1),
        ((400, "DeviceNotFoundFailure".to_owned()), 9),
    ];
    assert_eq!(answers, BTreeMap::from(expected));
    gone(&stack, &owner, &device).await
}

/// What may have been done when a deletion stopped, or what an operator did.
#[derive(Clone, Copy, Debug)]
enum Step {
    Close,
    Deactivate,
    Revoke,
    Detach,
    Delete,
    Shadow,
    Thing,
    SecondCertificate,
}

impl Step {
    async fn by_hand(self, stack: &Stack, owner: &Owner, ca: &Ca, device: &Device) -> Result<()> {
        let (thing, certificate) = (&device.serial, &device.identity.certificate_id);
        match self {
            Self::Close => close(stack, owner, device, Timestamp::now() - 1.second()).await,
            Self::Deactivate => {
                stack
                    .set_certificate_status(certificate, CertificateStatus::Inactive)
                    .await
            }
            Self::Revoke => {
                stack
                    .set_certificate_status(certificate, CertificateStatus::Revoked)
                    .await
            }
            Self::Detach => stack.detach_certificate(thing, certificate).await,
            Self::Delete => stack.delete_certificate(certificate).await,
            Self::Shadow => {
                stack
                    .iot_data
                    .delete_thing_shadow()
                    .thing_name(thing)
                    .send()
                    .await?;
                Ok(())
            }
            Self::Thing => {
                stack.iot.delete_thing().thing_name(thing).send().await?;
                Ok(())
            }
            Self::SecondCertificate => {
                let second = stack
                    .iot
                    .register_certificate()
                    .certificate_pem(ca.certificate(thing)?)
                    .ca_certificate_pem(ca.pem())
                    .status(CertificateStatus::Active)
                    .send()
                    .await?;
                let id = second
                    .certificate_id
                    .context("a certificate without an id")?;
                stack.attach_certificate(thing, &id).await
            }
        }
    }
}

/// Closes a registration as the first step of a deletion does, which has until
/// `until` for the others.
async fn close(stack: &Stack, owner: &Owner, device: &Device, until: Timestamp) -> Result<()> {
    let key = [
        (table::USER_ID, owner.id.as_str()),
        (table::DEVICE_ID, &device.serial),
    ];
    stack
        .remove(table::REGISTRATIONS, &key, table::ACTIVE_DEVICE)
        .await?;
    let lease = json!(format!("{until:.3}#{}", Uuid::new_v4()));
    stack
        .set(table::REGISTRATIONS, &key, &[("closing", lease)])
        .await
}

/// Asserts that nothing of `device` is left but the owner's own memory of it.
async fn gone(stack: &Stack, owner: &Owner, device: &Device) -> Result<()> {
    let serial = &device.serial;
    let row = stack
        .registration(&owner.id, serial)
        .await?
        .context("no registration")?;
    assert_eq!(row["status"], "deleted", "{row}");
    for attribute in [table::ACTIVE_DEVICE, "closing", "certificateId"] {
        assert!(row[attribute].is_null(), "{row}");
    }
    assert!(
        stack.product(serial).await?["claimedBy"].is_null(),
        "still claimed"
    );
    assert!(!stack.has_thing(serial).await?, "the thing is left");
    assert!(!stack.has_shadow(serial).await?, "the shadow is left");
    let certificate = &device.identity.certificate_id;
    assert_eq!(stack.certificate_status(certificate).await?, None);

    let api = stack.api(owner);
    assert_eq!(api.status_of(serial).await?.as_deref(), Some("deleted"));
    let devices = api.linked("/devices").await?;
    ensure!(
        devices.iter().flatten().all(|it| it["deviceId"] != *serial),
        "still listed"
    );
    Ok(())
}

/// Asserts that a new owner's device has neither past nor state.
async fn starts_empty(stack: &Stack, owner: &Owner, device: &Device) -> Result<()> {
    let (api, path) = (stack.api(owner), format!("/devices/{}", device.serial));
    assert_eq!(api.read(&path).await?["status"], "complete");
    for list in ["events", "commands"] {
        let items = api.said(&format!("{path}/{list}")).await?;
        assert!(items.is_empty(), "{items:?}");
    }
    let status = api.read(&format!("{path}/status")).await?;
    assert_eq!(
        (&status["state"], &status["metadata"]),
        (&json!({}), &json!({}))
    );
    Ok(())
}

/// Has the device report an error, which its owner then reads and nobody else.
async fn tell(stack: &Stack, owner: &Owner, device: &Device, text: &str) -> Result<()> {
    device
        .event(
            stack,
            &json!({"type": "error", "messageId": "m-1", "message": text}),
        )
        .await?;
    let path = format!("/devices/{}/events", device.serial);
    let events = eventually("the event", async || {
        let page: Vec<Value> = stack.api(owner).said(&path).await?;
        Ok((!page.is_empty()).then_some(page))
    })
    .await?;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["message"], text);
    let command = json!({"command": "set-mode", "value": "HEAT", "details": {"text": text}});
    stack
        .api(owner)
        .post(&format!("/devices/{}/commands", device.serial), &command)
        .await?
        .ok()?;
    Ok(())
}
