//! The solution's stack: the base, and one file for each flag of the manifest.

use crate::base::{Base, Tables};
use crate::manifest::Manifest;
use crate::stack::Stack;
use crate::target::Target;
use crate::{api, custom_resource, events, jitr, monitoring};

/// The services whose binaries a manifest needs.
#[must_use]
pub fn services(manifest: &Manifest) -> Vec<&'static str> {
    let features = [
        (true, custom_resource::SERVICES),
        (manifest.jitr.deploy, jitr::SERVICES),
        (manifest.events.deploy, events::SERVICES),
        (manifest.api.deploy, api::SERVICES),
    ];
    features
        .iter()
        .filter(|(deploy, _)| *deploy)
        .flat_map(|(_, services)| *services)
        .copied()
        .collect()
}

/// Puts the stack together.
#[must_use]
pub fn define(manifest: &Manifest, target: Target) -> Stack {
    let mut stack = Stack::new(
        target,
        format!("Smart product solution {}", manifest.version),
    );
    if manifest.tracing {
        stack.trace_functions();
    }
    let tables = Tables::define(&mut stack);
    let helper = custom_resource::define(&mut stack, &tables);
    let admin = manifest
        .api
        .deploy
        .then(|| api::define_admin(&mut stack, &tables));
    let base = Base::define(&mut stack, manifest, tables, &helper, admin.as_ref());
    if manifest.jitr.deploy {
        jitr::define(&mut stack, manifest, &base);
    }
    if manifest.events.deploy {
        events::define(&mut stack, manifest, &base);
    }
    if let Some(admin) = &admin {
        api::define(&mut stack, manifest, &base, admin);
        helper.index_things(&mut stack);
    }
    monitoring::define(&mut stack, manifest, &base);
    stack
}
