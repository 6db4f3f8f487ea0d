//! What becomes of commands: a device answers, its time runs out, or somebody
//! changes what a device is to be.

use contract::{env, index, topic};
use serde_json::json;

use super::functions::{ANY_DEVICE, any};
use crate::base::Base;
use crate::function::Function;
use crate::policy::Statement;
use crate::rule::{self, RuleProps};
use crate::schedule::{self, COMMAND_SWEEP, ScheduleProps};
use crate::stack::Stack;

/// Seconds. A sweep after a command to a whole fleet is the longest; what it
/// does not get done is left for the next, a minute later.
const TIMEOUT: i32 = 60;

/// Defines the function, and what it is invoked by.
///
/// Logical ids: `CommandOutcomeService…`, `CommandAnswerRule…`, `ShadowDesiredRule…`,
/// `ShadowEmptiedRule…`, `CommandSweep`.
pub(super) fn define(stack: &mut Stack, base: &Base) {
    let service = define_service(stack, base);
    let rules = [
        (
            "CommandAnswerRule",
            "Answers of devices to commands",
            select_answer(),
        ),
        (
            "ShadowDesiredRule",
            "Changes of what devices are to be",
            select_desired(),
        ),
        (
            "ShadowEmptiedRule",
            "Removals of all that devices are to be",
            select_emptied(),
        ),
    ];
    for (id, description, sql) in rules {
        let props = RuleProps {
            id,
            description,
            sql,
            function: &service,
            failures: base.failed,
        };
        rule::define(stack, &props);
    }
    schedule::define(
        stack,
        &ScheduleProps {
            id: "CommandSweep",
            name: COMMAND_SWEEP,
            description: "Ends commands that no device has answered in time",
            expression: "rate(1 minute)",
            input: &json!({ "kind": "sweep" }),
            function: &service,
            failures: base.failed,
        },
    );
}

fn define_service(stack: &mut Stack, base: &Base) -> Function {
    let tables = &base.tables;
    let mut service = Function::new(
        "CommandOutcomeService",
        "command-outcome",
        "What becomes of commands",
        TIMEOUT,
    );
    service.env(env::COMMANDS_TABLE, tables.commands.name());
    service.env(env::REGISTRATIONS_TABLE, tables.registrations.name());
    service.env(env::REJECTED_QUEUE_URL, base.rejected.url());
    tables
        .registrations
        .grant_query_index(&mut service, index::REGISTRATIONS_BY_DEVICE);
    tables.commands.grant_query(&mut service);
    tables
        .commands
        .grant_query_index(&mut service, index::COMMANDS_OPEN);
    tables.commands.grant_update(&mut service);
    service.grant(restore_shadows());
    base.rejected.grant_send(&mut service);
    service.fail_to(base.failed);
    service.define(stack);
    service
}

/// The rights to put a shadow right: whoever ends a command needs them.
pub(super) fn restore_shadows() -> Statement {
    Statement::allow_pattern(
        &["iot:GetThingShadow", "iot:UpdateThingShadow"],
        any("thing"),
        ANY_DEVICE,
    )
}

/// The payload goes on as it is, as that of an event does; who answered is the
/// segment of the topic after the prefix.
fn select_answer() -> String {
    let device = segment_after(topic::COMMANDS);
    format!(
        "SELECT 'answer' AS kind, encode(*, 'base64') AS payload, topic({device}) AS deviceId, \
         timestamp() AS receivedAt FROM '{}/+/{}'",
        topic::COMMANDS,
        topic::RESPONSE
    )
}

/// Every update that names a part of the desired state.
fn select_desired() -> String {
    select_update("accepted", "NOT isUndefined(state.desired)")
}

/// Every update that removes the desired state as a whole: it names no part of
/// it, so it looks like a plain report, or like nothing.
fn select_emptied() -> String {
    select_update(
        "documents",
        "NOT isUndefined(previous.state.desired) AND isUndefined(current.state.desired)",
    )
}

fn select_update(what: &str, condition: &str) -> String {
    let device = segment_after(topic::THINGS);
    format!(
        "SELECT 'desired' AS kind, topic({device}) AS deviceId, clientToken \
         FROM '{}/+/shadow/update/{what}' WHERE {condition}",
        topic::THINGS
    )
}

/// Number of the segment that follows a prefix, as `topic()` counts: from 1.
fn segment_after(prefix: &str) -> usize {
    prefix.split('/').count() + 1
}
