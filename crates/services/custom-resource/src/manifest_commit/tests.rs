use std::sync::{Arc, Mutex};

use serde_json::json;

use super::*;

const MANIFEST: &str = r#"{
  "$schema": "./cdk-manifest.schema.json",
  "default": {
    "version": "v0.0.1",
    "sendAnonymousUsage": false,
    "telemetry": { "deploy": true, "env": { "telemetryTopic": "acme/telemetry" } },
    "events": { "deploy": true, "env": { "eventTopic": "smartproduct/event" } },
    "jitr": {},
    "api": { "deploy": true, "allowOrigins": ["https://app.example.com"] },
    "ownerapp": { "deploy": true }
  }
}
"#;

/// A branch, who else commits to it, and how often they do so in between.
#[derive(Debug)]
struct Branch {
    text: String,
    commits: Vec<String>,
    others: u32,
}

impl ManifestFile for Arc<Mutex<Branch>> {
    async fn get(&self) -> Result<Committed, StoreError> {
        let mut branch = self.lock().unwrap();
        let read = Committed {
            text: branch.text.clone(),
            commit: branch.commits.len().to_string(),
        };
        if branch.others > 0 {
            branch.others -= 1;
            branch.text = branch.text.replace("v0.0.1", "v9.9.9");
            branch.commits.push("another's".to_owned());
        }
        Ok(read)
    }

    async fn put(
        &self,
        before: &Committed,
        text: &str,
        message: &str,
    ) -> Result<Commit, StoreError> {
        let mut branch = self.lock().unwrap();
        if before.commit != branch.commits.len().to_string() {
            return Ok(Commit::Overtaken);
        }
        text.clone_into(&mut branch.text);
        branch.commits.push(message.to_owned());
        Ok(Commit::Done)
    }
}

#[tokio::test]
async fn what_is_as_wanted_is_not_committed() {
    let branch = branch(MANIFEST, 0);
    for kind in ["Create", "Update", "Update"] {
        make(&branch, kind, &wanted()).await.unwrap();
    }
    assert_eq!(branch.lock().unwrap().commits, [""; 0]);
}

#[tokio::test]
async fn a_commit_changes_what_differs_and_nothing_else() {
    let branch = branch(MANIFEST, 0);
    let mut wanted = wanted();
    for (key, value) in [
        ("telemetry", "false"),
        ("jitr", "false"),
        ("defender", "false"),
        ("version", "v1.2.3"),
        ("sendAnonymousUsage", "Yes"),
    ] {
        wanted[key] = value.into();
    }
    make(&branch, "Update", &wanted).await.unwrap();
    let expected = MANIFEST
        .replace(
            "\"telemetry\": { \"deploy\": true",
            "\"telemetry\": { \"deploy\": false",
        )
        .replace("\"jitr\": {}", "\"jitr\": { \"deploy\": false }")
        .replace(
            "\"default\": {\n",
            "\"default\": { \"defender\": { \"deploy\": false },\n",
        )
        .replace("v0.0.1", "v1.2.3")
        .replace(
            "\"sendAnonymousUsage\": false",
            "\"sendAnonymousUsage\": true",
        );
    assert_eq!(branch.lock().unwrap().text, expected);
    assert_eq!(
        branch.lock().unwrap().commits,
        [
            "Set the manifest by the parameters of the pipeline's stack\n\n\
          default.defender.deploy: false\n\
          default.jitr.deploy: false\n\
          default.telemetry.deploy: false\n\
          default.sendAnonymousUsage: true\n\
          default.version: \"v1.2.3\""
        ]
    );

    // The request may come again.
    make(&branch, "Update", &wanted).await.unwrap();
    assert_eq!(branch.lock().unwrap().commits.len(), 1);
    // And the stack may be rolled back.
    make(&branch, "Update", &self::wanted()).await.unwrap();
    let found: Value = serde_json::from_str(&branch.lock().unwrap().text).unwrap();
    assert_eq!(found["default"]["telemetry"]["deploy"], true);
    assert_eq!(
        found["default"]["telemetry"]["env"]["telemetryTopic"],
        "acme/telemetry"
    );
}

#[tokio::test]
async fn whoever_is_faster_is_not_undone() {
    let branch = self::branch(MANIFEST, 2);
    let mut wanted = wanted();
    wanted["api"] = "false".into();
    wanted["ownerapp"] = "false".into();
    wanted["version"] = "v9.9.9".into();
    make(&branch, "Update", &wanted).await.unwrap();
    assert_eq!(branch.lock().unwrap().commits.len(), 3);
    let found: Value = serde_json::from_str(&branch.lock().unwrap().text).unwrap();
    assert_eq!(found["default"]["version"], "v9.9.9");
    assert_eq!(found["default"]["api"]["deploy"], false);

    let branch = self::branch(MANIFEST, u32::MAX);
    let refusal = make(&branch, "Update", &wanted).await.unwrap_err();
    assert_eq!(
        refusal,
        "others committed to main 5 times while the manifest was being committed; try again"
    );
}

#[tokio::test]
async fn what_infra_would_refuse_is_refused_before_it_is_committed() {
    for (off, refusal) in [
        (
            &["api"][..],
            "default.ownerapp.deploy: found true, but the console needs the API; set it to false, \
             or default.api.deploy to true",
        ),
        (
            &COMPONENTS[..],
            "default: found nothing to deploy; set at least one of default.jitr.deploy, \
             default.events.deploy, default.api.deploy, default.ownerapp.deploy, \
             default.telemetry.deploy, default.defender.deploy to true",
        ),
    ] {
        let branch = branch(MANIFEST, 0);
        let mut wanted = wanted();
        for component in off {
            wanted[*component] = "false".into();
        }
        assert_eq!(make(&branch, "Update", &wanted).await.unwrap_err(), refusal);
        assert_eq!(branch.lock().unwrap().text, MANIFEST);
    }
}

#[tokio::test]
async fn a_property_that_cannot_be_used_is_named() {
    for (key, value, refusal) in [
        (
            "api",
            json!("maybe"),
            "property `api`: found \"maybe\"; it has to be \"true\" or \"false\"",
        ),
        (
            "jitr",
            Value::Null,
            "property `jitr`: found null; it has to be a text",
        ),
        (
            "sendAnonymousUsage",
            json!("true"),
            "property `sendAnonymousUsage`: found \"true\"; it has to be \"Yes\" or \"No\"",
        ),
        (
            "version",
            json!(1),
            "property `version`: found 1; it has to be a text",
        ),
    ] {
        let mut wanted = wanted();
        wanted[key] = value;
        let refused = make(&branch(MANIFEST, 0), "Create", &wanted).await;
        assert_eq!(refused.unwrap_err(), refusal);
    }
}

#[tokio::test]
async fn a_manifest_that_cannot_be_changed_is_refused_with_what_to_do() {
    let mut wanted = wanted();
    wanted["defender"] = "false".into();
    for (text, why) in [
        (
            "{",
            "it is not valid JSON: EOF while parsing an object at line 1 column 1",
        ),
        ("[]", "`default.defender.deploy` is not in an object"),
        (
            r#"{"default": {"version": "v0.0.1", "defender": true}}"#,
            "`default.defender.deploy` is not in an object",
        ),
        (
            r#"{"default": {"version": "v0.0.1", "defender": {"deploy": true, "deploy": true}}}"#,
            "`default.defender.deploy` is there twice",
        ),
    ] {
        let branch = branch(text, 0);
        let refusal = make(&branch, "Update", &wanted).await.unwrap_err();
        let expected = format!(
            "cdk-manifest.json on the branch main cannot be changed: {why}; mend it by a commit, \
             then try again"
        );
        assert_eq!(refusal, expected);
        assert_eq!(branch.lock().unwrap().commits, [""; 0]);
    }
}

#[tokio::test]
async fn deleting_it_leaves_the_repository_alone() {
    let branch = branch("{", 0);
    make(&branch, "Delete", &json!({})).await.unwrap();
    assert_eq!(branch.lock().unwrap().text, "{");
}

fn branch(text: &str, others: u32) -> Arc<Mutex<Branch>> {
    Arc::new(Mutex::new(Branch {
        text: text.to_owned(),
        commits: Vec::new(),
        others,
    }))
}

/// What the manifest says already.
fn wanted() -> Value {
    json!({
        "ServiceToken": "arn", "ServiceTimeout": "300",
        "api": "true", "defender": "true", "events": "true", "jitr": "true", "ownerapp": "true",
        "telemetry": "true", "sendAnonymousUsage": "No", "version": "v0.0.1",
    })
}

async fn make(branch: &Arc<Mutex<Branch>>, kind: &str, properties: &Value) -> Result<(), String> {
    let request = Request::of_event(json!({
        "RequestType": kind, "RequestId": "id", "ResourceType": "Custom::ManifestCommit",
        "ResourceProperties": properties,
    }));
    let maker = CommitManifest(Arc::clone(branch));
    let made = maker.make(&request.unwrap()).await;
    made.map(drop).map_err(|err| err.to_string())
}
