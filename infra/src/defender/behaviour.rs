//! What devices do is compared with what healthy ones do.

use stratosphere::services::aws::iot;
use stratosphere::services::aws::iot::securityprofile;

use super::Findings;
use crate::stack::Stack;
use crate::value::{arn_of, literal, named};

/// Seconds of one look, the shortest there is.
const FIVE_MINUTES: i32 = 5 * 60;

/// What a healthy device keeps to.
struct Limit {
    /// What a violation is called.
    name: &'static str,
    metric: &'static str,
    /// Most that is healthy, in five minutes where it is counted.
    most: i32,
    counted: bool,
    /// Looks in a row that have to be over the limit.
    looks: i32,
}

const LIMITS: &[Limit] = &[
    // A device whose topics are right has none. One whose topics are wrong is
    // disconnected by each attempt, and its back-off lets it try ten times. Three
    // leave room for a policy that has just been changed.
    Limit {
        name: "AuthorizationFailures",
        metric: "aws:num-authorization-failures",
        most: 3,
        counted: true,
        looks: 1,
    },
    // The back-off of the device contract, up to a minute with full jitter, makes
    // some 15 attempts in five minutes. Two looks, since the network of a whole
    // town can be away and back.
    Limit {
        name: "ConnectionAttempts",
        metric: "aws:num-connection-attempts",
        most: 30,
        counted: true,
        looks: 2,
    },
    // As many as connections.
    Limit {
        name: "Disconnects",
        metric: "aws:num-disconnects",
        most: 30,
        counted: true,
        looks: 2,
    },
    // The sample thermostat sends telemetry every five seconds and reports its
    // shadow: under 150. Four times that is two in a second, and far below what a
    // connection can send. Two looks, as what was kept while offline comes at once.
    Limit {
        name: "MessagesSent",
        metric: "aws:num-messages-sent",
        most: 600,
        counted: true,
        looks: 2,
    },
    // The largest event that is accepted; telemetry and shadows are smaller.
    Limit {
        name: "MessageSize",
        metric: "aws:message-byte-size",
        most: 32 * 1024,
        counted: false,
        looks: 1,
    },
];

/// Defines the profile of all registered things.
///
/// Logical id: `DeviceProfile`.
pub(super) fn define(stack: &mut Stack, findings: Findings) {
    let target = securityprofile::AlertTarget! {
        alert_target_arn: findings.topic(),
        role_arn: findings.role(),
    };
    stack.add(
        "DeviceProfile",
        &iot::SecurityProfile! {
            security_profile_name: named("devices"),
            security_profile_description: "What healthy smart products do",
            behaviors: LIMITS.iter().map(Limit::behaviour).collect::<Vec<_>>(),
            alert_targets: [("SNS".to_owned(), target)].into_iter().collect::<std::collections::BTreeMap<_, _>>(),
            target_arns: vec![arn_of("iot", "all/registered-things")],
        },
    );
}

impl Limit {
    fn behaviour(&self) -> securityprofile::Behavior_ {
        let mut criteria = securityprofile::BehaviorCriteria! {
            comparison_operator: "less-than-equals",
            value: securityprofile::MetricValue! { count: literal(self.most.to_string()) },
            consecutive_datapoints_to_alarm: self.looks,
            consecutive_datapoints_to_clear: 1,
        };
        criteria.duration_seconds = self.counted.then_some(FIVE_MINUTES);
        securityprofile::Behavior! {
            name: self.name,
            metric: self.metric,
            criteria: criteria,
        }
    }
}
