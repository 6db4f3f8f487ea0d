//! What `cdk --context` can say.

use infra::input::Input;
use infra::local::Cloud;
use infra::target::Architecture;
use serde_json::{Value, json};

#[test]
fn without_context_it_is_the_solution_on_aws() {
    let input = read(&json!({})).unwrap();
    assert_eq!(input.stack_name, "SmartProductSolutionStack");
    assert_eq!(input.cloud, Cloud::Aws);
    assert_eq!(input.architecture, Architecture::Arm64);
    assert_eq!(input.assets, std::path::Path::new("target/lambda"));
    assert_eq!(input.console, std::path::Path::new("webconsole/dist"));
    assert_eq!(input.manifest, std::path::Path::new("cdk-manifest.json"));
    assert_eq!(input.qualifier, "hnb659fds");
}

#[test]
fn context_of_others_is_left_alone() {
    let input = read(&json!({ "aws:cdk:enable-path-metadata": true, "x": 1, "cloud": "local" }));
    assert_eq!(input.unwrap().cloud, Cloud::Local);
}

#[test]
fn a_value_that_cannot_be_used_is_refused_with_what_can() {
    let name = "a letter, then up to 39 letters, digits and hyphens";
    for stack in ["", "1st", "a_b", "ä", &"a".repeat(41), "a b"] {
        let refusal = read(&json!({ "stackName": stack })).unwrap_err();
        let allowed = if stack.is_empty() {
            "a text that is not empty"
        } else {
            name
        };
        assert_eq!(
            refusal,
            format!("context `stackName`: found \"{stack}\"; it has to be {allowed}")
        );
    }
    refuses(
        "cloud",
        &json!("azure"),
        "found \"azure\"; it has to be `aws` or `local`",
    );
    refuses(
        "cloud",
        &json!(true),
        "found true; it has to be a text that is not empty",
    );
    refuses(
        "architecture",
        &json!("arm"),
        "found \"arm\"; it has to be `arm64` or `x86_64`",
    );
    refuses(
        "assets",
        &json!(""),
        "found \"\"; it has to be a text that is not empty",
    );
}

fn refuses(key: &str, value: &Value, problem: &str) {
    assert_eq!(
        read(&json!({ key: value })).unwrap_err(),
        format!("context `{key}`: {problem}")
    );
}

fn read(context: &Value) -> Result<Input, String> {
    Input::new(context.as_object().unwrap(), "out".into()).map_err(|refusal| refusal.to_string())
}
