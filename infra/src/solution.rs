//! The solution's stack: the base, and one file for each flag of the manifest.

use crate::base::{Base, Tables};
use crate::flag::Flag;
use crate::manifest::Manifest;
use crate::stack::Stack;
use crate::target::Target;
use crate::{
    api, custom_resource, defender, events, jitr, monitoring, ownerapp, requirements, telemetry,
    usage_data,
};

/// The services whose binaries a manifest needs.
#[must_use]
pub fn services(manifest: &Manifest) -> Vec<&'static str> {
    let of_flags = manifest.flags().map(services_of);
    let of_both = match manifest.has_history() {
        true => telemetry::API_SERVICES,
        false => &[],
    };
    [custom_resource::SERVICES]
        .into_iter()
        .chain(of_flags)
        .chain([of_both])
        .flatten()
        .copied()
        .collect()
}

/// The services that a component consists of.
#[must_use]
pub fn services_of(flag: Flag) -> &'static [&'static str] {
    match flag {
        Flag::Jitr => jitr::SERVICES,
        Flag::Events => events::SERVICES,
        Flag::Api => api::SERVICES,
        Flag::Ownerapp => ownerapp::SERVICES,
        Flag::Telemetry => telemetry::SERVICES,
        Flag::Defender => &[],
    }
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
    let alert = manifest
        .events
        .deploy
        .then(|| events::define(&mut stack, manifest, &base));
    if manifest.telemetry.deploy {
        telemetry::define(&mut stack, manifest, &base, alert.as_ref());
    }
    if let Some(admin) = &admin {
        let history = manifest
            .has_history()
            .then(|| telemetry::define_history(&mut stack, manifest, &base));
        api::define(&mut stack, manifest, &base, [Some(admin), history.as_ref()]);
        helper.index_things(&mut stack);
    }
    if manifest.ownerapp.deploy {
        ownerapp::define(&mut stack, manifest, &base, &helper);
    }
    if manifest.defender.deploy {
        defender::define(&mut stack, manifest, &helper);
    }
    usage_data::define(&mut stack, manifest, &base, &helper);
    monitoring::define(&mut stack, manifest, &base);
    requirements::define(&mut stack, manifest, &helper);
    stack
}
