//! Records a second, on one core.

use std::hint::black_box;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::event::Delivery;
use domain::telemetry::{Outcome, transform};
use jiff::Timestamp;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Map, Value, json};

use crate::Failed;
use crate::firehose::Batch;
use crate::fleet::{self, INTERVAL, Message};
use crate::floor::Written;
use crate::handler;
use crate::ports::{Fleet, ports};

/// Records of a batch: about 1 MB, which Firehose hands over.
const BATCH: usize = 2_000;
/// How often each way is gone, in turn, so that a busy machine is unfair to all.
const ROUNDS: usize = 100;

/// A way of handling a batch, and the quickest time: what disturbs only ever adds.
struct Way {
    name: &'static str,
    took: Duration,
}

impl Way {
    const fn new(name: &'static str) -> Self {
        Self {
            name,
            took: Duration::MAX,
        }
    }

    fn done(&mut self, start: Instant) {
        self.took = self.took.min(start.elapsed());
    }

    /// Its line in the report, and how many times as long `ours` takes.
    fn print(&self, ours: &Self) {
        let took = self.took.as_secs_f64();
        eprintln!(
            "  {:<36}{:>9.0} records/s {:>6.2} µs {:>6.2}",
            self.name,
            BATCH as f64 / took,
            took * 1e6 / BATCH as f64,
            ours.took.as_secs_f64() / took,
        );
    }
}

/// Measures, and prints to standard error: the function's metrics go to standard
/// output.
pub(crate) async fn report() -> Result<(), Failed> {
    eprintln!(
        "Batches of {BATCH} records on one core, the best of {ROUNDS}; last column: ours takes so many times as long"
    );
    for devices in [BATCH, BATCH / 100] {
        report_of(devices).await?;
    }
    Ok(())
}

async fn report_of(devices: usize) -> Result<(), Failed> {
    let fleet = ports(devices)?;
    let now = Timestamp::now().as_millisecond();
    let message = |it: usize| fleet::message(it % devices, now + (it / devices) as i64 * INTERVAL);
    let messages: Vec<Message> = (0..BATCH).map(message).collect();
    let event = event(&messages)?;
    // Our own rows, read again: they are what a floor has to write.
    let rows = rows(&answer(&fleet, &event).await?)?;

    let mut again = Way::new("message parsed, message written");
    let mut row = Way::new("message parsed, row written");
    let mut ours = Way::new("the transform");
    let mut batch_again = Way::new("serde and base64, messages written");
    let mut batch_row = Way::new("serde and base64, rows written");
    let mut our_batch = Way::new("the function");
    for _ in 0..ROUNDS {
        for (way, written) in [
            (&mut again, Written::Message),
            (&mut row, Written::Row(&rows)),
        ] {
            let start = Instant::now();
            let written = |(index, it): (usize, &Message)| written.of(index, &it.payload);
            black_box(
                messages
                    .iter()
                    .enumerate()
                    .map(written)
                    .collect::<Result<Vec<_>, _>>()?,
            );
            way.done(start);
        }
        for (way, written) in [
            (&mut batch_again, Written::Message),
            (&mut batch_row, Written::Row(&rows)),
        ] {
            let start = Instant::now();
            black_box(written.of_batch(&event)?);
            way.done(start);
        }
        let records = messages
            .iter()
            .map(delivery)
            .collect::<Result<Vec<_>, _>>()?;
        let records = records.into_iter().map(Ok).collect();
        let start = Instant::now();
        let outcomes = transform(&fleet.sources, &fleet.plans, records).await;
        ours.done(start);
        if !outcomes
            .iter()
            .all(|it| matches!(it, Outcome::Stored { .. }))
        {
            return Err("a message did not become a row".into());
        }
        let start = Instant::now();
        black_box(answer(&fleet, &event).await?);
        our_batch.done(start);
    }

    eprintln!("From the message to its row, {devices} devices:");
    for way in [&again, &row, &ours] {
        way.print(&ours);
    }
    eprintln!("From the bytes of a batch to those of the answer, {devices} devices:");
    for way in [&batch_again, &batch_row, &our_batch] {
        way.print(&our_batch);
    }
    Ok(())
}

/// The batch as Lambda hands it over.
fn event(messages: &[Message]) -> Result<Vec<u8>, Failed> {
    let records = messages.iter().enumerate().map(|(number, message)| {
        let record = message.record(number);
        json!({
            "recordId": record.record_id,
            "approximateArrivalTimestamp": message.sent + 100,
            "data": record.data,
        })
    });
    Ok(serde_json::to_vec(&json!({
        "invocationId": "6c1f5d8c-0c3a-4a44-9c4e-0c3a4a449c4e",
        "deliveryStreamArn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/telemetry",
        "region": "us-east-1",
        "records": records.collect::<Vec<_>>(),
    }))?)
}

/// The answer as Lambda takes it.
async fn answer(fleet: &Fleet, event: &[u8]) -> Result<Vec<u8>, Failed> {
    let batch: Batch = serde_json::from_slice(event)?;
    let event = LambdaEvent::new(batch, Context::default());
    let answer = handler::handle(fleet, event)
        .await
        .map_err(|it| it.error_message)?;
    Ok(serde_json::to_vec(&answer)?)
}

fn rows(answer: &[u8]) -> Result<Vec<Map<String, Value>>, Failed> {
    let answer: Value = serde_json::from_slice(answer)?;
    let row = |it: &Value| -> Result<Map<String, Value>, Failed> {
        let row = STANDARD.decode(it["data"].as_str().unwrap_or_default())?;
        Ok(serde_json::from_slice(&row)?)
    };
    answer["records"]
        .as_array()
        .into_iter()
        .flatten()
        .map(row)
        .collect()
}

fn delivery(message: &Message) -> Result<Delivery, Failed> {
    Ok(Delivery {
        device: fleet::serial(message.device),
        payload: message.payload.clone(),
        received: Timestamp::from_millisecond(message.sent + 80)?,
    })
}
