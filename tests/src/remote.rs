//! Remote control: commands of an owner, answers of a device, and what the
//! cloud wants of it.

use anyhow::{Context, Result, ensure};
use contract::{table, topic};
use serde_json::{Value, json};

use crate::device::is_not_found;
use crate::{Answer, Api, Delivery, Device, Owner, Stack, eventually};

/// An owner and one of the owner's devices.
#[derive(Clone, Copy, Debug)]
pub struct Remote<'a> {
    /// Where both are.
    pub stack: &'a Stack,
    /// Who sends commands.
    pub owner: &'a Owner,
    /// Who gets them.
    pub device: &'a Device,
}

impl<'a> Remote<'a> {
    /// Remote control of `device` by `owner`.
    #[must_use]
    pub fn new(stack: &'a Stack, owner: &'a Owner, device: &'a Device) -> Self {
        Self {
            stack,
            owner,
            device,
        }
    }

    /// Path of the device's commands.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/devices/{}/commands", self.device.serial)
    }

    /// Topic of the device's commands.
    #[must_use]
    pub fn topic(&self) -> String {
        format!("{}/{}", topic::COMMANDS, self.device.serial)
    }

    /// Topic of the device's answers.
    #[must_use]
    pub fn response(&self) -> String {
        format!("{}/{}", self.topic(), topic::RESPONSE)
    }

    /// The API as the owner sees it.
    #[must_use]
    pub fn api(&self) -> Api<'_> {
        self.stack.api(self.owner)
    }

    /// Asks for a command, whatever the answer is.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn ask(&self, command: &str, value: &Value) -> Result<Answer> {
        let body = json!({"command": command, "value": value});
        self.api().post(&self.path(), &body).await
    }

    /// Sends a command; returns it as it was answered.
    ///
    /// # Errors
    ///
    /// When the API refuses it.
    pub async fn send(&self, command: &str, value: Value) -> Result<Value> {
        self.ask(command, &value).await?.ok()
    }

    /// A command as it is now.
    ///
    /// # Errors
    ///
    /// When the API does not answer with one.
    pub async fn now(&self, command: &Value) -> Result<Value> {
        let path = format!("{}/{}", self.path(), id(command)?);
        self.api().read(&path).await
    }

    /// Waits until a command has ended like this.
    ///
    /// # Errors
    ///
    /// When it has ended otherwise, or not within a minute.
    pub async fn ended(
        &self,
        command: &Value,
        status: &str,
        reason: Option<&str>,
    ) -> Result<Value> {
        let now = eventually("the end of a command", async || {
            let now = self.now(command).await?;
            Ok((now["status"] != "pending").then_some(now))
        })
        .await?;
        let found = (now["status"].as_str(), now["reason"].as_str());
        ensure!(found == (Some(status), reason), "{now}");
        Ok(now)
    }

    /// Has the device answer a command.
    ///
    /// # Errors
    ///
    /// When the broker does not accept the answer.
    pub async fn answer(&self, command: &Value, status: &str, reason: Option<&str>) -> Result<()> {
        let answer = json!({"commandId": id(command)?, "status": status, "reason": reason});
        self.publish(&self.response(), &answer).await
    }

    /// Hands an answer of the device to the function, and waits until it was handled.
    ///
    /// # Errors
    ///
    /// When the function fails.
    pub async fn answered(&self, command: &Value, status: &str) -> Result<()> {
        let answer = json!({"commandId": id(command)?, "status": status}).to_string();
        let mut event = Stack::rule_event(&self.device.serial, answer.as_bytes());
        event["kind"] = json!("answer");
        self.stack.call("command-outcome", &event).await?;
        Ok(())
    }

    /// Has the device ask to change its shadow.
    ///
    /// # Errors
    ///
    /// When the broker does not accept that.
    pub async fn update_shadow(&self, update: &Value) -> Result<()> {
        let topic = format!("{}/{}/shadow/update", topic::THINGS, self.device.serial);
        self.publish(&topic, update).await
    }

    async fn publish(&self, topic: &str, message: &Value) -> Result<()> {
        let payload = message.to_string();
        let client = self.device.mqtt(self.stack);
        let done = client.publish(topic, payload.as_bytes()).await?;
        ensure!(
            done == Delivery::Accepted,
            "the broker refused a message on `{topic}`"
        );
        Ok(())
    }

    /// The device's shadow; `null` where it has none.
    ///
    /// # Errors
    ///
    /// When the cloud does not answer.
    pub async fn shadow(&self) -> Result<Value> {
        let shadow = self.stack.iot_data.get_thing_shadow();
        match shadow.thing_name(&self.device.serial).send().await {
            Ok(found) => {
                let document = found.payload.context("a shadow without a document")?;
                Ok(serde_json::from_slice(document.as_ref())?)
            }
            Err(err) if is_not_found(&err) => Ok(Value::Null),
            Err(err) => Err(err.into()),
        }
    }

    /// What the cloud wants of the device, as its shadow says: `{}` where it has
    /// none, or wants nothing.
    ///
    /// # Errors
    ///
    /// When the cloud does not answer.
    pub async fn desired(&self) -> Result<Value> {
        let desired = self.shadow().await?["state"]["desired"].take();
        Ok(if desired.is_null() {
            json!({})
        } else {
            desired
        })
    }

    /// Waits until the cloud wants this of the device.
    ///
    /// # Errors
    ///
    /// When it does not within a minute.
    pub async fn wants(&self, desired: &Value) -> Result<()> {
        eventually("the desired state", async || {
            let found = self.desired().await?;
            ensure!(found == *desired, "{found}, not {desired}");
            Ok(Some(()))
        })
        .await
    }

    /// The row of a command.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn row(&self, command: &Value) -> Result<Value> {
        let partition = format!("{}#{}", self.owner.id, self.device.serial);
        let key = [
            (table::USER_DEVICE, partition.as_str()),
            (table::COMMAND_ID, id(command)?),
        ];
        let row = self.stack.row(table::COMMANDS, &key).await?;
        row.context("no such command")
    }
}

impl Stack {
    /// Ends what is overdue, as the schedule does each minute.
    ///
    /// # Errors
    ///
    /// When the function fails.
    pub async fn sweep(&self) -> Result<()> {
        self.call("command-outcome", &json!({"kind": "sweep"}))
            .await?;
        Ok(())
    }
}

/// Id of a command.
fn id(command: &Value) -> Result<&str> {
    command["commandId"].as_str().context("a command's id")
}
