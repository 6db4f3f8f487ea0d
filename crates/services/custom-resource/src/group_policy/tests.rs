use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use serde_json::json;

use super::*;
use crate::fakes::{Calls, request};

/// Which policy is attached to which group.
#[derive(Clone, Debug)]
struct Iot {
    attached: Arc<Mutex<BTreeSet<(String, String)>>>,
    calls: Calls,
}

impl GroupPolicies for Iot {
    async fn attach(&self, policy: &str, group: &str) -> Result<(), StoreError> {
        self.calls.call()?;
        let pair = (policy.to_owned(), group.to_owned());
        self.attached.lock().unwrap().insert(pair);
        Ok(())
    }

    async fn detach(&self, policy: &str, group: &str) -> Result<(), StoreError> {
        self.calls.call()?;
        let pair = (policy.to_owned(), group.to_owned());
        self.attached.lock().unwrap().remove(&pair);
        Ok(())
    }
}

impl Iot {
    fn new() -> Self {
        Self {
            attached: Arc::default(),
            calls: Calls::all(),
        }
    }

    /// Makes a request for the policy of `group`, which was that of `before`.
    async fn make(&self, kind: &str, group: &str, before: Option<&str>) -> Result<(), Failure> {
        let properties = |group: &str| json!({ "Policy": "Quarantine", "Group": group });
        let mut request = request(kind, resource::GROUP_POLICY, &properties(group));
        request.old_properties = before.map(properties).unwrap_or_default();
        AttachPolicy(self.clone()).make(&request).await.map(|_| ())
    }

    fn groups(&self) -> Vec<String> {
        let attached = self.attached.lock().unwrap();
        attached.iter().map(|(_, group)| group.clone()).collect()
    }
}

#[tokio::test]
async fn the_group_has_the_policy_while_the_resource_is_there() {
    let iot = Iot::new();
    for (kind, group, before, expected) in [
        // Deleted before it was ever made: a rollback.
        ("Delete", "a", None, None),
        ("Create", "a", None, Some("a")),
        ("Create", "a", None, Some("a")),
        ("Update", "a", Some("a"), Some("a")),
        // The group is replaced, and back by a rollback.
        ("Update", "b", Some("a"), Some("b")),
        ("Update", "a", Some("b"), Some("a")),
        ("Delete", "a", None, None),
        ("Delete", "a", None, None),
        ("Update", "a", Some("a"), Some("a")),
        ("Delete", "a", None, None),
    ] {
        iot.make(kind, group, before).await.unwrap();
        let expected: Vec<&str> = expected.into_iter().collect();
        assert_eq!(iot.groups(), expected, "{kind} {group} {before:?}");
    }
}

#[tokio::test]
async fn a_failure_at_any_call_is_made_good_by_the_next_request() {
    for calls in 0..2 {
        let iot = Iot::new();
        iot.make("Create", "a", None).await.unwrap();
        for (kind, group, before, expected) in [
            ("Update", "b", Some("a"), vec!["b"]),
            ("Delete", "b", None, vec![]),
        ] {
            iot.calls.break_after(calls);
            drop(iot.make(kind, group, before).await);
            iot.calls.work();
            iot.make(kind, group, before).await.unwrap();
            assert_eq!(iot.groups(), expected, "{kind} {calls}");
        }
    }
}

#[tokio::test]
async fn a_request_without_a_property_is_refused_but_can_be_deleted() {
    let iot = Iot::new();
    for (kind, taken) in [("Create", false), ("Update", false), ("Delete", true)] {
        let request = request(
            kind,
            resource::GROUP_POLICY,
            &json!({ "Policy": "Quarantine" }),
        );
        let made = AttachPolicy(iot.clone()).make(&request).await;
        assert_eq!(made.is_ok(), taken, "{kind}");
    }
    assert_eq!(iot.groups(), [""; 0]);
}
