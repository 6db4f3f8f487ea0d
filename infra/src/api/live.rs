//! Live data: a function that gives out addresses of the broker, and the role
//! whose sessions these are.

use contract::{env, topic};
use stratosphere::services::aws::iam;

use crate::base::Base;
use crate::function::{Function, define_role};
use crate::manifest::Manifest;
use crate::policy::{self, Statement};
use crate::stack::Stack;
use crate::value::{arn, arn_of, literal, reference};

/// Seconds; API Gateway itself waits for 30.
const TIMEOUT: i32 = 10;

/// The role of all sessions. A session lasts an hour at most, since one role
/// assumes another.
const ROLE: &str = "LiveRole";

/// The client ids of sessions: a page is told the whole of its own.
const CLIENTS: &str = "console-*";

/// Why neither clients nor topics are named one by one.
const ANY_SESSION: &str = "users and devices are not known when the stack is deployed; the policy \
                           of each session names its own client and topics";

/// Defines the function and the role.
///
/// The role's trust names the function's role, so the function's right to assume
/// it is a policy of its own: as a part of the function's role the two would wait
/// for each other.
///
/// Logical ids: `LiveService…`, `LiveRole`, `LiveServiceAssume`.
pub(super) fn define(stack: &mut Stack, manifest: &Manifest, base: &Base) -> Function {
    let telemetry = &manifest.telemetry.env.telemetry_topic;
    let registrations = base.tables.registrations;
    let scheme = stack.target().cloud.web_socket();
    let mut service = Function::new("LiveService", "live", "Addresses for live data", TIMEOUT);
    service.env(env::LIVE_ENDPOINT, base.broker.origin(scheme));
    service.env(env::LIVE_ROLE_ARN, arn(ROLE));
    service.env(env::REGISTRATIONS_TABLE, registrations.name());
    service.env(env::TELEMETRY_TOPIC, literal(telemetry));
    registrations.grant_get(&mut service);
    service.define(stack);

    let trust = policy::trust_role(&arn(&service.role()));
    define_role(stack, ROLE, trust, &statements(telemetry));
    let assume = Statement::allow(&["sts:AssumeRole"], arn(ROLE));
    stack
        .add(
            "LiveServiceAssume",
            &iam::Policy! {
                policy_name: "Assume",
                policy_document: policy::document(&[assume]),
                roles: vec![reference(&service.role())],
            },
        )
        .suppress(
            "CREDENTIALS_EXPOSURE",
            "it is what the function is there for: a session of one role, narrowed to what its \
             owner may hear, signs the address",
        );
    service
}

/// All that any session may be given. Nothing may be published.
fn statements(telemetry: &str) -> [Statement; 3] {
    let topics = [
        format!("{}/*", topic::ALERTS),
        format!("{telemetry}/*"),
        format!("{}/*", topic::COMMANDS),
        format!("{}/*/shadow/update/documents", topic::THINGS),
    ];
    let resources = |kind: &str| {
        let resources = topics.iter().map(|topic| format!("{kind}/{topic}"));
        resources.map(|it| arn_of("iot", &it)).collect::<Vec<_>>()
    };
    let client = arn_of("iot", &format!("client/{CLIENTS}"));
    [
        Statement::allow_pattern(&["iot:Connect"], vec![client], ANY_SESSION),
        Statement::allow_pattern(&["iot:Subscribe"], resources("topicfilter"), ANY_SESSION),
        Statement::allow_pattern(&["iot:Receive"], resources("topic"), ANY_SESSION),
    ]
}
