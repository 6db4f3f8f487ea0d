//! Each combination of flags: deployed, looked at, removed.

use std::sync::Mutex;

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;

use crate::cdk::Cdk;
use crate::deployment::Deployment;
use crate::report::Timer;

/// The combinations that somebody has named.
pub(crate) fn choose<'a>(all: &[String], named: &'a [String]) -> Result<&'a [String]> {
    for name in named {
        ensure!(
            all.contains(name),
            "`{name}` is no combination; these are: {}",
            all.join(" ")
        );
    }
    Ok(named)
}

/// Tries all of them, one at a time in each region.
pub(crate) async fn try_all(cdk: &Cdk, regions: &[&'static str], names: &[String]) -> Result<()> {
    let timer = Timer::start();
    let names_left = Mutex::new(names.iter());
    let next = || names_left.lock().ok()?.next();
    try_join_all(regions.iter().map(async |region| {
        while let Some(name) = next() {
            let timer = Timer::start();
            let tried = try_one(cdk, region, name).await;
            tried.with_context(|| name.clone())?;
            timer.end(name);
        }
        anyhow::Ok(())
    }))
    .await?;
    timer.end(&format!("all {} combinations", names.len()));
    Ok(())
}

async fn try_one(cdk: &Cdk, region: &'static str, name: &str) -> Result<()> {
    let mut stack = Deployment::new(cdk, region, "Cycle").await?;
    stack.switch(name).await?;
    stack.remove().await
}
