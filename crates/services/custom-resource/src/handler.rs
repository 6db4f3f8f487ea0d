use std::time::{Duration, SystemTime};

use adapters::ThingIndexing;
use contract::resource;
use domain::store::StoreError;
use lambda_runtime::{Diagnostic, LambdaEvent};
use runtime::Chain;
use serde::Deserialize;
use serde_json::Value;
use tracing::{error, info, warn};

use crate::account::{Memory, Setting};
use crate::answer::{self, Answers};
use crate::fleet_indexing;
use crate::last_words::LastWords;
use crate::request::{Caller, Kind, Request};

/// Attempts of what is asked for. The role of a new stack takes some seconds
/// until every service knows what it allows.
const ATTEMPTS: u32 = 5;

/// What the resources are made of.
#[derive(Debug)]
pub(crate) struct Resources<S, M> {
    pub(crate) indexing: S,
    pub(crate) memory: M,
    /// Between two attempts.
    pub(crate) pause: Duration,
}

/// Does what CloudFormation asks for and tells it the outcome. Without an answer
/// it waits until the resource's timeout, so every failure is an answer, too.
pub(crate) async fn handle<S, M>(
    resources: &Resources<S, M>,
    answers: &Answers,
    last_words: &LastWords,
    event: LambdaEvent<Value>,
) -> Result<(), Diagnostic>
where
    S: Setting<ThingIndexing>,
    M: Memory<ThingIndexing>,
{
    let caller = Caller::deserialize(&event.payload)
        .map_err(|err| diagnostic("InvalidEvent", &format!("there is nobody to answer: {err}")))?;
    last_words.are_for(Some(caller.clone()));
    let time = event.context.deadline().duration_since(SystemTime::now());
    let time = time.unwrap_or_default().saturating_sub(answer::LONGEST);
    let work = Box::pin(resources.serve(event.payload));
    let outcome = tokio::time::timeout(time, work).await.unwrap_or_else(|_| {
        Err(
            "it took too long, since a service of AWS is slow or does not answer: try again"
                .to_owned(),
        )
    });
    match &outcome {
        Ok(()) => info!(resource.id = caller.logical_resource_id, "done"),
        Err(reason) => error!(resource.id = caller.logical_resource_id, "{reason}"),
    }
    let sent = Box::pin(answers.send(&caller, outcome)).await;
    last_words.are_for(None);
    sent.map_err(|err| diagnostic("AnswerFailure", &Chain(&err).to_string()))
}

impl<S, M> Resources<S, M>
where
    S: Setting<ThingIndexing>,
    M: Memory<ThingIndexing>,
{
    async fn serve(&self, payload: Value) -> Result<(), String> {
        let request: Request = serde_json::from_value(payload)
            .map_err(|err| format!("the request is not one of CloudFormation: {err}"))?;
        let mut attempt = 1;
        loop {
            let err = match self.attempt(&request).await {
                Ok(()) => return Ok(()),
                Err(Failure::Unknown) => return Err(Failure::Unknown.to_string()),
                Err(Failure::Store(err)) => Chain(&err).to_string(),
            };
            if attempt == ATTEMPTS {
                return Err(err);
            }
            warn!("attempt {attempt} of {ATTEMPTS}: {err}");
            attempt += 1;
            tokio::time::sleep(self.pause).await;
        }
    }

    async fn attempt(&self, request: &Request) -> Result<(), Failure> {
        match (request.resource_type.as_str(), request.kind) {
            (resource::FLEET_INDEXING, kind) => {
                fleet_indexing::handle(&self.indexing, &self.memory, kind).await?;
                Ok(())
            }
            // We have never made one, and its stack could not be deleted otherwise.
            (_, Kind::Delete) => Ok(()),
            _ => Err(Failure::Unknown),
        }
    }
}

/// Why there is no resource.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(
        "this function makes `{}` and no other resources",
        resource::FLEET_INDEXING
    )]
    Unknown,
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn diagnostic(error_type: &str, message: &str) -> Diagnostic {
    Diagnostic {
        error_type: error_type.to_owned(),
        error_message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests;
