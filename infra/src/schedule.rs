//! Schedules: a function is invoked again and again.

use serde_json::Value;
use stratosphere::services::aws::events;
use stratosphere::services::aws::events::rule;
use stratosphere::value::ExpString;

use crate::function::Function;
use crate::queue::Queue;
use crate::stack::Stack;
use crate::value::{arn, arn_of, literal, named};

/// Seconds for which `EventBridge` tries to reach the function, its own minimum:
/// by then the next invocation is due.
const LONGEST_WAIT: i32 = 60;

/// Name of the schedule that ends commands without an answer, after the stack's.
/// The queue that keeps what could not be delivered lets it in by this name.
pub const COMMAND_SWEEP: &str = "command-sweep";

/// A schedule and what surrounds it.
#[derive(Debug)]
pub struct ScheduleProps<'a> {
    /// Logical id.
    pub id: &'static str,
    /// What follows the stack's name in its name.
    pub name: &'static str,
    /// For the console's list of rules.
    pub description: &'static str,
    /// `rate(1 minute)`, for example.
    pub expression: &'static str,
    /// The event that the function gets, the same each time.
    pub input: &'a Value,
    /// What is invoked; it needs a failure destination, since `EventBridge` invokes
    /// it asynchronously.
    pub function: &'a Function,
    /// Gets the event and the reason if the function cannot be invoked; it has to
    /// let the schedule in, see [`Queue::define`].
    pub failures: Queue,
}

/// Defines the schedule, and the function's permission to be invoked by it.
///
/// Logical ids: `{id}` and the function's `…Permission`.
pub fn define(stack: &mut Stack, props: &ScheduleProps<'_>) {
    let target = rule::Target! {
        id: "Function",
        arn: props.function.arn(),
        input: literal(props.input.to_string()),
        retry_policy: rule::RetryPolicy! { maximum_event_age_in_seconds: LONGEST_WAIT },
        dead_letter_config: rule::DeadLetterConfig! { arn: props.failures.arn() },
    };
    let schedule = stack.add(
        props.id,
        &events::Rule! {
            name: named(props.name),
            description: props.description,
            schedule_expression: props.expression,
            state: "ENABLED",
            targets: vec![target],
        },
    );
    // Not once before there is what keeps a failure.
    schedule.after(&props.function.failures());
    let caller = arn(props.id);
    props
        .function
        .allow_service(stack, props.id, "events.amazonaws.com", caller);
}

/// ARN of the schedule with this name, which may not be defined.
#[must_use]
pub fn arn_by_name(name: &str) -> ExpString {
    arn_of("events", &format!("rule/${{AWS::StackName}}-{name}"))
}
