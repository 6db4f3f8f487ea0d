//! Events: a rule hands each one to `event-proxy`, which stores it and has
//! `alert` tell its owner. Another does so when a device comes or goes, of which
//! nobody is told.

use contract::{env, index, output, topic};
use serde_json::json;
use stratosphere::services::aws::sns;

use crate::base::Base;
use crate::function::Function;
use crate::manifest::Manifest;
use crate::policy::Statement;
use crate::rule::{self, RuleProps};
use crate::stack::Stack;
use crate::users;
use crate::value::{arn_of, reference, sub};

/// The binaries it needs.
pub const SERVICES: &[&str] = &["alert", "event-proxy"];

const ALERT_TOPIC: &str = "AlertTopic";

/// First part of the keys of rows that count a user's text messages of a day.
const SMS_COUNTERS: &str = "sms#";

/// Defines the topic, both functions and the rules.
///
/// Logical ids: `AlertTopic`, `AlertTopicPolicy`, `AlertService…`, `EventProxyService…`,
/// `EventRule…`, `PresenceRule…`.
///
/// Whoever else has events to tell of invokes the function that it returns.
pub fn define(stack: &mut Stack, manifest: &Manifest, base: &Base) -> Function {
    define_topic(stack);
    define_topic_policy(stack);
    let alert = define_alert(stack, base);
    let proxy = define_proxy(stack, base, &alert);
    let prefix = &manifest.events.env.event_topic;
    let rules = [
        ("EventRule", "Events of devices", select_event(prefix)),
        (
            "PresenceRule",
            "Devices that come and go",
            select_presence(),
        ),
    ];
    for (id, description, sql) in rules {
        let props = RuleProps {
            id,
            description,
            sql,
            function: &proxy,
            failures: base.failed,
        };
        rule::define(stack, &props);
    }
    alert
}

/// The payload goes on as it is, so that one that is not JSON can be kept with
/// the reason; who sent it is the segment of the topic after the prefix.
fn select_event(prefix: &str) -> String {
    let device = prefix.split('/').count() + 1;
    format!(
        "SELECT encode(*, 'base64') AS payload, topic({device}) AS deviceId, \
         timestamp() AS receivedAt FROM '{prefix}/+'"
    )
}

/// What IoT Core itself says of its clients, without the address and the
/// certificate: they are nobody's business afterwards. Clients that were not let
/// in could be anybody, and would cost a call each. `timestamp` is the field,
/// `timestamp()` the function.
fn select_presence() -> String {
    format!(
        "SELECT 'presence' AS kind, clientId AS deviceId, eventType, timestamp, \
         sessionIdentifier, versionNumber, disconnectReason, timestamp() AS receivedAt \
         FROM '{}/+/+' WHERE eventType = 'connected' OR eventType = 'disconnected'",
        topic::PRESENCE
    )
}

fn define_topic(stack: &mut Stack) {
    stack.add(
        ALERT_TOPIC,
        &sns::Topic! { kms_master_key_id: "alias/aws/sns" },
    );
    stack.output(
        output::ALERT_TOPIC_ARN,
        "Topic that receives every alert",
        json!(reference(ALERT_TOPIC)),
    );
}

/// Without a policy of its own, a topic takes messages of everybody in its account,
/// whatever their roles say. This one leaves it to the roles.
fn define_topic_policy(stack: &mut Stack) {
    let topic = reference(ALERT_TOPIC);
    let mut statements = vec![json!({
        "Effect": "Allow",
        "Principal": { "AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root") },
        "Action": "sns:Publish",
        "Resource": topic,
    })];
    if stack.target().cloud.insists_on_tls() {
        statements.push(json!({
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        }));
    }
    stack.add(
        "AlertTopicPolicy",
        &sns::TopicPolicy! {
            topics: vec![topic],
            policy_document: json!({ "Version": "2012-10-17", "Statement": statements }),
        },
    );
}

fn define_alert(stack: &mut Stack, base: &Base) -> Function {
    let mut alert = Function::new("AlertService", "alert", "Tells owners about events", 15);
    alert.env(env::ALERT_TOPIC_ARN, reference(ALERT_TOPIC));
    alert.env(env::EVENTS_TABLE, base.tables.events.name());
    alert.env(env::SETTINGS_TABLE, base.tables.settings.name());
    alert.env(env::USER_POOL_ID, base.users.pool());
    base.tables.events.grant_update(&mut alert);
    base.tables.settings.grant_get(&mut alert);
    base.tables
        .settings
        .grant_rows(&mut alert, &["dynamodb:UpdateItem"], SMS_COUNTERS);
    base.users.grant_get(&mut alert);
    alert.grant(Statement::allow(&["sns:Publish"], reference(ALERT_TOPIC)));
    alert.grant(users::text_messages());
    alert.grant(Statement::allow_pattern(
        &["iot:Publish"],
        vec![arn_of("iot", &format!("topic/{}/*", topic::ALERTS))],
        "users are not known when the stack is deployed",
    ));
    alert.fail_to(base.failed);
    alert.define(stack);
    alert
}

fn define_proxy(stack: &mut Stack, base: &Base, alert: &Function) -> Function {
    let mut proxy = Function::new(
        "EventProxyService",
        "event-proxy",
        "Stores events of devices",
        15,
    );
    proxy.env(env::ALERT_FUNCTION, alert.name());
    proxy.env(env::EVENTS_TABLE, base.tables.events.name());
    proxy.env(env::REGISTRATIONS_TABLE, base.tables.registrations.name());
    proxy.env(env::REJECTED_QUEUE_URL, base.rejected.url());
    base.tables
        .registrations
        .grant_query_index(&mut proxy, index::REGISTRATIONS_BY_DEVICE);
    base.tables.events.grant_put(&mut proxy);
    alert.grant_invoke(&mut proxy);
    base.rejected.grant_send(&mut proxy);
    proxy.fail_to(base.failed);
    proxy.define(stack);
    proxy
}
