//! What a function fails to handle waits where an operator finds it, and is
//! handled when it is sent again.
//!
//! A row that nobody can read makes a function fail for one user and nobody else.

use anyhow::{Context, Result, ensure};
use aws_sdk_iot::types::{Action, LambdaAction, SqsAction, TopicRulePayload};
use aws_sdk_sqs::types::MessageAttributeValue;
use contract::{output, table};
use serde_json::{Value, json};
use tests::{Ca, Device, Stack, eventually, quiet, serial};
use uuid::Uuid;

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

#[tokio::test]
async fn a_message_whose_rule_failed_is_replayed_through_the_rule_for_the_same_owner_only()
-> Result<()> {
    let stack = Stack::connect().await?;
    let (owner, next) = (stack.owner().await?, stack.owner().await?);
    let ca = Ca::new()?;
    let kept = Device::pending(&stack, &owner, &ca).await?;
    let sold = Device::pending(&stack, &owner, &ca).await?;
    let rule = Rule::new(&stack, "nowhere").await?;
    for device in [&kept, &sold] {
        let message = json!({"type": "error", "messageId": "m-1"}).to_string();
        stack.publish(&rule.topic(device), &message).await?;
    }
    stack.api(&owner).release(&sold).await?;
    stack.api(&next).register(&sold.serial).await?.ok()?;

    rule.leads_to(&stack, "event-proxy").await?;
    eventually("the replay of a message", async || {
        let (status, printed) = stack.try_replay(&["--function", "nowhere"]).await?;
        ensure!(status == Some(1), "{printed}");
        let reason = format!("the device {} has another owner", sold.serial);
        ensure!(printed.contains(&reason), "{printed}");
        Ok((stack.events(&owner.id, &kept.serial).await?.len() == 1).then_some(()))
    })
    .await?;
    assert!(stack.events(&next.id, &sold.serial).await?.is_empty());
    stack
        .failed()
        .take("the other message", |it| it["topic"] == rule.topic(&sold))
        .await?;
    rule.delete(&stack).await
}

#[tokio::test]
async fn a_replay_lists_without_sending_and_leaves_what_it_does_not_know() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::pending(&stack, &owner, &Ca::new()?).await?;
    // What EventBridge keeps of an event that it could not hand on.
    let function = stack.lambda.get_function_configuration();
    let function = function.function_name(stack.function("event-proxy"));
    let arn = function.send().await?.function_arn;
    let target = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(arn.context("a function without an ARN")?)
        .build()?;
    let message = json!({"type": "error", "messageId": "m-1"}).to_string();
    let event = Stack::rule_event(&device.serial, message.as_bytes());
    let url = stack.sqs.create_queue().queue_name(serial()).send().await?;
    let url = url.queue_url.context("a queue without a URL")?;
    let send = || stack.sqs.send_message().queue_url(&url);
    let known = send().message_body(event.to_string());
    known
        .message_attributes("TARGET_ARN", target)
        .send()
        .await?;
    for stray in ["not json", "[]", "{\"requestContext\": {}}"] {
        send().message_body(stray).send().await?;
    }

    let options = ["--queue", &url];
    let (status, listed) = stack
        .try_replay(&[&options[..], &["--list"]].concat())
        .await?;
    ensure!(status == Some(1), "{listed}");
    ensure!(listed.contains("event-proxy: 1 waiting"), "{listed}");
    ensure!(listed.contains(&device.serial), "{listed}");
    assert!(stack.events(&owner.id, &device.serial).await?.is_empty());
    assert_eq!(stack.queue(&url).len().await?, 4);

    let (status, printed) = stack.try_replay(&options).await?;
    ensure!(status == Some(1), "{printed}");
    ensure!(printed.contains("event-proxy: 1 sent again"), "{printed}");
    assert_eq!(printed.matches("left in the queue").count(), 3, "{printed}");
    // What it sends it does not show.
    ensure!(!printed.contains(&device.serial), "{printed}");
    eventually("the event", async || {
        let rows = stack.events(&owner.id, &device.serial).await?;
        Ok((rows.len() == 1).then_some(()))
    })
    .await?;
    assert_eq!(stack.queue(&url).len().await?, 3);
    Ok(())
}

/// A rule like the one for events, for topics that no device uses.
struct Rule {
    name: String,
}

impl Rule {
    async fn new(stack: &Stack, service: &str) -> Result<Self> {
        let name = format!("replay_{}", Uuid::new_v4().simple());
        let rule = Self { name };
        let payload = rule.payload(stack, service).await?;
        let create = stack.iot.create_topic_rule().rule_name(&rule.name);
        create.topic_rule_payload(payload).send().await?;
        Ok(rule)
    }

    fn topic(&self, device: &Device) -> String {
        format!("smartproduct/{}/{}", self.name, device.serial)
    }

    async fn leads_to(&self, stack: &Stack, service: &str) -> Result<()> {
        let replace = stack.iot.replace_topic_rule().rule_name(&self.name);
        let payload = self.payload(stack, service).await?;
        replace.topic_rule_payload(payload).send().await?;
        Ok(())
    }

    async fn delete(self, stack: &Stack) -> Result<()> {
        let delete = stack.iot.delete_topic_rule().rule_name(self.name);
        delete.send().await?;
        Ok(())
    }

    async fn payload(&self, stack: &Stack, service: &str) -> Result<TopicRulePayload> {
        let function = stack.lambda.get_function_configuration();
        let function = function.function_name(stack.function("event-proxy"));
        let function = function.send().await?;
        let arn = function.function_arn.context("a function without an ARN")?;
        let arn = arn.replace(&stack.function("event-proxy"), &stack.function(service));
        let invoke = LambdaAction::builder().function_arn(arn).build()?;
        let keep = SqsAction::builder()
            .queue_url(stack.output(output::FAILED_QUEUE_URL))
            .role_arn(function.role.context("a function without a role")?)
            .build()?;
        let sql = format!(
            "SELECT encode(*, 'base64') AS payload, topic(3) AS deviceId, timestamp() AS receivedAt \
             FROM 'smartproduct/{}/+'",
            self.name
        );
        Ok(TopicRulePayload::builder()
            .sql(sql)
            .actions(Action::builder().lambda(invoke).build())
            .error_action(Action::builder().sqs(keep).build())
            .build()?)
    }
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
