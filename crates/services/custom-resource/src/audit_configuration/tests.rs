use serde_json::{Value, json};

use super::*;
use crate::account::{AccountSetting, Change};
use crate::fakes::{Calls, InAccount, Row, request};
use crate::maker::Maker;

/// An account, and what makes the resource there.
struct World {
    audits: InAccount<AuditConfiguration>,
    row: Row<Change<AuditConfiguration>>,
    calls: Calls,
    maker: Box<dyn Maker>,
}

impl World {
    fn new(found: AuditConfiguration) -> Self {
        let calls = Calls::all();
        let audits = InAccount::new(found, &calls);
        let row = Row::new(&calls);
        let maker = Box::new(AccountSetting {
            setting: audits.clone(),
            memory: row.clone(),
            wanted,
            attributes,
        });
        Self {
            audits,
            row,
            calls,
            maker,
        }
    }

    async fn make(&self, kind: &str, properties: Value) -> Result<Attributes, Failure> {
        let request = request(kind, resource::AUDIT_CONFIGURATION, &properties);
        self.maker.make(&request).await
    }

    fn present(&self) -> AuditConfiguration {
        self.audits.value.lock().unwrap().clone()
    }

    fn remembers(&self) -> bool {
        self.row.value.lock().unwrap().is_some()
    }
}

#[tokio::test]
async fn the_account_is_audited_while_the_resource_is_there() {
    for found in accounts() {
        let world = World::new(found.clone());
        for kind in [
            // Deleted before it was ever made: a rollback.
            "Delete", "Create", "Create", "Update", "Update", "Delete", "Delete", "Update", "Delete",
        ] {
            world.make(kind, properties("1")).await.unwrap();
            let expected = match kind {
                "Delete" => found.clone(),
                _ => audited(&found, "1"),
            };
            assert_eq!(world.present(), expected, "{kind} of {found:?}");
            assert_eq!(world.remembers(), kind != "Delete", "{kind}");
        }
    }
}

#[tokio::test]
async fn a_role_that_is_replaced_is_replaced_in_the_account() {
    for found in accounts() {
        let world = World::new(found.clone());
        for (kind, version) in [("Create", "1"), ("Update", "2"), ("Update", "1")] {
            world.make(kind, properties(version)).await.unwrap();
            assert_eq!(world.present(), audited(&found, version));
        }
        world.make("Delete", properties("1")).await.unwrap();
        assert_eq!(world.present(), found);
    }
}

#[tokio::test]
async fn a_failure_at_any_call_is_made_good_by_the_next_request() {
    for found in accounts() {
        for calls in 0..5 {
            let world = World::new(found.clone());
            world.calls.break_after(calls);
            let made = world.make("Create", properties("1")).await;
            world.calls.work();
            if made.is_err() && calls % 2 == 0 {
                // CloudFormation deletes what could not be made, or tries again.
                world.make("Delete", properties("1")).await.unwrap();
                assert_eq!(world.present(), found, "{calls}");
                assert!(!world.remembers(), "{calls}");
            }
            world.make("Create", properties("1")).await.unwrap();

            world.calls.break_after(calls);
            drop(world.make("Update", properties("2")).await);
            world.calls.work();
            world.make("Update", properties("2")).await.unwrap();
            assert_eq!(world.present(), audited(&found, "2"), "{calls}");

            world.calls.break_after(calls);
            drop(world.make("Delete", properties("2")).await);
            world.calls.work();
            world.make("Delete", properties("2")).await.unwrap();
            assert_eq!(world.present(), found, "{calls}");
            assert!(!world.remembers(), "{calls}");
        }
    }
}

#[tokio::test]
async fn what_somebody_has_changed_since_is_theirs() {
    for found in accounts() {
        for theirs in accounts() {
            let world = World::new(found.clone());
            world.make("Create", properties("1")).await.unwrap();
            *world.audits.value.lock().unwrap() = theirs.clone();
            world.make("Delete", properties("1")).await.unwrap();
            assert_eq!(world.present(), theirs);
            assert!(!world.remembers());

            // After an update it is what was found.
            let world = World::new(found.clone());
            world.make("Create", properties("1")).await.unwrap();
            *world.audits.value.lock().unwrap() = theirs.clone();
            world.make("Update", properties("1")).await.unwrap();
            let ours = theirs == audited(&found, "1");
            assert_eq!(world.present(), audited(&theirs, "1"));
            world.make("Delete", properties("1")).await.unwrap();
            assert_eq!(world.present(), if ours { found.clone() } else { theirs });
        }
    }
}

#[tokio::test]
async fn the_topic_that_tells_of_audits_is_named() {
    for (found, topic) in [(nothing(), "topic/1"), (everything(), "theirs")] {
        let world = World::new(found);
        let told = world.make("Create", properties("1")).await.unwrap();
        assert_eq!(told, Attributes::from([("AuditTopic", topic.to_owned())]));
        let told = world.make("Delete", properties("1")).await.unwrap();
        assert!(told.is_empty());
    }
}

#[tokio::test]
async fn a_request_without_a_property_is_refused_and_changes_nothing() {
    for property in ["AuditRole", "Checks", "Topic", "TopicRole"] {
        let world = World::new(nothing());
        let mut properties = properties("1");
        properties.as_object_mut().unwrap().remove(property);
        let refused = world.make("Create", properties.clone()).await.unwrap_err();
        let expected = format!("the property `{property}` of Custom::AuditConfiguration: ");
        assert!(refused.to_string().starts_with(&expected), "{refused}");
        assert_eq!(world.present(), nothing());
        world.make("Delete", properties).await.unwrap();
    }
}

fn properties(version: &str) -> Value {
    json!({
        "AuditRole": format!("role/{version}"),
        "Checks": ["LOGGING_DISABLED_CHECK", "DEVICE_CERTIFICATE_SHARED_CHECK"],
        "Topic": format!("topic/{version}"),
        "TopicRole": format!("topic-role/{version}"),
    })
}

/// What a stack of this version makes of what it found.
fn audited(found: &AuditConfiguration, version: &str) -> AuditConfiguration {
    let request = request(
        "Create",
        resource::AUDIT_CONFIGURATION,
        &properties(version),
    );
    wanted(found.clone(), &request).unwrap()
}

/// Accounts as they may be found.
fn accounts() -> [AuditConfiguration; 3] {
    let something = json!({
        "role": "theirs",
        "target": null,
        "checks": { "LOGGING_DISABLED_CHECK": { "enabled": true, "settings": {} } },
    });
    [
        nothing(),
        serde_json::from_value(something).unwrap(),
        everything(),
    ]
}

fn nothing() -> AuditConfiguration {
    AuditConfiguration::default()
}

fn everything() -> AuditConfiguration {
    let on = json!({ "enabled": true, "settings": {} });
    let everything = json!({
        "role": "theirs",
        "target": { "topic": "theirs", "role": "theirs" },
        "checks": {
            "LOGGING_DISABLED_CHECK": on,
            "DEVICE_CERTIFICATE_SHARED_CHECK": on,
            "DEVICE_CERTIFICATE_AGE_CHECK":
                { "enabled": true, "settings": { "CERT_AGE_THRESHOLD_IN_DAYS": "90" } },
        },
    });
    serde_json::from_value(everything).unwrap()
}
