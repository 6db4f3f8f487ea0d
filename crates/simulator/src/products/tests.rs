//! Each sample is what its model says.

use domain::id::CommandName;
use domain::model::{FieldKind, Model};
use jiff::ToSpan;
use serde_json::json;

use super::*;

fn model(sample: Sample) -> Model {
    Model::check(&serde_json::from_str(sample.details()).unwrap()).unwrap()
}

#[test]
fn what_it_measures_is_in_its_model_all_of_it_and_within_its_range() {
    for sample in Sample::ALL {
        let model = model(sample);
        let mut product = sample.product(Timestamp::UNIX_EPOCH);
        let mut rng = Rng::with_seed(1);
        for minute in 0..1_000 {
            product.step(Timestamp::UNIX_EPOCH + minute.minutes(), &mut rng);
            let state = product.state();
            assert!(state.keys().eq(model.telemetry.keys()), "{state:?}");
            for (name, field) in &model.telemetry {
                let value = &state[name];
                assert!(match field.kind {
                    FieldKind::Number => value.is_number(),
                    FieldKind::Integer => value.is_i64(),
                    FieldKind::Boolean => value.is_boolean(),
                    FieldKind::String => value.is_string(),
                });
                let number = value.as_f64().unwrap_or_default();
                assert!(field.minimum.is_none_or(|it| it <= number), "{name}");
                assert!(field.maximum.is_none_or(|it| it >= number), "{name}");
                let text = value.as_str().unwrap_or_default();
                let options = &field.options;
                assert!(options.is_empty() || options.iter().any(|it| it == text));
            }
        }
    }
}

#[test]
fn what_happens_is_in_its_model() {
    for sample in Sample::ALL {
        let model = model(sample);
        let product = sample.product(Timestamp::UNIX_EPOCH);
        for kind in EventType::ALL {
            let event = product.happening(kind, 1);
            let known = model.events[event.code].event_type;
            assert_eq!(event.kind, kind);
            assert_eq!(known.as_str(), kind.as_str(), "{}", event.code);
        }
    }
}

/// Obeys `command` of the model with `value`, and what it sets in the shadow on
/// another product: both must come to the same.
fn check(sample: Sample, command: &str, value: &Value) {
    let effect = model(sample)
        .accept(&CommandName::new(command).unwrap(), value)
        .unwrap();
    let mut commanded = sample.product(Timestamp::UNIX_EPOCH);
    assert_eq!(commanded.obey(command, value), Ok(()), "{command} {value}");
    let mut desired = sample.product(Timestamp::UNIX_EPOCH);
    for (key, value) in &effect.desired {
        let (command, value) = desired.command_for(key, value).unwrap();
        assert_eq!(desired.obey(command, &value), Ok(()));
        let now = &commanded.state()[key];
        assert!(*now == value || now.as_f64() == value.as_f64() || value.is_null());
    }
    assert_eq!(commanded.state(), desired.state(), "{command} {value}");
}

#[test]
fn it_takes_what_its_model_takes_as_a_command_and_as_desired_state() {
    for (sample, command, values) in [
        (Sample::Thermostat, "set-temp", json!([50, 71.5, 110])),
        (Sample::Thermostat, "set-mode", json!(["HEAT", "AC", "OFF"])),
        (Sample::Lock, "lock", json!([null])),
        (Sample::Lock, "unlock", json!([null])),
        (Sample::Lock, "set-auto-lock", json!([0, 30, 600, 45.0])),
        (
            Sample::Lock,
            "identify",
            json!([{ "times": 1 }, { "times": 10, "loud": true }]),
        ),
    ] {
        for value in values.as_array().unwrap() {
            check(sample, command, value);
        }
    }
}

#[test]
fn it_refuses_what_its_model_refuses() {
    for sample in Sample::ALL {
        let model = model(sample);
        for name in model.commands.keys() {
            for value in [
                json!(-1),
                json!(1_000),
                json!("x"),
                json!([]),
                json!({}),
                json!(true),
            ] {
                let mut product = sample.product(Timestamp::UNIX_EPOCH);
                let before = product.state();
                assert!(model.accept(name, &value).is_err());
                assert!(
                    product.obey(name.as_str(), &value).is_err(),
                    "{name} {value}"
                );
                assert_eq!(product.state(), before);
            }
        }
        let refused = sample
            .product(Timestamp::UNIX_EPOCH)
            .obey("explode", &Value::Null);
        assert!(refused.unwrap_err().ends_with("not `explode`"));
        let none = sample
            .product(Timestamp::UNIX_EPOCH)
            .command_for("colour", &json!(1));
        assert_eq!(none, None);
    }
}

#[test]
fn a_model_number_names_its_sample() {
    for sample in Sample::ALL {
        assert_eq!(Sample::of_model(sample.model_number()), Some(sample));
    }
    assert_eq!(Sample::of_model("pump-1"), None);
}
