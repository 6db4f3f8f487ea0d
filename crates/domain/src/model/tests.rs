//! Models as tables: what is taken, what is refused, and with which words.

use proptest::prelude::*;
use serde_json::json;

use super::*;

mod thresholds;

const THERMOSTAT: &str = include_str!("../../../../models/thermostat-1.json");
const LOCK: &str = include_str!("../../../../models/lock-1.json");

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn model(text: &str) -> Model {
    Model::check(&serde_json::from_str(text).unwrap()).unwrap()
}

fn accept(model: &Model, name: &str, value: &Value) -> Result<Effect, Refused> {
    model.accept(&CommandName::new(name).unwrap(), value)
}

/// A model of the one command `do`.
fn doing(command: &Value) -> Map<String, Value> {
    object(json!({ "commands": { "do": command } }))
}

#[test]
fn a_command_sets_what_its_model_says_within_the_time_it_says() {
    let (thermostat, lock) = (model(THERMOSTAT), model(LOCK));
    for (model, name, value, desired, seconds) in [
        (
            &thermostat,
            "set-temp",
            json!(72),
            json!({ "targetTemperature": 72 }),
            60,
        ),
        (
            &thermostat,
            "set-temp",
            json!(71.5),
            json!({ "targetTemperature": 71.5 }),
            60,
        ),
        (
            &thermostat,
            "set-temp",
            json!(110.0),
            json!({ "targetTemperature": 110.0 }),
            60,
        ),
        (
            &thermostat,
            "set-mode",
            json!("AC"),
            json!({ "powerStatus": "AC" }),
            60,
        ),
        (&lock, "lock", Value::Null, json!({ "locked": true }), 30),
        (&lock, "unlock", Value::Null, json!({ "locked": false }), 30),
        (
            &lock,
            "set-auto-lock",
            json!(0),
            json!({ "autoLockSeconds": 0 }),
            60,
        ),
        // An integer by value, however it is written.
        (
            &lock,
            "set-auto-lock",
            json!(30.0),
            json!({ "autoLockSeconds": 30.0 }),
            60,
        ),
        (&lock, "identify", json!({ "times": 3 }), json!({}), 15),
    ] {
        let effect = accept(model, name, &value).unwrap();
        assert_eq!(Value::Object(effect.desired), desired, "{name}");
        assert_eq!(effect.limit.as_secs(), seconds, "{name}");
    }
}

#[test]
fn what_a_product_does_not_take_is_refused_with_what_it_does() {
    let (thermostat, lock) = (model(THERMOSTAT), model(LOCK));
    let range = r#"{"maximum":110,"minimum":50,"type":"number"}"#;
    let of_temp = format!(
        "of `set-temp` is not what this product takes: it is greater than the maximum of 110; the schema of `value` is {range}"
    );
    for (model, name, value, told) in [
        (&thermostat, "set-temp", json!(111), format!("`value` {of_temp}")),
        (
            &thermostat,
            "set-temp",
            json!("72"),
            format!("`value` of `set-temp` is not what this product takes: it is not of type \"number\"; the schema of `value` is {range}"),
        ),
        (
            &thermostat,
            "set-mode",
            Value::Null,
            r#"`value` of `set-mode` is not what this product takes: it must be one of ["HEAT","AC","OFF"]; the schema of `value` is {"enum":["HEAT","AC","OFF"]}"#.to_owned(),
        ),
        (
            &thermostat,
            "explode",
            Value::Null,
            "this product takes `set-mode` and `set-temp`, not `explode`".to_owned(),
        ),
        (
            &lock,
            "set-temp",
            json!(72),
            "this product takes `identify`, `lock`, `set-auto-lock` and `unlock`, not `set-temp`".to_owned(),
        ),
        (
            &lock,
            "lock",
            json!(true),
            "`lock` takes no value: `value` must be null".to_owned(),
        ),
        (
            &Model::default(),
            "lock",
            Value::Null,
            "this product takes no commands, not `lock`".to_owned(),
        ),
    ] {
        let refused = accept(model, name, &value).unwrap_err();
        assert_eq!(refused.to_string(), told);
    }
    let refused = accept(&lock, "identify", &json!({ "times": "x" })).unwrap_err();
    let told = refused.to_string();
    assert!(
        told.starts_with("`value.times` of `identify` is not"),
        "{told}"
    );
}

#[test]
fn an_answer_is_bounded_and_never_quotes_the_value() {
    let many: Vec<String> = (0..500).map(|it| format!("option-{it}")).collect();
    let model = Model::check(&doing(&json!({ "value": { "enum": many } }))).unwrap();
    let refused = accept(&model, "do", &json!("secret"))
        .unwrap_err()
        .to_string();
    assert_eq!(refused.chars().count(), LONGEST + 1);
    assert!(!refused.contains("secret"));
}

#[test]
fn other_fields_of_details_are_free_and_no_model_takes_no_commands() {
    for details in [
        json!({}),
        json!({ "colour": { "a": [1, null] }, "Commands": 3 }),
    ] {
        assert_eq!(Model::check(&object(details)), Ok(Model::default()));
    }
}

/// Both ways to read `details` refuse it alike.
fn invalid(details: Value) -> String {
    let details = object(details);
    let error = Model::of(&details).unwrap_err();
    assert_eq!(Model::check(&details), Err(error.clone()));
    error.to_string()
}

#[test]
fn a_model_that_breaks_a_rule_is_told_where_and_what_would_be_right() {
    let command = |command: Value| json!({ "commands": { "do": command } });
    let field = |field: Value| json!({ "telemetry": { "t": field } });
    for (details, told) in [
        (
            json!({ "commands": [] }),
            "`commands` must be an object, from names to what they stand for",
        ),
        (
            json!({ "telemetry": null }),
            "`telemetry` must be an object, from names to what they stand for",
        ),
        (
            json!({ "events": { "a b": {} } }),
            "`events` has a name that is not 1 to 128 of A-Z a-z 0-9 _ . : -",
        ),
        (
            json!({ "commands": { "do": 1 } }),
            "`commands.do` must be an object of `description`, `value`, `desired` and `timeLimitSeconds`",
        ),
        (
            command(json!({ "valeu": {} })),
            "`commands.do` must have no field `valeu`: there are `description`, `value`, `desired` and `timeLimitSeconds`",
        ),
        (
            command(json!({ "value": "number" })),
            "`commands.do.value` must be a JSON Schema, an object or a boolean; left out, the command takes no value",
        ),
        (
            command(json!({ "value": null })),
            "`commands.do.value` must be a JSON Schema, an object or a boolean; left out, the command takes no value",
        ),
        (
            command(json!({ "description": "" })),
            "`commands.do.description` must be text that is not empty",
        ),
        (
            command(json!({ "timeLimitSeconds": 4 })),
            "`commands.do.timeLimitSeconds` must be a whole number from 5 to 86400",
        ),
        (
            command(json!({ "timeLimitSeconds": 86401 })),
            "`commands.do.timeLimitSeconds` must be a whole number from 5 to 86400",
        ),
        (
            command(json!({ "timeLimitSeconds": 60.5 })),
            "`commands.do.timeLimitSeconds` must be a whole number from 5 to 86400",
        ),
        (
            command(json!({ "timeLimitSeconds": "60" })),
            "`commands.do.timeLimitSeconds` must be a whole number from 5 to 86400",
        ),
        (
            command(json!({ "desired": {} })),
            "`commands.do.desired` must be an object of keys of the shadow; left out, the command sets none",
        ),
        (
            command(json!({ "desired": { " ": 1 } })),
            "`commands.do.desired` must have no empty key",
        ),
        (
            command(json!({ "desired": { "on": "$value" } })),
            "`commands.do.desired.on` must not be `$value`: the command has no schema `value`, so it takes none",
        ),
        (
            command(json!({ "value": true, "desired": { "a": [{ "b": "is $value" }] } })),
            "`commands.do.desired.a.0.b` must be `$value` alone, or a text without it",
        ),
        (
            command(json!({ "desired": { "a": [null] } })),
            "`commands.do.desired` cannot be set in a shadow: it must hold no null, which would remove the key",
        ),
        (
            command(json!({ "desired": { "a": "x".repeat(8192) } })),
            "`commands.do.desired` cannot be set in a shadow: it must be at most 8192 bytes of JSON, not 8200",
        ),
        (
            command(json!({ "desired": { "a": [[[[[[[[1]]]]]]]] } })),
            "`commands.do.desired` cannot be set in a shadow: it must be nested at most 8 levels deep",
        ),
        (
            field(json!({})),
            "`telemetry.t` must have a `type`: one of `number`, `integer`, `boolean` and `string`",
        ),
        (
            field(json!({ "type": "float" })),
            "`telemetry.t` must have a `type`: one of `number`, `integer`, `boolean` and `string`",
        ),
        (
            field(json!({ "type": "number", "min": 3 })),
            "`telemetry.t` must have no field `min`: there are `type`, `unit`, `minimum`, `maximum`, `anomalies`, `thresholds`, `enum` and `description`",
        ),
        (
            field(json!({ "type": "number", "unit": 3 })),
            "`telemetry.t.unit` must be text that is not empty",
        ),
        (
            field(json!({ "type": "number", "maximum": "3" })),
            "`telemetry.t.maximum` must be a number",
        ),
        (
            field(json!({ "type": "number", "minimum": 3, "maximum": 2.5 })),
            "`telemetry.t` must have a `minimum` that is not over its `maximum`, not 3 and 2.5",
        ),
        (
            field(json!({ "type": "string", "minimum": 3 })),
            "`telemetry.t.minimum` must be left out: only a number or an integer has a range",
        ),
        (
            field(json!({ "type": "number", "enum": ["a"] })),
            "`telemetry.t.enum` must be left out: only a string has options",
        ),
        (
            field(json!({ "type": "string", "enum": [] })),
            "`telemetry.t.enum` must be a list of different texts",
        ),
        (
            field(json!({ "type": "string", "enum": ["a", "b", "a"] })),
            "`telemetry.t.enum` must be a list of different texts",
        ),
        (
            json!({ "telemetry": { "timestamp": { "type": "number" } } }),
            "`telemetry.timestamp` must have another name: each message has a `timestamp` of its own",
        ),
        (
            json!({ "events": { "jammed": {} } }),
            "`events.jammed` must have a `type`: one of `error`, `warning`, `info` and `diagnostic`",
        ),
        (
            json!({ "events": { "jammed": { "type": "error", "text": "" } } }),
            "`events.jammed` must have no field `text`: there are `type` and `description`",
        ),
    ] {
        assert_eq!(invalid(details), format!("the model is not valid: {told}"));
    }
}

#[test]
fn a_model_has_at_most_64_names_of_each_kind() {
    let events = |number: usize| -> Map<String, Value> {
        let code = |it| (format!("e{it}"), json!({ "type": "info" }));
        (0..number).map(code).collect()
    };
    assert!(Model::of(&object(json!({ "events": events(64) }))).is_ok());
    assert!(
        invalid(json!({ "events": events(65) }))
            .ends_with("`events` must have at most 64 entries, not 65")
    );
}

/// What is said of a schema that only compiling it shows to be none.
fn unfit(schema: &Value) -> String {
    let details = doing(&json!({ "value": schema }));
    assert!(Model::of(&details).is_ok(), "{details:?}");
    let error = Model::check(&details).unwrap_err().to_string();
    error.replace("the model is not valid: `commands.do.value", "`")
}

#[test]
fn a_schema_is_one_of_draft_2020_12_with_nothing_mistyped_or_elsewhere() {
    let is_none = "is not JSON Schema 2020-12:";
    for (schema, told) in [
        (
            json!({ "type": "nmber" }),
            format!(
                "`.type` {is_none} it must be one or a list of array, boolean, integer, null, number, object and string"
            ),
        ),
        (
            json!({ "properties": { "a": { "type": ["string", "x"] } } }),
            format!(
                "`.properties.a.type` {is_none} it must be one or a list of array, boolean, integer, null, number, object and string"
            ),
        ),
        (
            json!({ "minimun": 3 }),
            format!("`` {is_none} it must not have `minimun`"),
        ),
        (
            json!({ "allOf": [{ "items": { "minimun": 3 } }] }),
            format!("`.allOf.0.items` {is_none} it must not have `minimun`"),
        ),
        (
            json!({ "minimum": "3" }),
            format!("`.minimum` {is_none} it is not of type \"number\""),
        ),
        (
            json!({ "minLength": -1 }),
            format!("`.minLength` {is_none} it is less than the minimum of 0"),
        ),
        (
            json!({ "$id": "https://example.com/" }),
            format!("`.$id` {is_none} nothing is allowed here"),
        ),
        (
            json!({ "definitions": {} }),
            format!("`.definitions` {is_none} nothing is allowed here"),
        ),
        (
            json!({ "$schema": "http://json-schema.org/draft-07/schema#" }),
            format!(
                "`.$schema` {is_none} \"https://json-schema.org/draft/2020-12/schema\" was expected"
            ),
        ),
        (
            json!({ "$ref": "https://example.com/a" }),
            format!("`.$ref` {is_none} it does not match \"^#\""),
        ),
        (
            json!({ "$ref": "file:///etc/passwd" }),
            format!("`.$ref` {is_none} it does not match \"^#\""),
        ),
        (
            json!({ "$ref": "#/$defs/a" }),
            format!("`` {is_none} Pointer '/$defs/a' does not exist"),
        ),
        (
            json!({ "format": "emial" }),
            format!(
                "`.format` {is_none} it must be one of [\"date\",\"date-time\",\"duration\",\"email\",\"hostname\",\"ipv4\",\"ipv6\",\"iri\",\"iri-reference\",\"json-pointer\",\"regex\",\"relative-json-pointer\",\"time\",\"uri\",\"uri-reference\",\"uri-template\",\"uuid\"]"
            ),
        ),
        // Look-around is what backtracks.
        (
            json!({ "pattern": "(?=a)b" }),
            format!("`.pattern` {is_none} it is not a \"regex\""),
        ),
    ] {
        assert_eq!(unfit(&schema), told);
    }
}

#[test]
fn schemas_may_use_all_of_the_draft() {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "all of it",
        "type": "object",
        "properties": {
            "at": { "type": "string", "format": "time" },
            "code": { "type": "string", "pattern": "^[A-Z]{2}[0-9]{1,4}$" },
            "more": { "$ref": "#/$defs/more" },
            "step": { "type": "number", "multipleOf": 0.1 },
        },
        "dependentRequired": { "code": ["at"] },
        "unevaluatedProperties": false,
        "$defs": { "more": { "type": "array", "prefixItems": [{ "const": 1 }], "items": false } },
    });
    let model = Model::check(&doing(&json!({ "value": schema }))).unwrap();
    for (value, taken) in [
        (json!({}), true),
        (
            json!({ "at": "12:00:00Z", "code": "AB12", "more": [1], "step": 71.3 }),
            true,
        ),
        (json!({ "at": "noon" }), false),
        (json!({ "code": "AB12" }), false),
        (json!({ "at": "12:00:00Z", "code": "ab" }), false),
        (json!({ "more": [1, 2] }), false),
        (json!({ "step": 0.15 }), false),
        (json!({ "other": 1 }), false),
        (json!([]), false),
    ] {
        assert_eq!(accept(&model, "do", &value).is_ok(), taken, "{value}");
    }
}

#[test]
fn a_schema_that_was_loaded_unchecked_is_not_the_callers_fault() {
    let model = Model::of(&doing(&json!({ "value": { "type": "nmber" } }))).unwrap();
    let refused = accept(&model, "do", &json!(1)).unwrap_err();
    assert!(
        matches!(&refused, Refused::Model(error) if error.place == "commands.do.value.type"),
        "{refused:?}"
    );
}

#[test]
fn a_schema_that_refers_to_itself_ends() {
    for schema in [
        json!({ "$ref": "#" }),
        json!({ "allOf": [{ "$ref": "#" }] }),
        json!({ "$ref": "#/$defs/a", "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "$ref": "#/$defs/a" } } }),
    ] {
        let model = Model::check(&doing(&json!({ "value": schema }))).unwrap();
        assert!(accept(&model, "do", &json!([[1]])).is_ok());
    }
}

#[test]
fn a_pattern_that_asks_for_much_is_refused_and_none_is_slow() {
    let pattern = |pattern: &str| doing(&json!({ "value": { "pattern": pattern } }));
    assert!(Model::check(&pattern(r"(\w{1000}){1000}")).is_err());
    let model = Model::check(&pattern("^(a*)*$")).unwrap();
    let text = format!("{}b", "a".repeat(30_000));
    assert!(accept(&model, "do", &json!(text)).is_err());
}

#[test]
fn a_value_that_no_shadow_could_hold_is_refused() {
    let details = doing(&json!({ "value": true, "desired": { "a": { "b": "$value" } } }));
    let model = Model::check(&details).unwrap();
    let told = "`value` of `do` cannot be set in the shadow: it must";
    for (value, why) in [
        (Value::Null, "hold no null, which would remove the key"),
        (
            json!([{ "c": null }]),
            "hold no null, which would remove the key",
        ),
        (
            json!("x".repeat(8_192)),
            "be at most 8192 bytes of JSON, not 8206",
        ),
        (json!([[[[[[[1]]]]]]]), "be nested at most 8 levels deep"),
    ] {
        let refused = accept(&model, "do", &value).unwrap_err().to_string();
        assert_eq!(refused, format!("{told} {why}"));
    }
    let effect = accept(&model, "do", &json!([1, { "c": "$value" }])).unwrap();
    assert_eq!(
        Value::Object(effect.desired),
        json!({ "a": { "b": [1, { "c": "$value" }] } })
    );
}

#[test]
fn details_fit_into_a_row_and_a_list_of_rows() {
    let text = |length: usize| object(json!({ "a": "x".repeat(length) }));
    assert!(Model::check(&text(LARGEST - 8)).is_ok());
    let error = Model::check(&text(LARGEST)).unwrap_err();
    assert_eq!(error.rule, "must be at most 32768 bytes of JSON, not 32776");
    let nested = |depth: usize| (0..depth).fold(json!(1), |it, _| json!([it]));
    assert!(Model::check(&object(json!({ "a": nested(31) }))).is_ok());
    assert!(Model::check(&object(json!({ "a": nested(32) }))).is_err());
}

#[test]
fn each_file_in_models_is_valid() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models");
    let mut found = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let details = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let model = Model::check(&details).unwrap_or_else(|it| panic!("{}: {it}", path.display()));
        assert!(
            !model.commands.is_empty() && !model.telemetry.is_empty() && !model.events.is_empty()
        );
        found += 1;
    }
    assert!(found >= 2);
}

#[test]
fn each_format_that_may_be_named_is_checked() {
    for format in schema::FORMATS {
        let details = doing(&json!({ "value": { "format": format } }));
        let model = Model::check(&details).unwrap();
        // None of them has a text such as this one, but for references.
        let refused = accept(&model, "do", &json!("{%^")).is_err();
        assert!(refused, "{format}");
    }
}

/// Any JSON, often with the words of models.
fn anything() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "type",
        "value",
        "desired",
        "$value",
        "number",
        "string",
        "enum",
        "error",
        "minimum",
        "properties",
        "$ref",
        "#",
        "#/$defs/a",
        "$defs",
        "a",
        "pattern",
        "[",
        "timeLimitSeconds",
        "description",
        "items",
        "format",
        "$dynamicRef",
        "$anchor",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(word.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_reading_a_model_or_a_command_panic(part in anything(), value in anything()) {
        for name in ["telemetry", "commands", "events"] {
            let _ = Model::check(&object(json!({ name: part })));
            let _ = Model::check(&object(json!({ name: { "do": part } })));
        }
        let details = doing(&json!({ "value": part, "desired": { "key": "$value" } }));
        if let Ok(model) = Model::of(&details) {
            let once = accept(&model, "do", &value);
            prop_assert_eq!(&once, &accept(&model, "do", &value));
            // What is set is the value, and so is taken again.
            if let Ok(effect) = once {
                prop_assert_eq!(&effect.desired["key"], &value);
                prop_assert!(accept(&model, "do", &effect.desired["key"]).is_ok());
            }
            // A checked model never fails its caller.
            if Model::check(&details).is_ok() {
                prop_assert!(!matches!(accept(&model, "do", &value), Err(Refused::Model(_))));
            }
        }
    }

    #[test]
    fn whole_numbers_and_their_decimals_are_one(target in 50_i32..=110) {
        let model = Model::of(&serde_json::from_str(THERMOSTAT).unwrap()).unwrap();
        prop_assert!(accept(&model, "set-temp", &json!(target)).is_ok());
        prop_assert!(accept(&model, "set-temp", &json!(f64::from(target))).is_ok());
        let limit = |seconds: Value| Model::of(&doing(&json!({ "timeLimitSeconds": seconds }))).unwrap();
        prop_assert_eq!(limit(json!(target)), limit(json!(f64::from(target))));
    }
}
