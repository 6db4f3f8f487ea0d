//! Thresholds as tables.

use serde_json::json;

use super::*;

const GREENHOUSE: &str = include_str!("../../../../../models/greenhouse-1.json");

#[test]
fn a_threshold_has_two_limits_and_what_happens_then() {
    let glare = model(GREENHOUSE).telemetry["lux"].thresholds["glare"].clone();
    let limits = Limits {
        above: 35_000.0,
        below: 33_000.0,
        seconds: 900,
    };
    assert_eq!(glare.limits, limits);
    let high = glare.notice(Side::High).unwrap();
    assert_eq!(high.event_type, EventType::Warning);
    let order = high.order.as_ref().unwrap();
    assert_eq!(order.command.as_str(), "set-screen");
    assert_eq!(order.value, "closed");
    for (value, side) in [
        (35_000.5, Some(Side::High)),
        (35_000.0, None),
        (33_000.0, None),
        (32_999.0, Some(Side::Low)),
    ] {
        assert_eq!(limits.side(value), side, "{value}");
    }
}

#[test]
fn what_is_left_out_is_one_limit_at_once() {
    let details = of(&json!({ "above": 5, "low": { "type": "error" } }));
    let model = Model::check(&object(details)).unwrap();
    let expected = Limits {
        above: 5.0,
        below: 5.0,
        seconds: 0,
    };
    let threshold = &model.telemetry["t"].thresholds["x"];
    assert_eq!(threshold.limits, expected);
    assert_eq!(threshold.notice(Side::High), None);
}

#[test]
fn a_threshold_that_breaks_a_rule_is_refused_with_its_place() {
    let low = json!({ "type": "error" });
    let with =
        |command: Value| of(&json!({ "above": 5, "low": { "type": "error", "command": command } }));
    let kind = |kind: &str| json!({ "telemetry": { "t": { "type": kind, "thresholds": {} } } });
    let many: Map<String, Value> = (0..5)
        .map(|it| (format!("x{it}"), json!({ "above": it, "low": low })))
        .collect();
    for (details, told) in [
        (
            kind("string"),
            "` must be left out: only a number or an integer has thresholds",
        ),
        (
            json!({ "telemetry": { "t": { "type": "number", "thresholds": many } } }),
            "` must have at most 4 entries, not 5",
        ),
        (
            of(&json!({ "low": low })),
            ".x` must have `above`: the limit, a number",
        ),
        (
            of(&json!({ "above": "5", "low": low })),
            ".x.above` must be a number",
        ),
        (
            of(&json!({ "above": 5 })),
            ".x` must have `high` or `low`: what happens then",
        ),
        (
            of(&json!({ "above": 5, "below": 6, "low": low })),
            ".x` must have a `below` that is not over its `above`, not 6 and 5",
        ),
        (
            of(&json!({ "above": 5, "seconds": 86_401, "low": low })),
            ".x.seconds` must be a whole number from 0 to 86400",
        ),
        (
            of(&json!({ "above": 5, "for": 60, "low": low })),
            ".x` must have no field `for`: there are `above`, `below`, `seconds`, `high` and `low`",
        ),
        (
            of(&json!({ "above": 5, "low": {} })),
            ".x.low` must have a `type`: one of `error`, `warning`, `info` and `diagnostic`",
        ),
        (
            with(json!("lock")),
            ".x.low.command` must be an object of `command` and `value`",
        ),
        (
            with(json!({})),
            ".x.low.command` must have `command`: which one is sent",
        ),
        (
            with(json!({ "command": "a b" })),
            ".x.low.command.command` must be 1 to 128 of A-Z a-z 0-9 _ . : -",
        ),
        (
            with(json!({ "command": "shut" })),
            ".x.low.command` must be taken: this product takes `do`, not `shut`",
        ),
        (
            with(json!({ "command": "do", "value": 1 })),
            ".x.low.command` must be taken: `do` takes no value: `value` must be null",
        ),
    ] {
        let error = Model::check(&object(details)).unwrap_err().to_string();
        let place = "the model is not valid: `telemetry.t.thresholds";
        assert_eq!(error, format!("{place}{told}"));
    }
}

/// A model of the one threshold `x`, with the command `do`, which takes no value.
fn of(threshold: &Value) -> Value {
    json!({
        "telemetry": { "t": { "type": "number", "thresholds": { "x": threshold } } },
        "commands": { "do": {} },
    })
}
