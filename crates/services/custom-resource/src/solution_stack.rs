//! `Custom::SolutionStack`: the stack that the pipeline deploys. The pipeline makes
//! and changes it; what is left to do here is to delete it before the pipeline.

use std::fmt;
use std::time::Duration;

use adapters::{CloudFormationStack, LambdaSuccessor, StackState};
use domain::store::{Cause, StoreError};
use runtime::Chain;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use crate::answer::Attributes;
use crate::maker::{Failure, Maker, Making};
use crate::request::{Kind, Request};

/// Property: ARN of the role by which this pipeline has CloudFormation work.
const ROLE: &str = "Role";

/// Field of an event: by how many invocations it was handed over before.
const HANDED_OVER: &str = "HandedOver";

/// Invocations after the first one. Four times [`PATIENCE`] is within the hour for
/// which CloudFormation waits.
const MOST_HANDED_OVER: u64 = 3;

/// For how long one invocation looks on: its 15 minutes, with room for an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(13 * 60);

/// From one look to the next.
pub(crate) const PAUSE: Duration = Duration::from_secs(10);

/// The stack.
pub(crate) trait Stack: Sync {
    /// Its name.
    fn name(&self) -> &str;

    /// What it is doing, if it is there.
    fn state(&self) -> impl Future<Output = Result<Option<StackState>, StoreError>> + Send;

    /// Starts to delete it.
    fn delete(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Who goes on with an event.
pub(crate) trait Successor: Sync {
    /// Hands it over.
    fn invoke(&self, event: String) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Deletes the stack, and waits until it is gone.
#[derive(Debug)]
pub(crate) struct DeleteStack<S, N> {
    pub(crate) stack: S,
    pub(crate) successor: N,
    pub(crate) pause: Duration,
    pub(crate) patience: Duration,
}

/// What is to be done next.
enum Step {
    /// Nothing: there is no such stack, or it is not this pipeline's.
    Done,
    /// Look again later.
    Wait,
    /// The deletion.
    Delete,
    /// Nothing more: CloudFormation has tried.
    GiveUp(String),
}

impl<S, N> Maker for DeleteStack<S, N>
where
    S: Stack + fmt::Debug + Send,
    N: Successor + fmt::Debug + Send,
{
    fn make<'a>(&'a self, request: &'a Request) -> Making<'a> {
        Box::pin(async {
            if request.kind == Kind::Delete {
                self.delete(request).await?;
            }
            Ok(Attributes::new())
        })
    }
}

impl<S: Stack, N: Successor> DeleteStack<S, N> {
    async fn delete(&self, request: &Request) -> Result<(), Failure> {
        let end = Instant::now() + self.patience;
        let mut asked = false;
        loop {
            match self.step(request, asked).await {
                Ok(Step::Done) => return Ok(()),
                Ok(Step::GiveUp(reason)) => return Err(Failure::Refused(reason)),
                Ok(Step::Wait) => {}
                Ok(Step::Delete) => {
                    info!("deleting the stack `{}`", self.stack.name());
                    self.stack.delete().await?;
                    asked = true;
                }
                // The next look may find out more.
                Err(err) if err.cause == Cause::Busy => warn!("{}", Chain(&err)),
                Err(err) => return Err(err.into()),
            }
            if Instant::now() + self.pause >= end {
                return self.hand_over(request).await;
            }
            sleep(self.pause).await;
        }
    }

    async fn step(&self, request: &Request, asked: bool) -> Result<Step, StoreError> {
        let Some(state) = self.stack.state().await? else {
            return Ok(Step::Done);
        };
        let name = self.stack.name();
        let ours = request.properties[ROLE].as_str();
        Ok(match state.status.as_str() {
            "DELETE_COMPLETE" => Step::Done,
            _ if state.role.as_deref() != ours => {
                info!("the stack `{name}` stays: this pipeline has not deployed it");
                Step::Done
            }
            "DELETE_FAILED" if asked => {
                let reason = state.reason.as_deref().unwrap_or("it does not say why");
                Step::GiveUp(format!(
                    "{name} could not be deleted: {reason}. Mend what CloudFormation names there, \
                     or delete it keeping that, then delete this stack again"
                ))
            }
            // A change set that nobody has executed is not at work.
            "REVIEW_IN_PROGRESS" => Step::Delete,
            // Created, updated, rolled back, or being deleted already. Only what has
            // come to rest can be deleted.
            status if status.ends_with("_IN_PROGRESS") => Step::Wait,
            _ if asked => Step::Wait,
            _ => Step::Delete,
        })
    }

    /// Lambda ends an invocation after 15 minutes; some things take longer to delete.
    async fn hand_over(&self, request: &Request) -> Result<(), Failure> {
        let before = request.event[HANDED_OVER].as_u64().unwrap_or_default();
        if before >= MOST_HANDED_OVER {
            let name = self.stack.name();
            return Err(Failure::Refused(format!(
                "{name} has not been deleted within an hour. Look what it is doing, wait until it is \
                 gone, then delete this stack again"
            )));
        }
        let mut event = request.event.clone();
        event[HANDED_OVER] = Value::from(before + 1);
        self.successor.invoke(event.to_string()).await?;
        Err(Failure::HandedOver)
    }
}

impl Stack for CloudFormationStack {
    fn name(&self) -> &str {
        Self::name(self)
    }

    async fn state(&self) -> Result<Option<StackState>, StoreError> {
        Self::state(self).await
    }

    async fn delete(&self) -> Result<(), StoreError> {
        Self::delete(self).await
    }
}

impl Successor for LambdaSuccessor {
    async fn invoke(&self, event: String) -> Result<(), StoreError> {
        Self::invoke(self, event).await
    }
}

#[cfg(test)]
mod tests;
