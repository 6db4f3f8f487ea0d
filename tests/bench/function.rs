//! A function's binary, run as Lambda runs it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result};
use serde_json::Value;
use tests::Stack;
use tokio::process::{Child, Command};
use tokio::time::{Duration, Instant};

use crate::proxy::{Call, Proxy, elsewhere};
use crate::runtime_api::RuntimeApi;

/// A binary and its environment.
#[derive(Debug)]
pub(crate) struct Function {
    binary: PathBuf,
    environment: HashMap<String, String>,
}

/// How one invocation went.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    /// From the start of the process, or the handing over of the event, to the answer.
    pub(crate) took: Duration,
    /// The part of it in which no call to AWS was on its way.
    pub(crate) own: Duration,
    /// The calls to AWS.
    pub(crate) calls: Vec<Call>,
}

impl Function {
    /// The function of `service`, with the environment of the deployed one.
    pub(crate) async fn deployed(stack: &Stack, service: &str, binary: PathBuf) -> Result<Self> {
        let name = stack.function(service);
        let deployed = stack
            .lambda
            .get_function_configuration()
            .function_name(name)
            .send()
            .await?;
        let environment = deployed
            .environment
            .and_then(|it| it.variables)
            .unwrap_or_default();
        Ok(Self {
            binary,
            environment,
        })
    }

    /// A function that reads nothing from its environment.
    pub(crate) fn bare(binary: PathBuf) -> Self {
        Self {
            binary,
            environment: HashMap::new(),
        }
    }

    /// Bytes of the binary, compressed as in a zip.
    pub(crate) async fn compressed(&self) -> Result<usize> {
        let packed = Command::new("gzip")
            .args(["-9", "-c"])
            .arg(&self.binary)
            .output()
            .await?;
        Ok(packed.stdout.len())
    }

    /// Starts the process with its first event waiting.
    pub(crate) async fn start(
        &self,
        proxy: &Proxy,
        event: &Value,
    ) -> Result<(Instance, Invocation)> {
        let mut api = RuntimeApi::start().await?;
        let mut command = Command::new(&self.binary);
        command
            .env_clear()
            .envs(&self.environment)
            .env("AWS_LAMBDA_RUNTIME_API", &api.address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
            .env("AWS_ENDPOINT_URL", &proxy.address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            command.env(name, tests::variable(name)?);
        }
        proxy.take();
        let began = Instant::now();
        let process = command.spawn().with_context(|| {
            format!(
                "`{}` does not start: build it by `scripts/bench`",
                self.binary.display()
            )
        })?;
        let ended = api.invoke(event).await?;
        Ok((
            Instance { process, api },
            Invocation::of(began, ended, proxy),
        ))
    }
}

impl Invocation {
    fn of(began: Instant, ended: Instant, proxy: &Proxy) -> Self {
        let (took, calls) = (ended - began, proxy.take());
        Self {
            took,
            own: took.saturating_sub(elsewhere(&calls)),
            calls,
        }
    }
}

/// A running function.
#[derive(Debug)]
pub(crate) struct Instance {
    process: Child,
    api: RuntimeApi,
}

impl Instance {
    /// One more invocation.
    pub(crate) async fn invoke(&mut self, proxy: &Proxy, event: &Value) -> Result<Invocation> {
        let began = Instant::now();
        let ended = self.api.invoke(event).await?;
        Ok(Invocation::of(began, ended, proxy))
    }

    /// Processor time of all its threads so far: the first number of each
    /// thread's `schedstat`, in nanoseconds.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        let mut total = 0;
        for thread in std::fs::read_dir(self.proc("task")?)? {
            let text = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            total += text.split(' ').next().context("no time")?.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(total))
    }

    /// Most memory it ever held, in KiB.
    pub(crate) fn peak_memory(&self) -> Result<u64> {
        let status = std::fs::read_to_string(self.proc("status")?)?;
        let line = status
            .lines()
            .find_map(|it| it.strip_prefix("VmHWM:"))
            .context("no VmHWM")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    fn proc(&self, file: &str) -> Result<PathBuf> {
        let id = self.process.id().context("the function has ended")?;
        Ok(Path::new("/proc").join(id.to_string()).join(file))
    }
}
