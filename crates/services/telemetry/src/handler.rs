//! A batch of Data Firehose in, an answer for each of its records out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::metric;
use domain::alert::AlertRequests;
use domain::command::Orders;
use domain::event::{Delivery, Events, Rejected, Rejection};
use domain::telemetry::{self, Outcome, Plans, Reach, Sources, Told, Watches, transform, watch};
use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use runtime::Chain;
use serde::Deserialize;
use tracing::{error, warn};
use uuid::Uuid;

use crate::firehose::{Answer, Answered, Answering, Batch, LARGEST_ANSWER, Metadata, Record};

/// Most messages of a batch that go to the queue of rejected ones with their
/// reasons. A device that sends nothing but rubbish must not hold up the others;
/// what is over the limit is kept with the errors.
const MOST_REJECTED: usize = 100;

/// Messages that are sent to the queue at the same time.
const TOGETHER: usize = 16;

/// What transforming needs.
#[derive(Debug)]
pub(crate) struct Ports<S, R, W> {
    /// None where there is nobody to tell.
    pub(crate) watcher: Option<W>,
    pub(crate) sources: S,
    pub(crate) plans: Plans,
    pub(crate) rejected: R,
}

/// What judging needs.
#[derive(Debug)]
pub(crate) struct Watcher<W, E, A, C> {
    pub(crate) watches: W,
    /// None where events are not deployed.
    pub(crate) events: Option<(E, A)>,
    /// Who sends commands; none where they are not deployed.
    pub(crate) orders: Option<C>,
}

/// A message as the topic rule hands it over: see `select` in `infra`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FromRule {
    /// The payload as it came, in base64; absent where it was empty.
    #[serde(default)]
    payload: String,
    /// The topic's segment that names the device.
    device_id: String,
    /// Epoch milliseconds by the rule's clock.
    received_at: i64,
}

/// Never fails as a whole: each record has its own answer.
pub(crate) async fn handle(
    ports: &Ports<
        impl Sources,
        impl Rejected,
        Watcher<impl Watches, impl Events, impl AlertRequests, impl Orders>,
    >,
    event: LambdaEvent<Batch>,
) -> Result<Answer, Diagnostic> {
    let records = event.payload.records;
    let messages = records.iter().map(message).collect();
    let mut outcomes = transform(&ports.sources, &ports.plans, messages).await;
    let kept = keep_rejected(&ports.rejected, &outcomes).await;
    if let Some(watcher) = &ports.watcher {
        judge(watcher, &mut outcomes).await;
    }

    let mut answer = Answer {
        records: Vec::with_capacity(records.len()),
    };
    // Each record can go back as it came; rows that are longer share the rest.
    let came: usize = records.iter().map(Record::bytes).sum();
    let mut spare = LARGEST_ANSWER.saturating_sub(came);
    for ((record, outcome), kept) in records.into_iter().zip(outcomes).zip(kept) {
        let room = record.bytes() + spare;
        let came = record.bytes();
        let answered = answer_to(record, outcome, kept, room);
        spare = room - answered.bytes().max(came);
        answer.records.push(answered);
    }
    report(&answer);
    Ok(answer)
}

/// The message in a record.
fn message(record: &Record) -> telemetry::Record {
    let read = || -> Result<Delivery, String> {
        let data = STANDARD.decode(&record.data).map_err(|it| it.to_string())?;
        let message: FromRule = serde_json::from_slice(&data).map_err(|it| it.to_string())?;
        let payload = STANDARD.decode(message.payload);
        Ok(Delivery {
            device: message.device_id,
            payload: payload.map_err(|it| it.to_string())?,
            received: Timestamp::from_millisecond(message.received_at)
                .map_err(|it| it.to_string())?,
        })
    };
    read().map_err(|reason| format!("the record is none of the topic rule: {reason}"))
}

/// Puts rejected messages into their queue; whether each outcome is kept there.
async fn keep_rejected(queue: &impl Rejected, outcomes: &[Outcome]) -> Vec<bool> {
    let mut kept = vec![false; outcomes.len()];
    let rejected = outcomes.iter().enumerate().filter_map(|(index, outcome)| {
        let Outcome::Rejected(reason, delivery) = outcome else {
            return None;
        };
        Some((index, reason.to_string(), delivery.clone()))
    });
    let sent: Vec<usize> = stream::iter(rejected.take(MOST_REJECTED))
        .map(async |(index, reason, delivery)| {
            warn!(device.id = delivery.device, "rejected telemetry: {reason}");
            match queue.keep(&Rejection { reason, delivery }).await {
                Ok(()) => {
                    runtime::count(metric::NAMESPACE, metric::MESSAGE_REJECTED);
                    Some(index)
                }
                Err(err) => {
                    warn!("{}", Chain(&err));
                    None
                }
            }
        })
        .buffer_unordered(TOGETHER)
        .filter_map(async |it| it)
        .collect()
        .await;
    for index in sent {
        kept[index] = true;
    }
    kept
}

/// Judges what is to be judged. What cannot be judged now is not: the rows go on,
/// and the series learns from the next ones.
async fn judge(
    watcher: &Watcher<impl Watches, impl Events, impl AlertRequests, impl Orders>,
    outcomes: &mut [Outcome],
) {
    let samples = outcomes.iter_mut().flat_map(|outcome| match outcome {
        Outcome::Stored { samples, .. } => std::mem::take(samples),
        _ => Vec::new(),
    });
    let samples: Vec<_> = samples.collect();
    if samples.is_empty() {
        return;
    }
    let reach = Reach {
        events: watcher
            .events
            .as_ref()
            .map(|(events, alerts)| (events, alerts)),
        orders: watcher.orders.as_ref(),
    };
    let now = Timestamp::now();
    for judged in watch(&watcher.watches, reach, samples, Uuid::new_v4, now).await {
        match judged {
            Ok(told) => count(&told),
            Err(err) => error!("a series was not judged: {}", Chain(&err)),
        }
    }
}

fn count(told: &Told) {
    for (name, number) in [
        (metric::ANOMALY_FOUND, told.anomalies),
        (metric::THRESHOLD_PASSED, told.crossings),
        (metric::COMMAND_SENT, told.commands),
    ] {
        runtime::count_many(metric::NAMESPACE, name, number);
    }
    for failed in &told.failed {
        error!(
            "a command of a threshold waits for the next batch: {}",
            Chain(failed)
        );
    }
    for refused in &told.refused {
        error!("a command of a threshold was not sent: {}", Chain(refused));
    }
}

/// The answer to a record, which fits into `room` if it is not a failed one.
fn answer_to(record: Record, outcome: Outcome, kept: bool, room: usize) -> Answered {
    let Record { record_id, data } = record;
    match outcome {
        Outcome::Stored {
            mut row, partition, ..
        } => {
            row.push(b'\n');
            let stored = Answered {
                record_id,
                result: Answering::Ok,
                data: STANDARD.encode(row),
                metadata: Some(Metadata {
                    partition_keys: partition,
                }),
            };
            match stored.bytes() <= room {
                true => stored,
                false => {
                    warn!("a record failed: the answer would be over the limit of Lambda");
                    Answered::failed(stored.record_id, data)
                }
            }
        }
        Outcome::Rejected(..) if kept => Answered::dropped(record_id),
        Outcome::Rejected(..) => Answered::failed(record_id, data),
        Outcome::Failed(reason) => {
            warn!("a record failed: {reason}");
            Answered::failed(record_id, data)
        }
    }
}

/// One metric for each outcome of the batch.
fn report(answer: &Answer) {
    for (result, name) in [
        (Answering::Ok, metric::TELEMETRY_STORED),
        (Answering::ProcessingFailed, metric::TELEMETRY_FAILED),
    ] {
        let records = answer.records.iter().filter(|it| it.result == result);
        runtime::count_many(metric::NAMESPACE, name, records.count());
    }
}

#[cfg(test)]
mod tests;
