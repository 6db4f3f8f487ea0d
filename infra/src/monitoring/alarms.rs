//! Alarms: what somebody has to look at. Each says in its description what to
//! do. No data is no alarm: most of what they count happens rarely or never.

use contract::metric;
use stratosphere::services::aws::cloudwatch;
use stratosphere::services::aws::cloudwatch::alarm;
use stratosphere::value::ExpString;

use super::OPERATOR_TOPIC;
use crate::api;
use crate::base::Base;
use crate::manifest::Manifest;
use crate::schedule;
use crate::solution;
use crate::stack::Stack;
use crate::value::{camel_case, literal, named, reference};

/// Seconds of a period of which a single failure is worth a look.
const FIVE_MINUTES: i32 = 5 * 60;
/// Seconds of a period that evens out what comes in bursts.
const HOUR: i32 = 60 * 60;

/// What is compared, over which time, and with what.
struct Alarm {
    /// Logical id, and what follows the stack's name in the alarm's name.
    id: String,
    name: String,
    /// What to do.
    description: String,
    namespace: &'static str,
    metric: &'static str,
    statistic: &'static str,
    dimension: Option<(&'static str, ExpString)>,
    period: i32,
    /// The least value that is an alarm.
    threshold: f64,
}

/// Defines an alarm for each thing that can go wrong in what is deployed.
pub(super) fn define(stack: &mut Stack, manifest: &Manifest, base: &Base) {
    for service in solution::services(manifest) {
        add(stack, &of_function(service));
    }
    add(stack, &throttled());
    add(stack, &failed(base));
    add(stack, &rejected(base));
    if manifest.jitr.deploy {
        add(stack, &refused());
    }
    if manifest.api.deploy {
        add(stack, &api_errors());
        add(stack, &sweep());
    }
}

fn of_function(service: &str) -> Alarm {
    Alarm {
        id: format!("{}ErrorsAlarm", camel_case(service)),
        name: format!("errors-{service}"),
        description: format!(
            "The function {service} failed. Its log has lines of level ERROR with the causes; what \
             it could not handle waits in the queue of failures."
        ),
        namespace: "AWS/Lambda",
        metric: "Errors",
        statistic: "Sum",
        dimension: Some(("FunctionName", named(service))),
        period: FIVE_MINUTES,
        threshold: 1.0,
    }
}

/// Of the whole account: functions have no share of their own, so what throttles
/// one of them is what all of the account's functions use together.
fn throttled() -> Alarm {
    Alarm {
        id: "ThrottlesAlarm".to_owned(),
        name: "throttles".to_owned(),
        description:
            "Functions of this account were not started because too many run at once. Have \
                      the quota \"Concurrent executions\" of Lambda raised."
                .to_owned(),
        namespace: "AWS/Lambda",
        metric: "Throttles",
        statistic: "Sum",
        dimension: None,
        period: FIVE_MINUTES,
        threshold: 1.0,
    }
}

/// The age, not the number: one message that nobody looks after is enough.
fn failed(base: &Base) -> Alarm {
    Alarm {
        id: "FailedAgeAlarm".to_owned(),
        name: "failed-age".to_owned(),
        description: "Something that could not be handled has been waiting for more than five \
                      minutes. Mend the cause that it names, then run scripts/replay."
            .to_owned(),
        namespace: "AWS/SQS",
        metric: "ApproximateAgeOfOldestMessage",
        statistic: "Maximum",
        dimension: Some(("QueueName", base.failed.name())),
        period: FIVE_MINUTES,
        threshold: 300.0,
    }
}

fn rejected(base: &Base) -> Alarm {
    Alarm {
        id: "RejectedAlarm".to_owned(),
        name: "rejected".to_owned(),
        description:
            "Devices sent more than a hundred messages in an hour that were not valid. The \
                      queue of rejected messages has them with the reasons; tell the devices' \
                      engineers."
                .to_owned(),
        namespace: "AWS/SQS",
        metric: "NumberOfMessagesSent",
        statistic: "Sum",
        dimension: Some(("QueueName", base.rejected.name())),
        period: HOUR,
        threshold: 100.0,
    }
}

/// A device that its owner has not registered yet tries for as long as it is
/// switched on, so some refusals are everyday.
fn refused() -> Alarm {
    Alarm {
        id: "RegistrationRefusedAlarm".to_owned(),
        name: "registration-refused".to_owned(),
        description: "More than a hundred connections in an hour were refused. The log of jitr names \
                      the certificates and the reasons: devices that nobody has registered, a CA that \
                      is not listed, or a second certificate for a device."
            .to_owned(),
        namespace: metric::NAMESPACE,
        metric: metric::REGISTRATION_REFUSED,
        statistic: "Sum",
        dimension: Some(("FunctionName", named("jitr"))),
        period: HOUR,
        threshold: 100.0,
    }
}

fn api_errors() -> Alarm {
    Alarm {
        id: "ApiErrorsAlarm".to_owned(),
        name: "api-errors".to_owned(),
        description: "The API answered five requests within five minutes with 500 or above. The \
                      access log has the routes and the request ids, by which the functions' logs \
                      have the causes."
            .to_owned(),
        namespace: "AWS/ApiGateway",
        metric: "5xx",
        statistic: "Sum",
        dimension: Some(("ApiId", reference(api::API))),
        period: FIVE_MINUTES,
        threshold: 5.0,
    }
}

fn sweep() -> Alarm {
    Alarm {
        id: "CommandSweepAlarm".to_owned(),
        name: "command-sweep".to_owned(),
        description: "The schedule that ends commands without an answer could not reach its \
                      function. Until it can, the shadows of such commands are not put right."
            .to_owned(),
        namespace: "AWS/Events",
        metric: "FailedInvocations",
        statistic: "Sum",
        dimension: Some(("RuleName", named(schedule::COMMAND_SWEEP))),
        period: FIVE_MINUTES,
        threshold: 1.0,
    }
}

fn add(stack: &mut Stack, props: &Alarm) {
    let dimensions: Vec<alarm::Dimension_> = props
        .dimension
        .iter()
        .map(|(name, value): &(&str, ExpString)| alarm::Dimension! { name: literal(*name), value: value.clone() })
        .collect();
    let mut properties = cloudwatch::Alarm! {
        alarm_name: named(&props.name),
        alarm_description: literal(&props.description),
        namespace: props.namespace,
        metric_name: props.metric,
        statistic: props.statistic,
        period: props.period,
        evaluation_periods: 1,
        comparison_operator: "GreaterThanOrEqualToThreshold",
        threshold: props.threshold,
        treat_missing_data: "notBreaching",
        alarm_actions: vec![reference(OPERATOR_TOPIC)],
        ok_actions: vec![reference(OPERATOR_TOPIC)],
    };
    properties.dimensions = (!dimensions.is_empty()).then_some(dimensions);
    stack.add(props.id.clone(), &properties);
}
