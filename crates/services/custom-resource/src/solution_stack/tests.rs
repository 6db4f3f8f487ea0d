use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use serde_json::json;

use super::*;

const OURS: &str = "arn:aws:iam::123456789012:role/Pipeline-CloudFormationRole-1";

/// The stack's next states, the last of which stays, and what it was asked to do.
#[derive(Debug)]
struct World {
    states: Mutex<VecDeque<Result<Option<StackState>, Cause>>>,
    done: Mutex<Vec<String>>,
}

impl Stack for Arc<World> {
    fn name(&self) -> &'static str {
        "Solution"
    }

    async fn state(&self) -> Result<Option<StackState>, StoreError> {
        let mut states = self.states.lock().unwrap();
        let state = match states.len() {
            1 => states[0].clone(),
            _ => states.pop_front().unwrap(),
        };
        state.map_err(|cause| StoreError {
            operation: "look at the stack",
            cause,
            source: "no".into(),
        })
    }

    async fn delete(&self) -> Result<(), StoreError> {
        self.done.lock().unwrap().push("delete".to_owned());
        Ok(())
    }
}

impl Successor for Arc<World> {
    async fn invoke(&self, event: String) -> Result<(), StoreError> {
        self.done.lock().unwrap().push(event);
        Ok(())
    }
}

#[tokio::test]
async fn a_stack_is_deleted_once_it_has_come_to_rest() {
    for states in [
        &["CREATE_COMPLETE", "DELETE_IN_PROGRESS", ""][..],
        &["CREATE_COMPLETE", "DELETE_COMPLETE"],
        // The answer is older than the question.
        &[
            "UPDATE_COMPLETE",
            "UPDATE_COMPLETE",
            "DELETE_IN_PROGRESS",
            "",
        ],
        // The pipeline is at work.
        &[
            "CREATE_IN_PROGRESS",
            "CREATE_IN_PROGRESS",
            "CREATE_COMPLETE",
            "",
        ],
        &[
            "UPDATE_IN_PROGRESS",
            "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "UPDATE_COMPLETE",
            "",
        ],
        &["ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE", ""],
        &["REVIEW_IN_PROGRESS", ""],
        // Somebody has tried before.
        &["DELETE_FAILED", "DELETE_IN_PROGRESS", ""],
    ] {
        let world = world(states);
        delete(&world, 0).await.unwrap();
        assert_eq!(*world.done.lock().unwrap(), ["delete"], "{states:?}");
    }
}

#[tokio::test]
async fn there_is_nothing_to_do_where_it_is_gone_or_going() {
    for states in [&[""][..], &["DELETE_COMPLETE"], &["DELETE_IN_PROGRESS", ""]] {
        let world = world(states);
        delete(&world, 0).await.unwrap();
        assert_eq!(*world.done.lock().unwrap(), [""; 0], "{states:?}");
    }
}

#[tokio::test]
async fn a_stack_that_another_has_deployed_stays() {
    for role in [
        None,
        Some("arn:aws:iam::123456789012:role/Other-CloudFormationRole-2"),
    ] {
        let world = world(&["CREATE_COMPLETE"]);
        let other = role.map(str::to_owned);
        if let Some(Ok(Some(state))) = world.states.lock().unwrap().front_mut() {
            state.role = other;
        }
        delete(&world, 0).await.unwrap();
        assert_eq!(*world.done.lock().unwrap(), [""; 0], "{role:?}");
    }
}

#[tokio::test]
async fn a_deletion_that_fails_is_answered_with_what_cloudformation_says() {
    let world = world(&["CREATE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_FAILED"]);
    assert_eq!(
        delete(&world, 0).await.unwrap_err().to_string(),
        "Solution could not be deleted: a reason. Mend what CloudFormation names there, or delete it \
         keeping that, then delete this stack again"
    );
}

#[tokio::test]
async fn who_does_not_answer_is_asked_again_and_who_refuses_is_not() {
    let busy = world(&["CREATE_COMPLETE", ""]);
    busy.states.lock().unwrap().insert(1, Err(Cause::Busy));
    delete(&busy, 0).await.unwrap();
    let broken = world(&["CREATE_COMPLETE", ""]);
    broken.states.lock().unwrap().insert(1, Err(Cause::Broken));
    let err = delete(&broken, 0).await.unwrap_err();
    assert!(matches!(err, Failure::Store(_)), "{err}");
}

#[tokio::test]
async fn what_takes_longer_is_handed_over_three_times_and_then_answered() {
    for before in 0..3 {
        let world = world(&["CREATE_COMPLETE", "DELETE_IN_PROGRESS"]);
        let outcome = delete(&world, before).await.unwrap_err();
        assert!(matches!(outcome, Failure::HandedOver), "{outcome}");
        let done = world.done.lock().unwrap();
        let event: Value = serde_json::from_str(&done[1]).unwrap();
        assert_eq!(event, self::event(before + 1));
    }
    let world = world(&["DELETE_IN_PROGRESS"]);
    assert_eq!(
        delete(&world, 3).await.unwrap_err().to_string(),
        "Solution has not been deleted within an hour. Look what it is doing, wait until it is gone, \
         then delete this stack again"
    );
    assert_eq!(*world.done.lock().unwrap(), [""; 0]);
}

#[test]
fn all_invocations_together_are_within_what_cloudformation_waits() {
    let most = u32::try_from(MOST_HANDED_OVER).unwrap() + 1;
    assert!(PATIENCE * most < Duration::from_secs(3600));
    assert!(PATIENCE + Duration::from_secs(60) < Duration::from_secs(900));
}

#[tokio::test]
async fn making_and_changing_it_is_the_pipelines_business() {
    for kind in ["Create", "Update"] {
        let world = world(&["CREATE_COMPLETE"]);
        let mut event = event(0);
        event["RequestType"] = kind.into();
        let request = Request::of_event(event).unwrap();
        maker(&world).make(&request).await.unwrap();
        assert_eq!(*world.done.lock().unwrap(), [""; 0]);
    }
}

/// A stack of ours with these states, one after the other; "" is none.
fn world(states: &[&str]) -> Arc<World> {
    let state = |status: &&str| {
        Ok((!status.is_empty()).then(|| StackState {
            status: (*status).to_owned(),
            reason: Some("a reason".to_owned()),
            role: Some(OURS.to_owned()),
        }))
    };
    Arc::new(World {
        states: Mutex::new(states.iter().map(state).collect()),
        done: Mutex::default(),
    })
}

fn maker(world: &Arc<World>) -> DeleteStack<Arc<World>, Arc<World>> {
    DeleteStack {
        stack: Arc::clone(world),
        successor: Arc::clone(world),
        pause: Duration::from_millis(1),
        patience: Duration::from_millis(50),
    }
}

async fn delete(world: &Arc<World>, handed_over: u64) -> Result<(), Failure> {
    let request = Request::of_event(event(handed_over)).unwrap();
    maker(world).make(&request).await.map(drop)
}

fn event(handed_over: u64) -> Value {
    let mut event = json!({
        "RequestType": "Delete", "RequestId": "id", "ResourceType": "Custom::SolutionStack",
        "ResourceProperties": { "Role": OURS },
    });
    if handed_over > 0 {
        event[HANDED_OVER] = handed_over.into();
    }
    event
}
