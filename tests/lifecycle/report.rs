//! How long things take, and how large they are. Told and never asserted: times
//! are the machine's as much as ours.

use std::time::{Duration, Instant};

use crate::deployment::Deployed;

/// CloudFormation's limits: resources, and bytes of a template.
const LIMITS: (usize, usize) = (500, 1_000_000);

/// Something that takes its time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timer(Instant);

impl Timer {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn end(self, what: &str) {
        tell(what, self.0.elapsed());
    }
}

/// The deployment of everything where there was nothing.
pub(crate) fn first(combination: &str, deployed: &Deployed) {
    let Deployed { template, .. } = deployed;
    println!("{combination} where there was nothing:");
    tell("  infra, once built (to reach: 2 s)", deployed.synthesis);
    tell("  cdk deploy (to reach: 60 s)", deployed.deployment);
    println!(
        "  {} of {} resources, {} of {} KB (to reach: half)",
        template.resources().len(),
        LIMITS.0,
        template.size / 1_000,
        LIMITS.1 / 1_000,
    );
}

/// The same once more.
pub(crate) fn unchanged(deployed: &Deployed) {
    let took = deployed.synthesis + deployed.deployment;
    tell("  again without a change (to reach: 5 s)", took);
}

fn tell(what: &str, took: Duration) {
    println!("{what:<58}{:5.1} s", took.as_secs_f32());
}
