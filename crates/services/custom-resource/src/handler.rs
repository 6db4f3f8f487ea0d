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
use crate::answer::{self, Answers, Attributes};
use crate::fleet_indexing;
use crate::iot_endpoint::{self, Endpoint};
use crate::last_words::LastWords;
use crate::request::{Caller, Kind, Request};

/// Attempts of what is asked for. The role of a new stack takes some seconds
/// until every service knows what it allows.
const ATTEMPTS: u32 = 5;

/// What the resources are made of.
#[derive(Debug)]
pub(crate) struct Resources<E, S, M> {
    pub(crate) endpoint: E,
    pub(crate) indexing: S,
    pub(crate) memory: M,
    /// Between two attempts.
    pub(crate) pause: Duration,
}

/// Does what CloudFormation asks for and tells it the outcome. Without an answer
/// it waits until the resource's timeout, so every failure is an answer, too.
pub(crate) async fn handle<E, S, M>(
    resources: &Resources<E, S, M>,
    answers: &Answers,
    last_words: &LastWords,
    event: LambdaEvent<Value>,
) -> Result<(), Diagnostic>
where
    E: Endpoint,
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
        Ok(_) => info!(resource.id = caller.logical_resource_id, "done"),
        Err(reason) => error!(resource.id = caller.logical_resource_id, "{reason}"),
    }
    let sent = Box::pin(answers.send(&caller, outcome)).await;
    last_words.are_for(None);
    sent.map_err(|err| diagnostic("AnswerFailure", &Chain(&err).to_string()))
}

impl<E, S, M> Resources<E, S, M>
where
    E: Endpoint,
    S: Setting<ThingIndexing>,
    M: Memory<ThingIndexing>,
{
    async fn serve(&self, payload: Value) -> Result<Attributes, String> {
        let request: Request = serde_json::from_value(payload)
            .map_err(|err| format!("the request is not one of CloudFormation: {err}"))?;
        let mut attempt = 1;
        loop {
            let err = match self.attempt(&request).await {
                Ok(attributes) => return Ok(attributes),
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

    async fn attempt(&self, request: &Request) -> Result<Attributes, Failure> {
        match (request.resource_type.as_str(), request.kind) {
            (resource::FLEET_INDEXING, kind) => {
                fleet_indexing::handle(&self.indexing, &self.memory, kind).await?;
                Ok(Attributes::new())
            }
            (resource::IOT_ENDPOINT, kind) => Ok(iot_endpoint::handle(&self.endpoint, kind).await?),
            // We have never made one, and its stack could not be deleted otherwise.
            (_, Kind::Delete) => Ok(Attributes::new()),
            _ => Err(Failure::Unknown),
        }
    }
}

/// Why there is no resource.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(
        "this function makes `{}` and `{}` and no other resources",
        resource::FLEET_INDEXING,
        resource::IOT_ENDPOINT
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
