//! For each function, what makes it use every right it has, in a second or so. An
//! exercise can be repeated, and fails as soon as something is not as it should be.
//!
//! It drives the function itself, by the API or by a call that is answered: whoever
//! hands over asynchronously would not hear of a failure.

mod api;
mod commands;
mod custom_resource;
mod devices;
mod events;
mod telemetry;

use anyhow::{Result, bail};

use crate::world::World;

/// Has a function do all it can.
pub(crate) async fn run(world: &World, service: &str) -> Result<()> {
    match service {
        "admin" => Box::pin(api::admin(world)).await,
        "alert" => Box::pin(events::alert(world)).await,
        "alert-cleanup" => Box::pin(events::alert_cleanup(world)).await,
        "command" => Box::pin(commands::command(world)).await,
        "command-outcome" => Box::pin(commands::command_outcome(world)).await,
        "custom-resource" => Box::pin(custom_resource::custom_resource(world)).await,
        "device" => Box::pin(devices::device(world)).await,
        "event" => Box::pin(api::event(world)).await,
        "event-proxy" => Box::pin(events::event_proxy(world)).await,
        "history" => Box::pin(api::history(world)).await,
        "jitr" => Box::pin(devices::jitr(world)).await,
        "live" => Box::pin(api::live(world)).await,
        "registration" => Box::pin(devices::registration(world)).await,
        "status" => Box::pin(api::status(world)).await,
        "telemetry" => Box::pin(telemetry::telemetry(world)).await,
        _ => bail!("{service} has no exercise; write one in tests/privileges/exercise"),
    }
}
