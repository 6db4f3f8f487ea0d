//! What a manifest may say, and in which words it is refused.

use infra::flag::Flag;
use infra::local::Cloud;
use infra::manifest::Manifest;
use serde_json::{Value, json};

#[test]
fn a_manifest_deploys_what_is_built() {
    let manifest = Manifest::parse(&ours().to_string()).unwrap();
    assert_eq!(
        manifest.combination(),
        Manifest::full(Cloud::Aws).combination()
    );
    assert_eq!(
        manifest.telemetry.env.telemetry_topic,
        "smartproduct/telemetry"
    );
    assert_eq!(manifest.events.env.event_topic, "smartproduct/event");
}

#[test]
fn what_is_missing_has_its_default() {
    let short = json!({ "default": {
        "telemetry": { "deploy": false },
        "ownerapp": { "deploy": false },
    }});
    let manifest = Manifest::parse(&short.to_string()).unwrap();
    assert!(manifest.jitr.deploy && manifest.events.deploy && manifest.api.deploy);
    assert!(manifest.defender.deploy && manifest.defender.detect);
    assert_eq!(manifest.usage_data_url, None);
    assert_eq!(manifest.version, "v0.0.1");
    assert!(!manifest.send_anonymous_usage && !manifest.tracing);
    assert_eq!(manifest.events.env.event_topic, "smartproduct/event");
    assert_eq!(manifest.jitr.ca_certificate_ids, [""; 0]);
    assert_eq!(manifest.api.allow_origins, [""; 0]);
}

#[test]
fn options_are_taken_over() {
    let id = "0123456789abcdef".repeat(4);
    let mut document = ours();
    document["default"]["jitr"]["caCertificateIds"] = json!([id]);
    document["default"]["events"]["env"]["eventTopic"] = json!("Acme-1/eu:west/v1.0/events_2");
    document["default"]["api"]["allowOrigins"] = json!(["https://app.example.com"]);
    document["default"]["tracing"] = json!(true);
    document["default"]["defender"]["detect"] = json!(false);
    document["default"]["sendAnonymousUsage"] = json!(true);
    document["default"]["usageDataUrl"] = json!("https://usage.example.com/reports");
    let manifest = Manifest::parse(&document.to_string()).unwrap();
    assert!(manifest.tracing && manifest.send_anonymous_usage);
    assert!(manifest.defender.deploy && !manifest.defender.detect);
    let url = manifest.usage_data_url.as_deref();
    assert_eq!(url, Some("https://usage.example.com/reports"));
    assert_eq!(manifest.jitr.ca_certificate_ids, [id]);
    assert_eq!(manifest.api.allow_origins, ["https://app.example.com"]);
    assert_eq!(
        manifest.events.env.event_topic,
        "Acme-1/eu:west/v1.0/events_2"
    );
}

const NOTHING: &str = "default: found nothing to deploy; set at least one of default.jitr.deploy, \
                       default.events.deploy, default.api.deploy, default.ownerapp.deploy, \
                       default.telemetry.deploy, default.defender.deploy to true";

/// Each combination of the six flags is deployed or refused, with every reason.
#[test]
fn every_combination_of_flags_is_taken_or_refused_for_all_its_reasons() {
    let mut taken = 0;
    for bits in 0..64_u8 {
        let mut document = ours();
        let on: Vec<Flag> = (Flag::ALL.iter().enumerate())
            .filter(|(index, _)| bits >> index & 1 == 1)
            .map(|(_, flag)| *flag)
            .collect();
        for flag in Flag::ALL {
            document["default"][flag.name()]["deploy"] = on.contains(&flag).into();
        }
        let mut reasons: Vec<String> = Vec::new();
        if on.contains(&Flag::Ownerapp) && !on.contains(&Flag::Api) {
            reasons.push(
                "default.ownerapp.deploy: found true, but the console needs the API; set it to \
                 false, or default.api.deploy to true"
                    .to_owned(),
            );
        }
        if on.is_empty() {
            reasons.push(NOTHING.to_owned());
        }
        let outcome = Manifest::parse(&document.to_string());
        match outcome {
            Ok(manifest) => {
                assert!(
                    reasons.is_empty(),
                    "{on:?} is taken in spite of {reasons:?}"
                );
                let names: Vec<_> = on.iter().map(|flag| flag.name()).collect();
                assert_eq!(manifest.combination(), names.join("-"));
                taken += 1;
            }
            Err(problems) => assert_eq!(problems.to_string(), reasons.join("\n"), "{on:?}"),
        }
    }
    // The combinations that are tried elsewhere are these, and one without any flag.
    assert_eq!(taken + 1, Manifest::combinations(Cloud::Aws).count());
    assert_eq!(taken, 47);
}

#[test]
fn a_key_that_nobody_knows_is_named() {
    check(
        "defaults",
        &json!({}),
        &["defaults: unknown key; allowed are `$schema`, `default`"],
    );
    check(
        "default.jit",
        &json!({}),
        &[
            "default.jit: unknown key; allowed are `api`, `defender`, `events`, `jitr`, `ownerapp`, \
           `sendAnonymousUsage`, `telemetry`, `tracing`, `usageDataUrl`, `version`",
        ],
    );
    check(
        "default.api.deployed",
        &json!(true),
        &["default.api.deployed: unknown key; allowed are `allowOrigins`, `deploy`"],
    );
    check(
        "default.events.env.topic",
        &json!("a"),
        &["default.events.env.topic: unknown key; allowed are `eventTopic`"],
    );
}

#[test]
fn a_value_of_the_wrong_kind_is_quoted() {
    let flag = "true to deploy the component, false to leave it out";
    for component in ["telemetry", "events", "jitr", "api", "ownerapp", "defender"] {
        let path = format!("default.{component}.deploy");
        for value in [json!("true"), json!(1), json!(null), json!([true])] {
            let problem = format!("{path}: found {value}; it has to be {flag}");
            assert!(
                refusal(&path, &value).contains(&problem),
                "{path} = {value}"
            );
        }
    }
    check(
        "default.api",
        &json!(true),
        &[
            "default.api: found true; it has to be an object with the keys `deploy` and `allowOrigins`",
        ],
    );
    check(
        "default",
        &json!([]),
        &["default: found []; it has to be an object with the version and the components"],
    );
    check(
        "default.version",
        &json!("1.0"),
        &[
            "default.version: found \"1.0\"; it has to be the version of the solution, like \"v0.0.1\"",
        ],
    );
    check(
        "default.sendAnonymousUsage",
        &json!("Yes"),
        &[
            "default.sendAnonymousUsage: found \"Yes\"; it has to be true to send anonymous usage \
           data, false to send nothing",
        ],
    );
}

#[test]
fn a_topic_that_is_not_valid_is_refused() {
    const ALLOWED: &str = "1 to 7 segments of ASCII letters, digits, `-`, `_`, `.` or `:`, with one \
                           `/` between two segments, at most 127 bytes, so that the topic with a \
                           device id stays within 256";
    let bad = [
        "",
        "/smartproduct/event",
        "smartproduct/event/",
        "smartproduct//event",
        "smart product/event",
        "smartproduct/event ",
        "smartproduct/event\n",
        "smartproduct/+",
        "smartproduct/#",
        "smartproduct/*",
        "$aws/things",
        "${iot:ClientId}/event",
        "it's/event",
        "größe/event",
        "a/b/c/d/e/f/g/h",
        &"a".repeat(128),
    ];
    for path in [
        "default.events.env.eventTopic",
        "default.telemetry.env.telemetryTopic",
    ] {
        for topic in bad {
            let refusal = refusal(path, &json!(topic));
            let refusal = refusal.lines().next().unwrap();
            let (found, allowed) = refusal.split_once("; it has to be ").unwrap();
            let start = format!("{path}: found {}", json!(topic));
            assert!(start.starts_with(found.trim_end_matches('…')), "{refusal}");
            assert_eq!(allowed, ALLOWED, "{topic}");
        }
    }
}

#[test]
fn a_topic_of_every_allowed_length_is_taken() {
    for topic in ["a".repeat(127), "a/b/c/d/e/f/g".to_owned()] {
        check("default.events.env.eventTopic", &json!(topic), &[]);
    }
}

#[test]
fn a_message_may_not_reach_two_rules_or_a_topic_of_the_cloud() {
    let telemetry = "which overlaps with default.telemetry.env.telemetryTopic \
                     (\"smartproduct/telemetry\"); neither may be the beginning of the other";
    let alerts = "which overlaps with the topics of alerts (\"smartproduct/alerts\"); neither may be \
                  the beginning of the other";
    let commands = "which overlaps with the topics of commands (\"smartproduct/commands\"); neither \
                    may be the beginning of the other";
    let event_topic = |topic: &str, overlaps: &[&str]| {
        let start = format!("default.events.env.eventTopic: found \"{topic}\", ");
        let problems: Vec<_> = overlaps.iter().map(|it| start.clone() + it).collect();
        let problems: Vec<&str> = problems.iter().map(String::as_str).collect();
        check("default.events.env.eventTopic", &json!(topic), &problems);
    };
    event_topic("smartproduct/telemetry", &[telemetry]);
    event_topic("smartproduct/telemetry/hot", &[telemetry]);
    event_topic("smartproduct/alerts", &[alerts]);
    event_topic("smartproduct/commands/urgent", &[commands]);
    event_topic("smartproduct", &[telemetry, commands, alerts]);
    event_topic("smartproduct/telemetry2", &[]);
    event_topic("telemetry", &[]);
}

#[test]
fn a_ca_certificate_id_that_is_none_is_refused() {
    let list = "a list of 1 to 50 different ids of CA certificates, whose devices are let in; without \
                it, the devices of any CA that is registered in the account";
    let id = "0123456789abcdef".repeat(4);
    let path = "default.jitr.caCertificateIds";
    check(
        path,
        &json!([]),
        &[&format!("{path}: found []; it has to be {list}")],
    );
    check(
        path,
        &json!("ab"),
        &[&format!("{path}: found \"ab\"; it has to be {list}")],
    );
    check(
        path,
        &json!([id, "AB"]),
        &[&format!(
            "{path}[1]: found \"AB\"; it has to be the id of a CA certificate: 64 digits of 0-9 and a-f"
        )],
    );
    let twice = refusal(path, &json!([id, id]));
    assert!(
        twice.starts_with(&format!("{path}: found [\"0123")) && twice.ends_with(list),
        "{twice}"
    );
    let many: Vec<_> = (0..51).map(|number| format!("{number:064x}")).collect();
    assert!(refusal(path, &json!(many)).ends_with(list));
}

#[test]
fn an_origin_of_every_allowed_shape_is_taken() {
    let origins = [
        "https://app.example.com",
        "https://localhost",
        "https://xn--bcher-kva.example:8443",
        "https://a.b-c.d1:65535",
    ];
    check("default.api.allowOrigins", &json!(origins), &[]);
}

#[test]
fn an_origin_that_no_browser_sends_is_refused() {
    const ALLOWED: &str = "an origin as browsers send it, like \"https://app.example.com\": \
                           `https://`, a host name in lower case, the port where it is not 443, \
                           and nothing after it";
    let path = "default.api.allowOrigins";
    for origin in [
        "*",
        "https://*",
        "https://*.example.com",
        "http://app.example.com",
        "app.example.com",
        "https://app.example.com/",
        "https://app.example.com/console",
        "https://App.example.com",
        "https://app.example.com:",
        "https://app.example.com:08443",
        "https://-app.example.com",
        "https://app..example.com",
        "https://user@app.example.com",
        "https://app.example.com\n",
        "https://größe.example",
        "null",
        "",
    ] {
        let found = json!(origin);
        check(
            path,
            &json!([origin]),
            &[&format!("{path}[0]: found {found}; it has to be {ALLOWED}")],
        );
    }
    let origins = ["https://a.example", "https://b.example:443"];
    check(
        path,
        &json!(origins),
        &[&format!(
            "{path}[1]: found \"https://b.example:443\", but browsers leave this port out; \
             write \"https://b.example\""
        )],
    );
    check(
        path,
        &json!(["https://a.example:65536"]),
        &[&format!(
            "{path}[0]: found \"https://a.example:65536\", but ports end at 65535"
        )],
    );
}

#[test]
fn a_list_of_origins_has_1_to_20_different_ones() {
    let list = "a list of 1 to 20 different origins, whose web pages may use the API; without it, \
                only the console may, which has the API's own origin";
    let path = "default.api.allowOrigins";
    let many: Vec<_> = (0..21).map(|it| format!("https://{it}.example")).collect();
    for bad in [
        json!([]),
        json!("https://a.example"),
        json!(["https://a.example", "https://a.example"]),
        json!(many),
    ] {
        let refusal = refusal(path, &bad);
        assert!(refusal.starts_with(&format!("{path}: found ")), "{refusal}");
        assert!(refusal.ends_with(list), "{refusal}");
    }
}

#[test]
fn usage_data_needs_an_address_and_an_address_needs_usage_data() {
    check(
        "default.sendAnonymousUsage",
        &json!(true),
        &[
            "default.usageDataUrl: missing, but default.sendAnonymousUsage is true; name the \
           `https://` address that usage data is sent to, or set default.sendAnonymousUsage to false",
        ],
    );
    check(
        "default.usageDataUrl",
        &json!("https://usage.example.com/reports"),
        &[
            "default.usageDataUrl: found \"https://usage.example.com/reports\", but nothing is sent \
           there; leave it out, or set default.sendAnonymousUsage to true",
        ],
    );
}

#[test]
fn an_address_for_usage_data_is_one_of_https() {
    const ALLOWED: &str = "the address that anonymous usage data is sent to, like \
                           \"https://usage.example.com/reports\": `https://`, a host name in lower \
                           case, the port where it is not 443, and a path without user, query and \
                           fragment; only beside `\"sendAnonymousUsage\": true`";
    let mut document = ours();
    document["default"]["sendAnonymousUsage"] = json!(true);
    for url in [
        "https://usage.example.com/",
        "https://usage.example.com:8443/v1/reports",
        "https://localhost/a%20b/c_d.e~f-g",
    ] {
        document["default"]["usageDataUrl"] = json!(url);
        assert_eq!(parse(&document.to_string()), "", "{url}");
    }
    for url in [
        json!("http://usage.example.com/reports"),
        json!("https://usage.example.com"),
        json!("https://me@usage.example.com/"),
        json!("https://usage.example.com/?account=1"),
        json!("https://usage.example.com/#top"),
        json!("https://Usage.example.com/"),
        json!("https:///reports"),
        json!("usage.example.com/reports"),
        json!("https://usage.example.com/a b"),
        json!(""),
        json!(true),
        json!(null),
    ] {
        document["default"]["usageDataUrl"] = url.clone();
        assert_eq!(
            parse(&document.to_string()),
            format!("default.usageDataUrl: found {url}; it has to be {ALLOWED}")
        );
    }
}

#[test]
fn the_console_needs_the_api() {
    let mut document = ours();
    document["default"]["api"]["deploy"] = json!(false);
    document["default"]["ownerapp"]["deploy"] = json!(true);
    assert_eq!(
        parse(&document.to_string()),
        "default.ownerapp.deploy: found true, but the console needs the API; \
         set it to false, or default.api.deploy to true"
    );
}

#[test]
fn there_has_to_be_something_to_deploy() {
    let mut document = ours();
    for component in Flag::ALL.map(Flag::name) {
        document["default"][component]["deploy"] = json!(false);
    }
    assert_eq!(parse(&document.to_string()), NOTHING);
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let mut document = ours();
    document["default"]["api"]["deploy"] = json!("on");
    document["default"]["jtir"] = json!({});
    document["default"]["sendAnonymousUsage"] = json!(true);
    document["default"]["events"]["env"]["eventTopic"] = json!("/x");
    let refusal = parse(&document.to_string());
    let keys: Vec<_> = refusal
        .lines()
        .filter_map(|line| line.split(':').next())
        .collect();
    for key in [
        "default.api.deploy",
        "default.jtir",
        "default.usageDataUrl",
        "default.events.env.eventTopic",
    ] {
        assert!(keys.contains(&key), "{key} in {refusal}");
    }
    assert_eq!(keys.len(), 4, "{refusal}");
}

#[test]
fn a_document_of_another_shape_is_refused() {
    assert_eq!(
        parse("{}"),
        "default: missing; it has to be an object with the version and the components"
    );
    assert_eq!(
        parse("[]"),
        "the manifest: found []; it has to be an object with the key `default`"
    );
}

#[test]
fn what_is_not_json_is_refused_with_line_and_column() {
    let text = "{\n  \"default\": {\n    \"api\": { \"deploy\": true },\n    \"api\": {}\n  }\n}";
    assert_eq!(
        parse(text),
        "not valid JSON: the key `api` is there twice at line 4 column 9"
    );
    assert_eq!(
        parse("{\n  \"default\": {,"),
        "not valid JSON: key must be a string at line 2 column 15"
    );
    assert_eq!(
        parse(""),
        "not valid JSON: EOF while parsing a value at line 1 column 0"
    );
    assert_eq!(
        parse("{} x"),
        "not valid JSON: trailing characters at line 1 column 4"
    );
}

/// Our manifest with one value changed has these problems and no others.
#[track_caller]
fn check(path: &str, value: &Value, problems: &[&str]) {
    assert_eq!(
        refusal(path, value),
        problems.join("\n"),
        "{path} = {value}"
    );
}

/// What is said about our manifest with one value changed.
fn refusal(path: &str, value: &Value) -> String {
    let mut document = ours();
    let mut place = &mut document;
    for key in path.split('.') {
        place = &mut place[key];
    }
    *place = value.clone();
    parse(&document.to_string())
}

/// What is said about a text; nothing if it is taken.
fn parse(text: &str) -> String {
    Manifest::parse(text)
        .err()
        .map(|refusal| refusal.to_string())
        .unwrap_or_default()
}

/// A manifest with everything in it. Not the repository's own: that is
/// its operators', and these tests run in their pipeline.
pub(crate) fn ours() -> Value {
    let mut document = json!({ "default": {
        "version": "v0.0.1",
        "sendAnonymousUsage": false,
        "telemetry": { "env": { "telemetryTopic": "smartproduct/telemetry" } },
        "events": { "env": { "eventTopic": "smartproduct/event" } },
        "jitr": {}, "api": {}, "ownerapp": {}, "defender": {},
    }});
    for flag in Flag::ALL {
        document["default"][flag.name()]["deploy"] = true.into();
    }
    document
}
