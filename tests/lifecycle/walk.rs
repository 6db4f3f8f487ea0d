//! A walk over flags that are switched at random, on one stack with data.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::cdk::Cdk;
use crate::data::Data;
use crate::deployment::{Deployment, same};
use crate::report::{self, Timer};

/// A stack with everything, and data in it.
#[derive(Debug)]
pub(crate) struct Walk<'a> {
    stack: Deployment<'a>,
    data: Data,
    kept: Value,
    seed: u64,
}

impl<'a> Walk<'a> {
    /// Deploys everything, and puts data in.
    pub(crate) async fn begin(
        cdk: &'a Cdk,
        region: &'static str,
        everything: &str,
        seed: u64,
    ) -> Result<Self> {
        let mut stack = Deployment::new(cdk, region, "Walk").await?;
        report::first(everything, &stack.switch(everything).await?);
        report::unchanged(&stack.switch(everything).await?);
        let data = Data::put(stack.stack().await?).await?;
        let kept = data.get().await?;
        Ok(Self {
            stack,
            data,
            kept,
            seed,
        })
    }

    /// Switches flags; all data has to be there at the end, and all rows when the
    /// stack is gone.
    pub(crate) async fn go(mut self, combinations: &[String], steps: u32) -> Result<()> {
        let seed = self.seed;
        println!("A walk of {steps} steps, seed {seed}");
        let mut way = fastrand::Rng::with_seed(seed);
        for step in 1..=steps {
            let combination = way.choice(combinations).context("no combination")?;
            let timer = Timer::start();
            let switched = self.stack.switch(combination).await;
            switched.with_context(|| format!("step {step} of the walk with seed {seed}"))?;
            timer.end(&format!("  step {step}: {combination}"));
        }
        same("the data", &self.kept, &self.data.get().await?)?;
        self.stack.remove().await?;
        let rows = self.data.rows().await?;
        same("the rows after the stack", &self.kept["rows"], &rows)
    }
}
