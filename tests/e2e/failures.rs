//! What a function fails to handle waits where an operator finds it, and is
//! handled when it is sent again.
//!
//! A row that nobody can read makes a function fail for one user and nobody else.

use anyhow::Result;
use contract::table;
use serde_json::{Value, json};
use tests::{Ca, Device, Stack, quiet, serial};

#[tokio::test]
async fn an_alert_that_fails_waits_in_the_queue_and_can_be_replayed() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let url = stack.alerts_queue(&json!({"userId": [owner.id]})).await?;
    let settings = [(table::SETTING_ID, owner.id.as_str())];
    stack
        .set(
            table::SETTINGS,
            &settings,
            &[("setting", json!("unreadable"))],
        )
        .await?;

    let message = json!({"type": "error", "messageId": "m-1"});
    device.event(&stack, &message).await?;
    let failed = failure_of(&stack, "alert", &device.serial).await?;
    assert_eq!(stack.events(&owner.id, &device.serial).await?.len(), 1);
    assert_eq!(stack.queue(&url).len().await?, 0);
    let answer = stack.api(&owner).get("/devices/alerts").await?;
    assert_eq!(
        (answer.status, &answer.body["error"]),
        (500, &json!("InternalFailure"))
    );

    stack.alert_level(&owner, &["error"]).await?;
    stack.send("alert", &failed).await?;
    stack
        .queue(&url)
        .take("the alert after all", |_| true)
        .await?;
    // It was sent now: the device's message coming again changes nothing.
    device.event(&stack, &message).await?;
    quiet().await;
    assert_eq!(stack.queue(&url).len().await?, 0);
    assert_eq!(stack.api(&owner).pages("/devices/alerts").await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn an_event_that_fails_waits_in_the_queue_and_can_be_replayed() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;

    let broken = Broken::registration(&stack, &owner.id, &device.serial, "registrationId").await?;
    device
        .event(&stack, &json!({"type": "error", "messageId": "m-1"}))
        .await?;
    let failed = failure_of(&stack, "event-proxy", &device.serial).await?;
    assert!(stack.events(&owner.id, &device.serial).await?.is_empty());

    broken.mend(&stack).await?;
    for _ in 0..2 {
        stack.call("event-proxy", &failed).await?;
    }
    let rows = stack.events(&owner.id, &device.serial).await?;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["messageId"], "m-1");
    Ok(())
}

#[tokio::test]
async fn a_registration_that_fails_waits_in_the_queue_and_the_device_comes_back() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let serial = serial();
    stack.add_product(&serial).await?;
    stack.api(&owner).register(&serial).await?.ok()?;
    let ca = Ca::registered(&stack).await?;
    let device = Device {
        identity: ca.identity(&serial)?,
        serial,
    };
    let id = &device.identity.certificate_id;

    let broken = Broken::registration(&stack, &owner.id, &device.serial, "status").await?;
    // The first connection makes the certificate known, and the rule tell jitr.
    device.mqtt(&stack).connect().await?;
    let failed = stack
        .failed()
        .take("the failed registration", |it| {
            it["requestPayload"]["certificateId"] == *id
        })
        .await?;
    let event = &failed["requestPayload"];
    assert_eq!(event["certificateStatus"], "PENDING_ACTIVATION", "{event}");
    assert_eq!(
        device.mqtt(&stack).connect().await?,
        tests::Delivery::Refused
    );

    broken.mend(&stack).await?;
    device.join(&stack).await
}

/// Takes what `service` failed to handle for `device` from the queue.
async fn failure_of(stack: &Stack, service: &str, device: &str) -> Result<Value> {
    let function = stack.function(service);
    let failed = stack
        .failed()
        .take("a failed invocation", |it| {
            let arn = it["requestContext"]["functionArn"]
                .as_str()
                .unwrap_or_default();
            let payload = &it["requestPayload"];
            // What the broker tells of a connection may have failed, too.
            arn.contains(&function) && payload["deviceId"] == device && payload["kind"].is_null()
        })
        .await?;
    Ok(failed["requestPayload"].clone())
}

/// A registration with an attribute that its readers cannot read.
struct Broken {
    user: String,
    device: String,
    attribute: &'static str,
    before: Value,
}

impl Broken {
    async fn registration(
        stack: &Stack,
        user: &str,
        device: &str,
        attribute: &'static str,
    ) -> Result<Self> {
        let row = stack.registration(user, device).await?.unwrap_or_default();
        let (user, device) = (user.to_owned(), device.to_owned());
        let broken = Self {
            user,
            device,
            attribute,
            before: row[attribute].clone(),
        };
        broken.set(stack, json!(["unreadable"])).await?;
        Ok(broken)
    }

    async fn mend(self, stack: &Stack) -> Result<()> {
        self.set(stack, self.before.clone()).await
    }

    async fn set(&self, stack: &Stack, value: Value) -> Result<()> {
        let key = [
            (table::USER_ID, self.user.as_str()),
            (table::DEVICE_ID, &self.device),
        ];
        let change = [(self.attribute, value)];
        stack.set(table::REGISTRATIONS, &key, &change).await
    }
}
