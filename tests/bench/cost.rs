//! What an operation costs: measured, and as a row of the table.

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::time::Duration;

use crate::function::{Function, Invocation};
use crate::proxy::Proxy;

/// Starts of a process for one median.
const STARTS: usize = 20;
/// Calls of a running process for one median.
const CALLS: usize = 100;
/// Events that one operation uses up.
pub(crate) const EVENTS: usize = STARTS + CALLS;

/// What an operation costs.
pub(crate) struct Cost {
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
    /// What it asked of other functions.
    pub(crate) requests: Vec<Value>,
}

impl Cost {
    /// Starts the function for the first of `events`, and calls it with the others.
    pub(crate) async fn measure(
        proxy: &Proxy,
        function: &Function,
        events: &[Value],
    ) -> Result<Self> {
        let (starts, calls) = events.split_at_checked(STARTS).context("too few events")?;
        let mut first = Vec::new();
        let mut running = None;
        for event in starts {
            let (instance, invocation) = function.start(proxy, event).await?;
            first.push(invocation);
            running = Some(instance);
        }
        let mut running = running.context("no start")?;
        let before = running.processor_time()?;
        let mut warm = Vec::new();
        for event in calls {
            warm.push(running.invoke(proxy, event).await?);
        }
        let processor = (running.processor_time()? - before) / u32::try_from(warm.len())?;
        let requests = first.iter().chain(&warm).flat_map(|it| &it.calls);
        let requests = requests
            .filter(|it| it.name == "Invoke")
            .map(|it| serde_json::from_slice(&it.body));
        Ok(Self {
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

    pub(crate) fn row(
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
