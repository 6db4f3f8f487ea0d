//! What topic rules and schedules hand to functions.

use serde_json::{Value, json};

use crate::template::{Template, target};

/// Each was tried on the emulator, and is made of what the SQL reference of IoT
/// Core has: `NOT isUndefined(…)`, since the emulator has no literals `true` and
/// `false`.
#[test]
fn each_rule_selects_what_its_function_reads() {
    let template = Template::full();
    let rules: Vec<_> = template
        .of_type("AWS::IoT::TopicRule")
        .map(|rule| {
            let payload = &rule.properties()["TopicRulePayload"];
            assert_eq!(payload["AwsIotSqlVersion"], "2016-03-23", "{}", rule.id);
            assert_eq!(payload["RuleDisabled"], false, "{}", rule.id);
            let action = &payload["Actions"][0];
            let function = target(&action["Lambda"]["FunctionArn"]);
            let to = function.or(target(&action["Firehose"]["DeliveryStreamName"]));
            let sql = payload["Sql"].as_str().unwrap();
            (rule.id, to.unwrap(), sql)
        })
        .collect();
    assert_eq!(
        rules,
        [
            (
                "CommandAnswerRule",
                "CommandOutcomeService",
                "SELECT 'answer' AS kind, encode(*, 'base64') AS payload, topic(3) AS deviceId, \
                 timestamp() AS receivedAt FROM 'smartproduct/commands/+/response'",
            ),
            (
                "EventRule",
                "EventProxyService",
                "SELECT encode(*, 'base64') AS payload, topic(3) AS deviceId, \
                 timestamp() AS receivedAt FROM 'smartproduct/event/+'",
            ),
            (
                "JitrRule",
                "JitrService",
                "SELECT * FROM '$aws/events/certificates/registered/+'",
            ),
            (
                "PresenceRule",
                "EventProxyService",
                "SELECT 'presence' AS kind, clientId AS deviceId, eventType, timestamp, \
                 sessionIdentifier, versionNumber, disconnectReason, timestamp() AS receivedAt \
                 FROM '$aws/events/presence/+/+' \
                 WHERE eventType = 'connected' OR eventType = 'disconnected'",
            ),
            (
                "ShadowDesiredRule",
                "CommandOutcomeService",
                "SELECT 'desired' AS kind, topic(3) AS deviceId, clientToken \
                 FROM '$aws/things/+/shadow/update/accepted' \
                 WHERE NOT isUndefined(state.desired)",
            ),
            (
                "ShadowEmptiedRule",
                "CommandOutcomeService",
                "SELECT 'desired' AS kind, topic(3) AS deviceId, clientToken \
                 FROM '$aws/things/+/shadow/update/documents' \
                 WHERE NOT isUndefined(previous.state.desired) \
                 AND isUndefined(current.state.desired)",
            ),
            (
                "TelemetryRule",
                "TelemetryStream",
                "SELECT encode(*, 'base64') AS payload, topic(3) AS deviceId, \
                 timestamp() AS receivedAt FROM 'smartproduct/telemetry/+'",
            ),
        ]
    );
}

#[test]
fn nothing_of_who_connected_from_where_goes_on() {
    for template in Template::all() {
        for rule in template.of_type("AWS::IoT::TopicRule") {
            let sql = rule.properties()["TopicRulePayload"]["Sql"].to_string();
            if sql.contains("presence") {
                for personal in ["ipAddress", "principal", "*"] {
                    assert!(!sql.contains(personal), "{personal} in {sql}");
                }
            }
        }
    }
}

#[test]
fn commands_are_swept_every_minute_where_there_is_an_api() {
    for template in Template::all() {
        let schedules: Vec<_> = template.of_type("AWS::Events::Rule").collect();
        let api = template.resources().any(|it| it.id == "HttpApi");
        assert_eq!(schedules.len(), usize::from(api), "{}", template.name);
        for schedule in schedules {
            let properties = schedule.properties();
            assert_eq!(properties["ScheduleExpression"], "rate(1 minute)");
            assert_eq!(properties["State"], "ENABLED");
            let delivery = &properties["Targets"][0];
            assert_eq!(target(&delivery["Arn"]), Some("CommandOutcomeService"));
            let input: Value = serde_json::from_str(delivery["Input"].as_str().unwrap()).unwrap();
            assert_eq!(input, json!({ "kind": "sweep" }));
        }
    }
}

#[test]
fn what_is_open_is_found_without_the_history() {
    let template = Template::full();
    let commands = template.resource("Commands").properties();
    assert_eq!(
        commands["GlobalSecondaryIndexes"],
        json!([{
            "IndexName": "open",
            "KeySchema": [
                { "AttributeName": "open", "KeyType": "HASH" },
                { "AttributeName": "due", "KeyType": "RANGE" },
            ],
            "Projection": { "ProjectionType": "ALL" },
        }])
    );
}
