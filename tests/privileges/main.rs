//! Takes one right at a time from each function's role, and looks whether the
//! function then fails at something: a right that nothing needs fails the program.
//!
//! `scripts/test privileges` starts and deploys what this needs. The rights are those
//! that IAM has, not a list of ours. What a function can do, [`exercise`] makes it do.

mod exercise;
mod formation;
mod rights;
mod world;

use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, ensure};
use tests::Stack;
use tokio::time::timeout;

use self::rights::{Right, Role};
use self::world::World;

/// Ends an exercise that hangs, since something waits for what a right is needed for.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<()> {
    let started = Instant::now();
    let world = World::new(Stack::connect().await?).await?;
    let chosen: Vec<_> = std::env::args().skip(1).collect();
    let (mut tried, mut superfluous) = (0, Vec::new());
    for service in world.stack.services().await? {
        if !chosen.is_empty() && !chosen.contains(&service) {
            continue;
        }
        println!("{service}");
        let all = exercise::run(&world, &service).await;
        all.with_context(|| format!("{service} with all its rights"))?;
        for role in Role::all_of(&world.stack, &service).await? {
            for right in role.rights() {
                if let Some(reason) = right.not_enforced() {
                    println!("  {right}: not tried, {reason}");
                    continue;
                }
                tried += 1;
                if !is_needed(&world, &service, &role, &right).await? {
                    superfluous.push(format!("{service}: {right}"));
                }
            }
        }
    }
    println!("{tried} rights tried in {} s", started.elapsed().as_secs());
    ensure!(
        superfluous.is_empty(),
        "no exercise needs these; take them from `infra`, or have tests/privileges/exercise need them:\n{}",
        superfluous.join("\n")
    );
    Ok(())
}

/// Whether the exercise of a function fails without a right.
async fn is_needed(world: &World, service: &str, role: &Role, right: &Right) -> Result<bool> {
    let (since, started) = (SystemTime::now(), Instant::now());
    role.put_without(&world.stack, right).await?;
    let done = timeout(PATIENCE, exercise::run(world, service)).await;
    role.put(&world.stack).await?;
    let took = started.elapsed().as_secs_f32();
    let failure = match done {
        Ok(Ok(())) => {
            println!("  {right}: NOT NEEDED ({took:.1} s)");
            return Ok(false);
        }
        Ok(Err(err)) => format!("{err:#}"),
        Err(_) => format!("still waits after {} s", PATIENCE.as_secs()),
    };
    // It has to be this right that was missed. Where nothing tells of a denial, the
    // exercise has to go well again with it.
    if !role.is_assumed_by_others() && !world.was_denied(service, since).await? {
        let again = exercise::run(world, service).await;
        again
            .with_context(|| format!("{service} fails with {right}, and without it: {failure}"))?;
    }
    let failure: String = failure.chars().take(100).collect();
    println!("  {right}: {} ({took:.1} s)", failure.replace('\n', " "));
    Ok(true)
}
