//! Every topic rule of the deployed stack: a message goes through it, and what its
//! statement leaves out does not. A rule without a message here fails the tests.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use aws_sdk_iot::types::{Action, SqsAction, TopicRulePayload};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::topic;
use serde_json::{Value, json};
use tests::{
    Ca, Delivery, Device, Identity, Mqtt, Remote, Stack, eventually, quiet, serial, within,
};

#[tokio::test]
async fn a_message_goes_through_each_rule() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let remote = Remote::new(&stack, &owner, &device);
    for (rule, name) in rules(&stack).await? {
        let deployed = stack.iot.get_topic_rule().rule_name(&name).send().await?;
        let deployed = deployed.rule.context("a rule")?;
        ensure!(deployed.rule_disabled == Some(false), "{rule} is disabled");
        let went_through = go_through(&remote, &rule).await;
        went_through.with_context(|| format!("no message came through {rule}"))?;
    }
    Ok(())
}

/// Sends what the rule is there for, and waits for what comes of it.
async fn go_through(remote: &Remote<'_>, rule: &str) -> Result<()> {
    let Remote {
        stack,
        owner,
        device,
    } = *remote;
    match rule {
        // Without it the device would not have been let in.
        "JitrRule" => {
            let status = stack.api(owner).status_of(&device.serial).await?;
            ensure!(status.as_deref() == Some("complete"), "{status:?}");
            Ok(())
        }
        "EventRule" => {
            let event = json!({"type": "info", "messageId": "through"});
            device.event(stack, &event).await?;
            on_timeline(remote, &json!("through"), "messageId").await
        }
        "PresenceRule" => {
            device.mqtt(stack).connect().await?;
            on_timeline(remote, &json!("connected"), "message").await
        }
        "CommandAnswerRule" => {
            let made = remote.send("set-temp", json!(70)).await?;
            remote.answer(&made, "success", None).await?;
            remote.ended(&made, "success", None).await?;
            Ok(())
        }
        "ShadowDesiredRule" => {
            let before = remote.desired().await?;
            let forged = json!({"state": {"desired": {"unlocked": true}}});
            remote.update_shadow(&forged).await?;
            remote.wants(&before).await
        }
        "ShadowEmptiedRule" => {
            let made = remote.send("set-temp", json!(71)).await?;
            remote.answered(&made, "success").await?;
            let before = remote.desired().await?;
            ensure!(before["targetTemperature"] == 71, "{before}");
            let emptied = json!({"state": {"desired": null}});
            remote.update_shadow(&emptied).await?;
            remote.wants(&before).await
        }
        "TelemetryRule" => {
            let topic = format!("{}/{}", topic::TELEMETRY, device.serial);
            let mqtt = device.mqtt(stack);
            let sent = mqtt.publish(&topic, br#"{"powerStatus": "HEAT"}"#).await?;
            ensure!(sent == Delivery::Accepted, "it was not accepted");
            let query = format!(
                "SELECT powerstatus FROM smartproduct_dataset WHERE device_id = '{}'",
                device.serial
            );
            // The stream gathers before it stores.
            within(
                Duration::from_secs(60),
                "a row of the dataset",
                async || {
                    let rows = stack.ask(&query).await?;
                    Ok(rows
                        .iter()
                        .any(|it| it["powerstatus"] == "HEAT")
                        .then_some(()))
                },
            )
            .await
        }
        unknown => bail!("say in this test which message goes through {unknown}"),
    }
}

async fn on_timeline(remote: &Remote<'_>, value: &Value, field: &str) -> Result<()> {
    let path = format!("/devices/{}/events", remote.device.serial);
    eventually("an event on the timeline", async || {
        let events = remote.api().pages(&path).await?;
        Ok(events.iter().any(|it| it[field] == *value).then_some(()))
    })
    .await
}

#[tokio::test]
async fn what_a_statement_leaves_out_does_not_go_through() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let ca = Ca::registered(&stack).await?;
    let device = Device::of(&stack, &owner, &ca).await?;
    let newcomer = ca.identity(&serial())?;
    let remote = Remote::new(&stack, &owner, &device);
    // Something that is wanted for good, as what is not is soon put right.
    let made = remote.send("set-temp", json!(70)).await?;
    remote.answered(&made, "success").await?;
    for (rule, name) in rules(&stack).await? {
        let Statement { left_out, selected } = statement(&device.serial, &newcomer, &rule)?;
        let probe = Box::pin(Probe::of(&stack, &name)).await?;
        for message in &left_out {
            message.send(&remote).await?;
        }
        selected.send(&remote).await?;
        let is_left_out = |it: &Value| left_out.iter().any(|message| says(it, &message.mark));
        let through = probe.take(|it| says(it, &selected.mark) && !is_left_out(it));
        let through = through.await;
        through.with_context(|| format!("{rule} does not select {selected:?}"))?;
        quiet().await;
        for rest in probe.rest().await? {
            ensure!(!is_left_out(&rest), "{rule} selects {rest}");
        }
        probe.delete().await?;
    }
    Ok(())
}

/// What a rule's statement has to tell apart.
struct Statement {
    left_out: Vec<Message>,
    selected: Message,
}

/// Something that is said to the broker.
#[derive(Debug)]
struct Message {
    way: Way,
    /// A text that what a rule makes of it contains.
    mark: String,
}

#[derive(Debug)]
enum Way {
    /// By the cloud, on a topic.
    Topic(String),
    /// A change of the device's shadow, but for its token.
    Shadow(Value),
    /// A connection with the device's certificate, as the client `mark`.
    Connection,
    /// The first connection of a certificate, whose id is `mark`.
    FirstConnection(Identity),
}

fn statement(device: &str, newcomer: &Identity, rule: &str) -> Result<Statement> {
    let message = |way, what: &str| Message {
        way,
        mark: format!("{what}-{device}"),
    };
    let left_out = |way| message(way, "left-out");
    let selected = |way| message(way, "selected");
    let topic = |text: String| Way::Topic(text);
    let (events, commands, telemetry) = (topic::EVENT, topic::COMMANDS, topic::TELEMETRY);
    let wanted = |state: Value| Way::Shadow(json!({ "desired": state }));
    let reported = || Way::Shadow(json!({ "reported": {"unlocked": true} }));
    Ok(match rule {
        "JitrRule" => Statement {
            left_out: vec![left_out(topic(format!("{events}/{device}")))],
            selected: Message {
                mark: newcomer.certificate_id.clone(),
                way: Way::FirstConnection(newcomer.clone()),
            },
        },
        "EventRule" => Statement {
            left_out: vec![
                left_out(topic(events.to_owned())),
                left_out(topic(format!("{events}/{device}/more"))),
                left_out(topic(format!("{events}s/{device}"))),
            ],
            selected: selected(topic(format!("{events}/{device}"))),
        },
        "PresenceRule" => Statement {
            // The policy lets in the client id of its thing only.
            left_out: vec![left_out(Way::Connection)],
            selected: Message {
                way: Way::Connection,
                mark: device.to_owned(),
            },
        },
        "CommandAnswerRule" => Statement {
            left_out: vec![
                left_out(topic(format!("{commands}/{device}"))),
                left_out(topic(format!("{commands}/{device}/response/more"))),
                left_out(topic(format!("{commands}/{device}/request"))),
            ],
            selected: selected(topic(format!("{commands}/{device}/response"))),
        },
        "ShadowDesiredRule" => Statement {
            left_out: vec![left_out(reported())],
            selected: selected(wanted(json!({"unlocked": true}))),
        },
        "ShadowEmptiedRule" => Statement {
            left_out: vec![
                left_out(reported()),
                left_out(wanted(json!({"targetTemperature": 50}))),
                left_out(wanted(json!({"light": 1}))),
            ],
            selected: selected(wanted(Value::Null)),
        },
        "TelemetryRule" => Statement {
            left_out: vec![
                left_out(topic(telemetry.to_owned())),
                left_out(topic(format!("{telemetry}/{device}/more"))),
                left_out(topic(format!("{telemetry}s/{device}"))),
            ],
            selected: selected(topic(format!("{telemetry}/{device}"))),
        },
        unknown => bail!("say in this test what the statement of {unknown} leaves out"),
    })
}

impl Message {
    async fn send(&self, remote: &Remote<'_>) -> Result<()> {
        let Remote { stack, device, .. } = *remote;
        match &self.way {
            Way::Topic(topic) => {
                let payload = json!({"type": "info", "messageId": self.mark});
                stack.publish(topic, &payload.to_string()).await
            }
            Way::Shadow(state) => {
                let update = json!({"state": state, "clientToken": self.mark});
                remote.update_shadow(&update).await
            }
            Way::Connection => {
                let client = Mqtt::new(stack, &device.identity, &self.mark);
                client.connect().await.map(|_| ())
            }
            Way::FirstConnection(identity) => {
                let client = Mqtt::new(stack, identity, &self.mark);
                client.connect().await.map(|_| ())
            }
        }
    }
}

/// Whether what a rule has made of a message contains `mark`, in base64 perhaps.
fn says(found: &Value, mark: &str) -> bool {
    let payload = STANDARD.decode(found["payload"].as_str().unwrap_or_default());
    let payload = String::from_utf8(payload.unwrap_or_default()).unwrap_or_default();
    found.to_string().contains(mark) || payload.contains(mark)
}

/// Logical ids and names of the deployed rules.
async fn rules(stack: &Stack) -> Result<Vec<(String, String)>> {
    let list = ["cloudformation", "list-stack-resources", "--stack-name"];
    let all = stack.aws(&[&list[..], &[&stack.name]].concat()).await?;
    let all = all["StackResourceSummaries"].as_array();
    let rules: Vec<_> = all
        .context("resources of the stack")?
        .iter()
        .filter(|it| it["ResourceType"] == "AWS::IoT::TopicRule")
        .filter_map(|it| {
            let text = |field: &str| it[field].as_str().map(str::to_owned);
            Some((text("LogicalResourceId")?, text("PhysicalResourceId")?))
        })
        .collect();
    ensure!(!rules.is_empty(), "the stack has no rule");
    Ok(rules)
}

/// A rule with the statement of a deployed one, and a queue of its own.
struct Probe<'a> {
    stack: &'a Stack,
    name: String,
    url: String,
}

impl<'a> Probe<'a> {
    async fn of(stack: &'a Stack, deployed: &str) -> Result<Self> {
        let rule = stack.iot.get_topic_rule().rule_name(deployed);
        let rule = rule.send().await?.rule.context("a rule")?;
        let queue = stack.sqs.create_queue().queue_name(serial()).send().await?;
        let url = queue.queue_url.context("a queue without a URL")?;
        let function = stack.lambda.get_function_configuration();
        let function = function.function_name(stack.function("event-proxy"));
        let role = function.send().await?.role.context("a role")?;
        let keep = SqsAction::builder()
            .queue_url(&url)
            .role_arn(role)
            .build()?;
        let payload = TopicRulePayload::builder()
            .sql(rule.sql.context("a statement")?)
            .set_aws_iot_sql_version(rule.aws_iot_sql_version)
            .actions(Action::builder().sqs(keep).build())
            .build()?;
        let name = format!("probe_{}", uuid::Uuid::new_v4().simple());
        let create = stack.iot.create_topic_rule().rule_name(&name);
        create.topic_rule_payload(payload).send().await?;
        Ok(Self { stack, name, url })
    }

    async fn take(&self, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let queue = self.stack.queue(&self.url);
        queue.take("a selected message", wanted).await
    }

    /// What else has come, of tests that run beside this one as well.
    async fn rest(&self) -> Result<Vec<Value>> {
        let queue = self.stack.queue(&self.url);
        let number = queue.len().await?;
        queue.take_all("the rest", number, |_| true).await
    }

    async fn delete(self) -> Result<()> {
        let delete = self.stack.iot.delete_topic_rule().rule_name(self.name);
        delete.send().await?;
        let delete = self.stack.sqs.delete_queue().queue_url(self.url);
        delete.send().await?;
        Ok(())
    }
}
