//! The functions behind the routes, each with exactly the rights it uses.

use contract::{env, index, timeout, topic};
use stratosphere::value::ExpString;

use super::outcome::restore_shadows;
use crate::base::{Base, Tables};
use crate::function::Function;
use crate::policy::Statement;
use crate::stack::Stack;
use crate::value::arn_of;

/// Seconds; API Gateway itself waits for 30.
const TIMEOUT: i32 = 10;

/// Why a thing, a certificate or a topic is not named one by one.
pub(super) const ANY_DEVICE: &str = "devices are not known when the stack is deployed";

/// Defines the function that gives each new user settings of their own, and
/// answers what the API has to say of settings. The user pool invokes it, too,
/// and needs it to exist first.
#[must_use]
pub fn define_admin(stack: &mut Stack, tables: &Tables) -> Function {
    let mut admin = Function::new("AdminService", "admin", "Settings", 5);
    admin.env(env::SETTINGS_TABLE, tables.settings.name());
    tables.settings.grant_get(&mut admin);
    tables.settings.grant_put(&mut admin);
    tables.settings.grant_update(&mut admin);
    admin.define(stack);
    admin
}

/// Defines the other functions that read and write the product's own data.
///
/// Logical ids: `AlertCleanupService…`, `CommandService…`, `DeviceService…`, `EventService…`,
/// `RegistrationService…`, `StatusService…`.
pub(super) fn define(stack: &mut Stack, base: &Base) -> [Function; 5] {
    [
        define_registration(stack, base),
        define_event(stack, base),
        define_device(stack, base),
        define_command(stack, base),
        define_status(stack, base),
    ]
}

fn define_registration(stack: &mut Stack, base: &Base) -> Function {
    let tables = &base.tables;
    let mut service = Function::new(
        "RegistrationService",
        "registration",
        "Registers devices",
        TIMEOUT,
    );
    service.env(env::REFERENCE_TABLE, tables.reference.name());
    service.env(env::REGISTRATIONS_TABLE, tables.registrations.name());
    base.things.name_type(&mut service);
    tables.reference.grant_query(&mut service);
    tables.reference.grant_update(&mut service);
    tables.reference.grant_check(&mut service);
    tables.registrations.grant_query(&mut service);
    tables.registrations.grant_put(&mut service);
    service.grant(Statement::allow_pattern(
        &["iot:CreateThing", "iot:UpdateThing"],
        any("thing"),
        "serial numbers are not known when the stack is deployed",
    ));
    service.define(stack);
    service
}

fn define_event(stack: &mut Stack, base: &Base) -> Function {
    let tables = &base.tables;
    let mut service = Function::new("EventService", "event", "Events and alerts", TIMEOUT);
    service.env(env::EVENTS_TABLE, tables.events.name());
    service.env(env::REGISTRATIONS_TABLE, tables.registrations.name());
    service.env(env::SETTINGS_TABLE, tables.settings.name());
    for index in [
        index::EVENTS_BY_DEVICE,
        index::EVENTS_BY_USER,
        index::EVENTS_UNREAD,
    ] {
        tables.events.grant_query_index(&mut service, index);
    }
    tables.events.grant_get(&mut service);
    tables.events.grant_update(&mut service);
    tables.registrations.grant_get(&mut service);
    tables.settings.grant_get(&mut service);
    service.define(stack);
    service
}

/// It reads a device's whole history, so it may run as long as Lambda lets it.
fn define_cleanup(stack: &mut Stack, base: &Base) -> Function {
    let events = base.tables.events;
    let mut service = Function::new(
        "AlertCleanupService",
        "alert-cleanup",
        "Takes the alerts of deleted devices off their former owners' lists",
        900,
    );
    service.env(env::EVENTS_TABLE, events.name());
    events.grant_query_index(&mut service, index::EVENTS_BY_DEVICE);
    events.grant_update(&mut service);
    service.fail_to(base.failed);
    service.define(stack);
    service
}

fn define_device(stack: &mut Stack, base: &Base) -> Function {
    let tables = &base.tables;
    let cleanup = define_cleanup(stack, base);
    let mut service = Function::new(
        "DeviceService",
        "device",
        "Devices, and letting go of them",
        timeout::DEVICE_SECONDS,
    );
    service.env(env::ALERT_CLEANUP_FUNCTION, cleanup.name());
    service.env(env::REFERENCE_TABLE, tables.reference.name());
    service.env(env::REGISTRATIONS_TABLE, tables.registrations.name());
    tables.registrations.grant_get(&mut service);
    tables.registrations.grant_query(&mut service);
    tables.registrations.grant_update(&mut service);
    tables.reference.grant_update(&mut service);
    cleanup.grant_invoke(&mut service);
    service.grant(stack.target().cloud.search_things());
    service.grant(Statement::allow_pattern(
        &[
            "iot:DeleteThing",
            "iot:DeleteThingShadow",
            "iot:ListThingPrincipals",
        ],
        any("thing"),
        ANY_DEVICE,
    ));
    service.grant(Statement::allow_pattern(
        &["iot:DeleteCertificate", "iot:UpdateCertificate"],
        any("cert"),
        ANY_DEVICE,
    ));
    service.grant(Statement::allow_pattern(
        &["iot:DetachThingPrincipal"],
        stack.target().cloud.principal_targets(),
        ANY_DEVICE,
    ));
    service.define(stack);
    service
}

fn define_command(stack: &mut Stack, base: &Base) -> Function {
    let tables = &base.tables;
    let mut service = Function::new("CommandService", "command", "Commands to devices", TIMEOUT);
    service.env(env::COMMANDS_TABLE, tables.commands.name());
    service.env(env::REGISTRATIONS_TABLE, tables.registrations.name());
    tables.registrations.grant_get(&mut service);
    tables.registrations.grant_batch_get(&mut service);
    tables.commands.grant_get(&mut service);
    tables.commands.grant_batch_get(&mut service);
    tables.commands.grant_put(&mut service);
    tables.commands.grant_query(&mut service);
    tables.commands.grant_update(&mut service);
    service.grant(Statement::allow_pattern(
        &["iot:Publish"],
        any(&format!("topic/{}", topic::COMMANDS)),
        ANY_DEVICE,
    ));
    service.grant(restore_shadows());
    service.define(stack);
    service
}

fn define_status(stack: &mut Stack, base: &Base) -> Function {
    let registrations = base.tables.registrations;
    let mut service = Function::new(
        "StatusService",
        "status",
        "Shadow and connection of devices",
        TIMEOUT,
    );
    service.env(env::REGISTRATIONS_TABLE, registrations.name());
    registrations.grant_get(&mut service);
    service.grant(stack.target().cloud.search_things());
    service.grant(Statement::allow_pattern(
        &["iot:GetThingShadow"],
        any("thing"),
        ANY_DEVICE,
    ));
    service.define(stack);
    service
}

/// Every resource of a kind in IoT Core.
pub(super) fn any(kind: &str) -> Vec<ExpString> {
    vec![arn_of("iot", &format!("{kind}/*"))]
}
