use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use contract::metric;
use lambda_runtime::{Diagnostic, LambdaEvent};
use runtime::Chain;
use serde::Deserialize;
use serde_json::Value;
use tracing::{error, info, warn};

use crate::answer::{self, Answers, Attributes};
use crate::last_words::LastWords;
use crate::maker::{Failure, Maker};
use crate::request::{Caller, Kind, Request};

/// Attempts of what is asked for. The role of a new stack takes some seconds
/// until every service knows what it allows.
const ATTEMPTS: u32 = 5;

/// What makes the resources.
#[derive(Debug)]
pub(crate) struct Resources {
    /// By the type of the resource, one of `contract::resource`.
    pub(crate) makers: BTreeMap<&'static str, Box<dyn Maker>>,
    /// Between two attempts.
    pub(crate) pause: Duration,
}

/// Does what CloudFormation asks for and tells it the outcome. Without an answer
/// it waits until the resource's timeout, so every failure is an answer, too.
pub(crate) async fn handle(
    resources: &Resources,
    answers: &Answers,
    last_words: &LastWords,
    event: LambdaEvent<Value>,
) -> Result<(), Diagnostic> {
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
    let Some(outcome) = outcome.transpose() else {
        info!(resource.id = caller.logical_resource_id, "handed over");
        last_words.are_for(None);
        return Ok(());
    };
    match &outcome {
        Ok(_) => {
            runtime::count(metric::NAMESPACE, metric::RESOURCE_DONE);
            info!(resource.id = caller.logical_resource_id, "done");
        }
        Err(reason) => {
            runtime::count(metric::NAMESPACE, metric::RESOURCE_FAILED);
            error!(resource.id = caller.logical_resource_id, "{reason}");
        }
    }
    let sent = Box::pin(answers.send(&caller, outcome)).await;
    last_words.are_for(None);
    sent.map_err(|err| diagnostic("AnswerFailure", &Chain(&err).to_string()))
}

impl Resources {
    /// What is made; nothing yet where it was handed over.
    async fn serve(&self, payload: Value) -> Result<Option<Attributes>, String> {
        let request = Request::of_event(payload)
            .map_err(|err| format!("the request is not one of CloudFormation: {err}"))?;
        let Some(maker) = self.makers.get(request.resource_type.as_str()) else {
            // We have never made one, and its stack could not be deleted otherwise.
            return match request.kind {
                Kind::Delete => Ok(Some(Attributes::new())),
                Kind::Create | Kind::Update => Err(self.unknown(&request.resource_type)),
            };
        };
        let mut attempt = 1;
        loop {
            let err = match maker.make(&request).await {
                Ok(attributes) => return Ok(Some(attributes)),
                Err(Failure::HandedOver) => return Ok(None),
                Err(Failure::Refused(reason)) => return Err(reason),
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

    fn unknown(&self, found: &str) -> String {
        let known: Vec<_> = self.makers.keys().copied().collect();
        format!(
            "`{found}` is not made by this function; {} are",
            known.join(", ")
        )
    }
}

fn diagnostic(error_type: &str, message: &str) -> Diagnostic {
    Diagnostic {
        error_type: error_type.to_owned(),
        error_message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests;
