//! Each operation of each function: what it costs.

use std::path::PathBuf;

use anyhow::{Context, Result};
use aws_sdk_iot::types::CertificateStatus;
use contract::{output, route};
use serde_json::{Value, json};
use tests::{Ca, MODEL, Owner, Stack, serial};
use tokio::time::Duration;

use crate::function::{Function, Invocation};
use crate::gateway::request;
use crate::proxy::Proxy;
use crate::table::Table;

/// Starts of a process for one median.
const STARTS: usize = 20;
/// Calls of a running process for one median.
const CALLS: usize = 100;
/// Events that one operation uses up.
const EVENTS: usize = STARTS + CALLS;

/// Measures all functions; returns the table.
pub(crate) async fn report(stack: &Stack) -> Result<String> {
    let bench = Bench::new(stack).await?;
    let hello = Function::bare(tests::variable("BENCH_HELLO")?.into());
    let hello_cost = bench.measure(&hello, &vec![json!({}); EVENTS]).await?;

    let mut table = Table::new(2, HEADING);
    table.row(hello_cost.row("hello", "", None, &hello_cost));
    let mut requests = Vec::new();
    for operation in bench.operations().await? {
        let events = match operation.events {
            Events::Same(event) => vec![event; EVENTS],
            Events::Each(events) => events,
            // What `event-proxy` asked of `alert`, just before.
            Events::Requests => std::mem::take(&mut requests),
        };
        let function = bench.function(operation.service).await?;
        let cost = bench.measure(&function, &events).await?;
        requests.extend(cost.requests.iter().cloned());
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
warm     a call of a running process, median of 100; CPU is their mean
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

impl<'a> Bench<'a> {
    async fn new(stack: &'a Stack) -> Result<Self> {
        let owner = stack.owner().await?;
        let device = serial();
        stack.add_product(&device).await?;
        stack.api(&owner).register(&device).await?.ok()?;
        // A page's worth of events to read.
        for number in 0..20 {
            let message =
                json!({"type": "error", "messageId": format!("read-{number}")}).to_string();
            let event = Stack::rule_event(&device, message.as_bytes());
            stack.call("event-proxy", &event).await?;
        }
        Ok(Self {
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

    async fn operations(&self) -> Result<Vec<Operation>> {
        let operation = |service, name, budget, events| Operation {
            service,
            name,
            budget: Some(budget),
            events,
        };
        let api = |key: &str, parameter, body: Option<&Value>| {
            Events::Same(request(&self.owner, key, parameter, body))
        };
        let (device, setting) = (
            ("deviceId", self.device.as_str()),
            ("settingId", self.owner.id.as_str()),
        );
        let settings =
            json!({"setting": {"alertLevel": ["error", "warning"], "sendNotification": false}});
        Ok(vec![
            operation(
                "jitr",
                "let a device in",
                8,
                Events::Each(self.certificates().await?),
            ),
            operation(
                "event-proxy",
                "a new event",
                3,
                Events::Each(self.messages()),
            ),
            operation("alert", "a new alert", 4, Events::Requests),
            operation(
                "registration",
                "register",
                3,
                Events::Each(self.registrations().await?),
            ),
            operation(
                "registration",
                "a page of 100",
                1,
                api(route::REGISTRATION_LIST, None, None),
            ),
            operation(
                "event",
                "20 events of a user",
                1,
                api(route::EVENTS_OF_USER, None, None),
            ),
            operation(
                "event",
                "20 events of a device",
                2,
                api(route::EVENTS_OF_DEVICE, Some(device), None),
            ),
            operation("event", "20 alerts", 2, api(route::ALERTS, None, None)),
            operation(
                "event",
                "count of alerts",
                2,
                api(route::ALERTS_COUNT, None, None),
            ),
            operation(
                "admin",
                "get settings",
                1,
                api(route::SETTING_GET, Some(setting), None),
            ),
            operation(
                "admin",
                "put settings",
                1,
                api(route::SETTING_PUT, Some(setting), Some(&settings)),
            ),
            operation(
                "admin",
                "a confirmed account",
                1,
                Events::Same(self.confirmed()),
            ),
        ])
    }

    /// Certificates of devices that their owner waits for. Only a first
    /// connection makes one that is pending; for `jitr` it makes no difference.
    async fn certificates(&self) -> Result<Vec<Value>> {
        let ca = Ca::registered(self.stack).await?;
        let mut events = Vec::new();
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
            let id = registered
                .certificate_id
                .context("a certificate without an id")?;
            events.push(json!({"certificateId": id}));
        }
        Ok(events)
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

    async fn registrations(&self) -> Result<Vec<Value>> {
        let mut events = Vec::new();
        for _ in 0..EVENTS {
            let device = serial();
            self.stack.add_product(&device).await?;
            let body = json!({"deviceId": device, "deviceName": "Hall", "modelNumber": MODEL});
            events.push(request(
                &self.owner,
                route::REGISTRATION_CREATE,
                None,
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

    /// Starts the function for the first of `events`, and calls it with the others.
    async fn measure(&self, function: &Function, events: &[Value]) -> Result<Cost> {
        let (starts, calls) = events.split_at_checked(STARTS).context("too few events")?;
        let mut first = Vec::new();
        let mut running = None;
        for event in starts {
            let (instance, invocation) = function.start(&self.proxy, event).await?;
            first.push(invocation);
            running = Some(instance);
        }
        let mut running = running.context("no start")?;
        let before = running.processor_time()?;
        let mut warm = Vec::new();
        for event in calls {
            warm.push(running.invoke(&self.proxy, event).await?);
        }
        let processor = (running.processor_time()? - before) / u32::try_from(warm.len())?;
        let requests = first.iter().chain(&warm).flat_map(|it| &it.calls);
        let requests = requests
            .filter(|it| it.name == "Invoke")
            .map(|it| serde_json::from_slice(&it.body));
        Ok(Cost {
            first: median(&first, |it| it.took),
            first_own: median(&first, |it| it.own),
            warm: median(&warm, |it| it.took),
            warm_own: median(&warm, |it| it.own),
            processor,
            memory: running.peak_memory()?,
            zip: function.compressed().await?,
            calls: warm
                .last()
                .map(|it| it.calls.iter().map(|it| it.name.clone()).collect())
                .unwrap_or_default(),
            requests: requests.collect::<Result<_, _>>()?,
        })
    }
}

/// What an operation costs.
struct Cost {
    first: Duration,
    first_own: Duration,
    warm: Duration,
    warm_own: Duration,
    processor: Duration,
    /// KiB.
    memory: u64,
    /// Bytes.
    zip: usize,
    calls: Vec<String>,
    requests: Vec<Value>,
}

impl Cost {
    fn row(
        &self,
        service: &str,
        operation: &str,
        budget: Option<usize>,
        hello: &Self,
    ) -> Vec<String> {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a few megabytes, printed with one decimal"
        )]
        let megabytes = |bytes: u64| format!("{:.1}", bytes as f64 / 1e6);
        vec![
            service.to_owned(),
            operation.to_owned(),
            milliseconds(self.first),
            milliseconds(self.first_own),
            ratio(self.first_own, hello.first_own),
            milliseconds(self.warm),
            milliseconds(self.warm_own),
            milliseconds(self.processor),
            ratio(self.processor, hello.processor),
            megabytes(self.memory * 1024),
            megabytes(self.zip as u64),
            self.calls.len().to_string(),
            budget.map(|it| it.to_string()).unwrap_or_default(),
            self.calls.join(", "),
        ]
    }
}

fn median(all: &[Invocation], of: impl Fn(&Invocation) -> Duration) -> Duration {
    let mut all: Vec<_> = all.iter().map(of).collect();
    all.sort();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(it: Duration) -> String {
    format!("{:.2}", it.as_secs_f64() * 1e3)
}

fn ratio(it: Duration, hello: Duration) -> String {
    format!("{:.1}", it.as_secs_f64() / hello.as_secs_f64())
}
