//! Each operation of each function: what it costs.

use std::path::PathBuf;

use anyhow::{Context, Result};
use aws_sdk_iot::types::CertificateStatus;
use contract::{env, output, route};
use serde_json::{Value, json};
use tests::{Ca, MODEL, Owner, Product, Stack, serial};

use crate::cost::{Cost, EVENTS};
use crate::function::Function;
use crate::gateway::request;
use crate::proxy::Proxy;
use crate::table::Table;

/// Measures all functions; returns the table.
pub(crate) async fn report(stack: &Stack) -> Result<String> {
    let bench = Bench::new(stack).await?;
    let hello = Function::bare(tests::variable("BENCH_HELLO")?.into());
    let hello_cost = Cost::measure(&bench.proxy, &hello, &vec![json!({}); EVENTS]).await?;

    let mut table = Table::new(2, HEADING);
    table.row(hello_cost.row("hello", "", None, &hello_cost));
    let mut requests = Vec::new();
    for operation in bench.operations().await? {
        let events = match operation.events {
            Events::Same(event) => vec![event; EVENTS],
            Events::Each(events) => events,
            // What the operation just before asked of this one.
            Events::Requests => std::mem::take(&mut requests),
        };
        let function = bench.function(operation.service).await?;
        let cost = Cost::measure(&bench.proxy, &function, &events).await?;
        requests.clone_from(&cost.requests);
        table.row(cost.row(
            operation.service,
            operation.name,
            operation.budget,
            &hello_cost,
        ));
    }
    Ok(format!("{table}{EXPLANATION}"))
}

const HEADING: &[&str] = &[
    "function",
    "operation",
    "first ms",
    "own ms",
    "×hello",
    "warm ms",
    "own ms",
    "CPU ms",
    "×hello",
    "peak MB",
    "zip MB",
    "calls",
    "at most",
    "",
];

const EXPLANATION: &str = "
first    from the start of the process to its first answer, median of 20; own is without the time of calls to AWS
×hello   own time of the first answer, CPU of a warm call, over those of a function that does nothing; to reach: 3 for the first
warm     a call of a running process, median of 100; CPU is their mean; to reach: under 1 ms with a page of 20
peak     to reach: under 15 MB;  zip  to reach: under 4 MB
calls    to AWS in a warm call, and what docs/data-model.md and the API's contract allow
";

/// What operations work with: an owner with a device.
struct Bench<'a> {
    stack: &'a Stack,
    proxy: Proxy,
    functions: PathBuf,
    owner: Owner,
    device: String,
    event: String,
    command: String,
}

/// A device that its owner waits for, and its certificate.
struct Awaited {
    device: String,
    certificate: String,
}

struct Operation {
    service: &'static str,
    name: &'static str,
    /// Calls to AWS that it may make.
    budget: Option<usize>,
    events: Events,
}

enum Events {
    Same(Value),
    Each(Vec<Value>),
    Requests,
}

fn operation(
    service: &'static str,
    name: &'static str,
    budget: Option<usize>,
    events: Events,
) -> Operation {
    Operation {
        service,
        name,
        budget,
        events,
    }
}

impl<'a> Bench<'a> {
    async fn new(stack: &'a Stack) -> Result<Self> {
        let owner = stack.owner().await?;
        let device = serial();
        // Its commands wait for as long as all this takes.
        let mut product = Product::sample(MODEL)?;
        product.details["commands"]["set-temp"]["timeLimitSeconds"] = json!(86_400);
        stack.manufacture(&device, &product).await?;
        stack.api(&owner).register(&device).await?.ok()?;
        // A page's worth of events to read.
        for number in 0..20 {
            let message =
                json!({"type": "error", "messageId": format!("read-{number}")}).to_string();
            let event = Stack::rule_event(&device, message.as_bytes());
            stack.call("event-proxy", &event).await?;
        }
        let api = stack.api(&owner);
        let commands = format!("/devices/{device}/commands");
        for _ in 0..20 {
            let body = json!({"command": "set-temp", "value": 70});
            api.post(&commands, &body).await?.ok()?;
        }
        let events = api.read(&format!("/devices/{device}/events")).await?;
        let commands = api.read(&commands).await?;
        lend_live_role(stack).await?;
        Ok(Self {
            event: text(&events["items"][0]["id"])?,
            command: text(&commands["items"][0]["commandId"])?,
            stack,
            proxy: Proxy::start(&stack.endpoint).await?,
            functions: tests::variable("BENCH_FUNCTIONS")?.into(),
            owner,
            device,
        })
    }

    async fn function(&self, service: &str) -> Result<Function> {
        let binary = self.functions.join(service).join("bootstrap");
        Function::deployed(self.stack, service, binary).await
    }

    /// In an order in which each finds what it needs: `alert` what
    /// `event-proxy` asks of it, a deletion a device that `jitr` has let in.
    async fn operations(&self) -> Result<Vec<Operation>> {
        let certificates = self.certificates().await?;
        let deleted = certificates.iter().map(|it| {
            let device = ("deviceId", it.device.as_str());
            request(&self.owner, route::DEVICE_DELETE, &[device], "", None)
        });
        let deleted = Events::Each(deleted.collect());
        let admitted = certificates
            .iter()
            .map(|it| json!({"certificateId": it.certificate}));
        let admitted = Events::Each(admitted.collect());

        let mut all = vec![
            operation("jitr", "let a device in", Some(8), admitted),
            operation(
                "event-proxy",
                "a new event",
                Some(3),
                Events::Each(self.messages()),
            ),
            operation("alert", "a new alert", Some(4), Events::Requests),
            operation(
                "event-proxy",
                "a connection",
                Some(2),
                Events::Each(self.connections()),
            ),
        ];
        all.extend(self.registration_operations().await?);
        all.extend(self.event_operations());
        all.extend(self.command_operations().await?);
        all.extend(self.setting_operations());
        all.push(operation("device", "delete", None, deleted));
        Ok(all)
    }

    async fn registration_operations(&self) -> Result<Vec<Operation>> {
        let device = ("deviceId", self.device.as_str());
        let new = Events::Each(self.registrations().await?);
        let list = |key, query| self.api(key, &[], query, None);
        let one = |key| self.api(key, &[device], "", None);
        Ok(vec![
            operation("registration", "register", Some(3), new),
            operation(
                "registration",
                "a page of 20",
                Some(1),
                list(route::REGISTRATION_LIST, "limit=20"),
            ),
            operation(
                "registration",
                "a page of 100",
                Some(1),
                list(route::REGISTRATION_LIST, ""),
            ),
            operation(
                "device",
                "a page of 20",
                Some(2),
                list(route::DEVICE_LIST, "limit=20"),
            ),
            operation(
                "device",
                "a page of 100",
                Some(2),
                list(route::DEVICE_LIST, ""),
            ),
            operation("device", "one", Some(2), one(route::DEVICE_GET)),
            operation("device", "thresholds", Some(1), one(route::THRESHOLD_LIST)),
            operation("status", "one", Some(3), one(route::STATUS_GET)),
        ])
    }

    fn event_operations(&self) -> Vec<Operation> {
        let device = ("deviceId", self.device.as_str());
        let event = [device, ("eventId", self.event.as_str())];
        // Nothing is unread twice: each call changes what the one before has set.
        let updates = (0..EVENTS).map(|it| {
            let body = json!({"ack": it % 2 == 0});
            request(&self.owner, route::EVENT_UPDATE, &event, "", Some(&body))
        });
        let updates = Events::Each(updates.collect());
        let list = |key| self.api(key, &[], "", None);
        let of_device = self.api(route::EVENTS_OF_DEVICE, &[device], "", None);
        vec![
            operation(
                "event",
                "20 events of a user",
                Some(1),
                list(route::EVENTS_OF_USER),
            ),
            operation("event", "20 events of a device", Some(2), of_device),
            operation(
                "event",
                "one",
                Some(2),
                self.api(route::EVENT_GET, &event, "", None),
            ),
            operation("event", "acknowledge, take back", Some(2), updates),
            operation("event", "20 alerts", Some(2), list(route::ALERTS)),
            operation(
                "event",
                "count of alerts",
                Some(2),
                list(route::ALERTS_COUNT),
            ),
        ]
    }

    async fn command_operations(&self) -> Result<Vec<Operation>> {
        let device = ("deviceId", self.device.as_str());
        let command = [device, ("commandId", self.command.as_str())];
        let body = json!({"command": "set-temp", "value": 70});
        let create = self.api(route::COMMAND_CREATE, &[device], "", Some(&body));
        let once = (0..EVENTS).map(|_| {
            let mut event = request(
                &self.owner,
                route::COMMAND_CREATE,
                &[device],
                "",
                Some(&body),
            );
            event["headers"]["idempotency-key"] = json!(serial());
            event
        });
        let once = Events::Each(once.collect());
        let list = self.api(route::COMMAND_LIST, &[device], "", None);
        let one = self.api(route::COMMAND_GET, &command, "", None);
        let (done, failed) = (
            self.answers("success").await?,
            self.answers("failed").await?,
        );
        let desired = json!({"kind": "desired", "deviceId": self.device});
        let sweep = Events::Same(json!({"kind": "sweep"}));
        let live = format!("deviceId={}", self.device);
        let live = self.api(route::LIVE, &[], &live, None);
        Ok(vec![
            operation("command", "send", Some(4), create),
            operation("command", "send once under a key", Some(4), once),
            operation("command", "20 commands", Some(2), list),
            operation("command", "one", Some(2), one),
            operation("command-outcome", "an answer: success", Some(2), done),
            operation("command-outcome", "an answer: failed", None, failed),
            operation(
                "command-outcome",
                "a shadow that is right",
                None,
                Events::Same(desired),
            ),
            operation("command-outcome", "a sweep", None, sweep),
            operation("live", "an address, one device", Some(2), live),
        ])
    }

    /// Answers of the device to commands that wait for them.
    async fn answers(&self, status: &str) -> Result<Events> {
        let api = self.stack.api(&self.owner);
        let path = format!("/devices/{}/commands", self.device);
        let body = json!({"command": "set-temp", "value": 70});
        let mut events = Vec::new();
        for _ in 0..EVENTS {
            let made = api.post(&path, &body).await?.ok()?;
            let answer = json!({"commandId": made["commandId"], "status": status}).to_string();
            let mut event = Stack::rule_event(&self.device, answer.as_bytes());
            event["kind"] = json!("answer");
            events.push(event);
        }
        Ok(Events::Each(events))
    }

    fn setting_operations(&self) -> Vec<Operation> {
        let setting = [("settingId", self.owner.id.as_str())];
        let settings =
            json!({"setting": {"alertLevel": ["error", "warning"], "sendNotification": false}});
        let get = self.api(route::SETTING_GET, &setting, "", None);
        let put = self.api(route::SETTING_PUT, &setting, "", Some(&settings));
        let confirmed = Events::Same(self.confirmed());
        vec![
            operation("admin", "get settings", Some(1), get),
            operation("admin", "put settings", Some(1), put),
            operation("admin", "a confirmed account", Some(1), confirmed),
        ]
    }

    fn api(
        &self,
        key: &str,
        parameters: &[(&str, &str)],
        query: &str,
        body: Option<&Value>,
    ) -> Events {
        Events::Same(request(&self.owner, key, parameters, query, body))
    }

    /// Certificates of devices that their owner waits for. Only a first
    /// connection makes one that is pending; for `jitr` it makes no difference.
    async fn certificates(&self) -> Result<Vec<Awaited>> {
        let ca = Ca::registered(self.stack).await?;
        let mut awaited = Vec::new();
        for _ in 0..EVENTS {
            let device = serial();
            self.stack.add_product(&device).await?;
            self.stack.api(&self.owner).register(&device).await?.ok()?;
            let register = self.stack.iot.register_certificate();
            let registered = register
                .certificate_pem(ca.certificate(&device)?)
                .ca_certificate_pem(ca.pem())
                .status(CertificateStatus::Active)
                .send()
                .await?;
            let certificate = registered
                .certificate_id
                .context("a certificate without an id")?;
            awaited.push(Awaited {
                device,
                certificate,
            });
        }
        Ok(awaited)
    }

    fn messages(&self) -> Vec<Value> {
        let message = |number| {
            let message = json!({
                "type": "error", "messageId": format!("new-{number}"), "message": "Sensor fault",
                "value": 451.2, "details": {"sensor": 1}, "timestamp": 1_795_234_620_000_i64,
            });
            Stack::rule_event(&self.device, message.to_string().as_bytes())
        };
        (0..EVENTS).map(message).collect()
    }

    fn connections(&self) -> Vec<Value> {
        let connection = |number| {
            let now = jiff::Timestamp::now().as_millisecond();
            json!({
                "kind": "presence", "deviceId": self.device, "eventType": "connected",
                "timestamp": now, "sessionIdentifier": serial(), "versionNumber": number,
                "receivedAt": now,
            })
        };
        (0..EVENTS).map(connection).collect()
    }

    async fn registrations(&self) -> Result<Vec<Value>> {
        let mut events = Vec::new();
        for _ in 0..EVENTS {
            let device = serial();
            self.stack.add_product(&device).await?;
            let body = json!({"deviceId": device, "deviceName": "Hall", "modelNumber": MODEL});
            events.push(request(
                &self.owner,
                route::REGISTRATION_CREATE,
                &[],
                "",
                Some(&body),
            ));
        }
        Ok(events)
    }

    fn confirmed(&self) -> Value {
        json!({
            "version": "1",
            "region": "us-east-1",
            "userPoolId": self.stack.output(output::USER_POOL_ID),
            "userName": self.owner.id,
            "callerContext": {"awsSdkVersion": "x", "clientId": "x"},
            "triggerSource": "PostConfirmation_ConfirmSignUp",
            "request": {"userAttributes": {"sub": self.owner.id}},
            "response": {},
        })
    }
}

/// The functions run here with the operator's credentials, and the role of live
/// sessions trusts nobody but its function.
async fn lend_live_role(stack: &Stack) -> Result<()> {
    let function = stack.lambda.get_function_configuration();
    let function = function
        .function_name(stack.function("live"))
        .send()
        .await?;
    let variables = function.environment.and_then(|it| it.variables);
    let role = variables.unwrap_or_default().remove(env::LIVE_ROLE_ARN);
    let role = role.context("no role for live data")?;
    let account = role.split(':').nth(4).unwrap_or_default();
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
            "Action": "sts:AssumeRole",
        }],
    });
    stack
        .iam
        .update_assume_role_policy()
        .role_name(role.rsplit('/').next().unwrap_or_default())
        .policy_document(trust.to_string())
        .send()
        .await?;
    Ok(())
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().context("a text")?.to_owned())
}
