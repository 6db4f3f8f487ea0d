//! Data that a stack holds, and that has to outlive every change of its flags.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_iotdataplane::primitives::Blob;
use contract::{output, table};
use serde_json::{Value, json};
use tests::Stack;

/// The tables, with their keys.
const TABLES: [(&str, &[&str]); 5] = [
    (table::SETTINGS, &[table::SETTING_ID]),
    (table::REGISTRATIONS, &[table::USER_ID, table::DEVICE_ID]),
    (table::EVENTS, &[table::USER_DEVICE, table::ID]),
    (table::COMMANDS, &[table::USER_DEVICE, table::COMMAND_ID]),
    (table::REFERENCE, &[table::DEVICE_ID, table::MODEL_NUMBER]),
];
/// The queues that wait for an operator.
const QUEUES: [&str; 2] = [output::FAILED_QUEUE_URL, output::REJECTED_QUEUE_URL];
/// A mark in all that is put in.
const MARK: &str = "put in by the lifecycle test";

/// The data of a stack.
#[derive(Debug)]
pub(crate) struct Data {
    stack: Stack,
    thing: String,
}

impl Data {
    /// Puts in a row for each table, a message for each queue, a user, and a thing with
    /// certificate, device policy and shadow.
    pub(crate) async fn put(stack: Stack) -> Result<Self> {
        let thing = format!("{}-thing", stack.name);
        let data = Self { stack, thing };
        data.put_rows().await?;
        for queue in QUEUES {
            let message = data.stack.sqs.send_message();
            let message = message.queue_url(data.stack.output(queue));
            message.message_body(MARK).send().await?;
        }
        data.stack.owner().await?;
        data.put_thing().await?;
        Ok(data)
    }

    async fn put_rows(&self) -> Result<()> {
        for (table, keys) in TABLES {
            let key = keys.iter().map(|key| ((*key).to_owned(), text(MARK)));
            let row: HashMap<_, _> = key.chain([("kept".to_owned(), text(MARK))]).collect();
            let put = self.stack.dynamo.put_item();
            let put = put.table_name(self.stack.table(table));
            put.set_item(Some(row)).send().await?;
        }
        Ok(())
    }

    async fn put_thing(&self) -> Result<()> {
        let Stack {
            name,
            iot,
            iot_data,
            ..
        } = &self.stack;
        let made = iot.create_keys_and_certificate().set_as_active(true);
        let certificate = made.send().await?.certificate_arn;
        let certificate = certificate.context("a certificate without an ARN")?;
        let thing = iot.create_thing().thing_name(&self.thing);
        thing
            .thing_type_name(format!("{name}-SmartProduct"))
            .send()
            .await?;
        let policy = iot.attach_policy().policy_name(format!("{name}-Device"));
        policy.target(&certificate).send().await?;
        let attach = iot.attach_thing_principal().thing_name(&self.thing);
        attach.principal(certificate).send().await?;
        let shadow = json!({"state": {"reported": {"kept": MARK}}}).to_string();
        let update = iot_data.update_thing_shadow().thing_name(&self.thing);
        update.payload(Blob::new(shadow)).send().await?;
        Ok(())
    }

    /// All of it, as it is now.
    pub(crate) async fn get(&self) -> Result<Value> {
        let data = json!({
            "rows": self.rows().await?,
            "messages": self.messages().await?,
            "users": self.users().await?,
            "thing": self.thing().await?,
        });
        // Five rows, two messages and a shadow: a look that finds nothing would find it again.
        let marks = data.to_string().matches(MARK).count();
        ensure!(marks >= 8, "not all of the data is there: {data:#}");
        Ok(data)
    }

    /// All rows of the tables. What a stack remembers of its account comes and
    /// goes with its components.
    pub(crate) async fn rows(&self) -> Result<Value> {
        let mut rows = json!({});
        for (table, _) in TABLES {
            let scan = self.stack.dynamo.scan();
            let scan = scan.table_name(self.stack.table(table)).send().await?;
            let found: Vec<Value> = serde_dynamo::from_items(scan.items.unwrap_or_default())?;
            let found = found.into_iter().filter(|it| {
                let id = it[table::SETTING_ID].as_str().unwrap_or_default();
                !id.starts_with(table::FOUND)
            });
            rows[table] = found.collect();
        }
        Ok(rows)
    }

    /// How many of our messages wait in each queue. Looking takes none out.
    async fn messages(&self) -> Result<Value> {
        let mut messages = json!({});
        for queue in QUEUES {
            let receive = self.stack.sqs.receive_message().visibility_timeout(0);
            let receive = receive.queue_url(self.stack.output(queue));
            let received = receive.max_number_of_messages(10).send().await?;
            let bodies = received.messages.unwrap_or_default();
            let bodies = bodies.iter().filter_map(|it| it.body());
            messages[queue] = bodies.filter(|it| *it == MARK).collect();
        }
        Ok(messages)
    }

    async fn users(&self) -> Result<Vec<String>> {
        let list = self.stack.cognito.list_users();
        let list = list.user_pool_id(self.stack.output(output::USER_POOL_ID));
        let users = list.send().await?.users.unwrap_or_default();
        Ok(users.iter().map(|it| format!("{it:?}")).collect())
    }

    async fn thing(&self) -> Result<Value> {
        let Stack {
            name,
            iot,
            iot_data,
            ..
        } = &self.stack;
        let thing = iot.describe_thing().thing_name(&self.thing).send().await?;
        let principals = iot.list_thing_principals().thing_name(&self.thing);
        let principals = principals.send().await?.principals.unwrap_or_default();
        let targets = iot.list_targets_for_policy();
        let targets = targets.policy_name(format!("{name}-Device")).send().await?;
        let shadow = iot_data.get_thing_shadow().thing_name(&self.thing);
        let shadow = shadow.send().await?.payload.context("no shadow")?;
        let shadow: Value = serde_json::from_slice(shadow.as_ref())?;
        Ok(json!({
            "id": thing.thing_id,
            "type": thing.thing_type_name,
            "certificates": principals,
            "policy": targets.targets.unwrap_or_default(),
            "shadow": shadow["state"],
        }))
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
