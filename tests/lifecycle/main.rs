//! The life of stacks: each combination of flags deployed, looked at and removed;
//! two stacks side by side; and a walk over flags on a stack with data.
//!
//! `scripts/test lifecycle` starts a local cloud and sets the environment: `INFRA` is
//! the binary of `infra`, the rest is what [`tests::Stack`] reads. With names of
//! combinations, such as `jitr-events`, only these are tried.

mod beside;
mod cdk;
mod combinations;
mod data;
mod deployment;
mod kinds;
mod report;
mod template;
mod walk;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use futures_util::future::try_join_all;

use self::cdk::Cdk;
use self::walk::Walk;

/// Regions of one account: its indexing of things is one setting of a region, so
/// what is deployed at the same time goes to different ones. Much of a deployment
/// is waiting.
const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-southeast-2"];

#[derive(Debug, Parser)]
#[command(about = "Deploys combinations of flags, looks at them, and removes them")]
struct Arguments {
    /// Combinations to try, such as jitr-events; without any: all of them, two stacks side by side, and the walk
    combinations: Vec<String>,
    /// Steps of the walk
    #[arg(long, env = "STEPS", default_value_t = 50)]
    steps: u32,
    /// Which way the walk goes; by chance without one
    #[arg(long, env = "SEED")]
    seed: Option<u64>,
    /// Folder for assemblies
    #[arg(long)]
    folder: PathBuf,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments {
        combinations,
        steps,
        seed,
        folder,
    } = Arguments::parse();
    let cdk = Cdk::new(&folder)?;
    let all = cdk.combinations().await?;
    let chosen = combinations::choose(&all, &combinations)?;
    try_join_all(REGIONS.map(|region| cdk.bootstrap(region))).await?;
    if !chosen.is_empty() {
        return combinations::try_all(&cdk, &REGIONS, chosen).await;
    }
    let [first, second, third] = REGIONS;
    let everything = all.last().context("no combination")?;
    let seed = seed.unwrap_or_else(|| fastrand::u16(..).into());
    let walk = Walk::begin(&cdk, third, everything, seed).await?;
    let others = async {
        beside::live(&cdk, first, everything).await?;
        combinations::try_all(&cdk, &[first, second], &all).await
    };
    tokio::try_join!(walk.go(&all, steps), others)?;
    Ok(())
}
