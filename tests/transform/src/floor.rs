//! The least that anybody would need: the same JSON, parsed and written again by
//! serde, and nothing thought about it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Failed;
use crate::firehose::{Answer, Answered, Answering, Batch};

/// What is written for each message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Written<'a> {
    /// The message again.
    Message,
    /// Its row, which somebody else has made.
    Row(&'a [Map<String, Value>]),
}

impl Written<'_> {
    /// One message parsed, and what is to be written, written.
    pub(crate) fn of(self, index: usize, payload: &[u8]) -> Result<Vec<u8>, Failed> {
        let fields: Map<String, Value> = serde_json::from_slice(payload)?;
        let fields = std::hint::black_box(&fields);
        Ok(serde_json::to_vec(match self {
            Self::Message => fields,
            Self::Row(rows) => &rows[index],
        })?)
    }

    /// A batch, from the bytes that Lambda hands over to those that it takes: each
    /// record out of base64, the message out of that, and back.
    pub(crate) fn of_batch(self, event: &[u8]) -> Result<Vec<u8>, Failed> {
        let batch: Batch = serde_json::from_slice(event)?;
        let records = batch.records.into_iter().enumerate();
        let answered = records.map(|(index, record)| {
            let from_rule = STANDARD.decode(record.data)?;
            let from_rule: FromRule = serde_json::from_slice(&from_rule)?;
            std::hint::black_box((&from_rule.device_id, from_rule.received_at));
            let written = self.of(index, &STANDARD.decode(from_rule.payload)?)?;
            Ok(Answered {
                record_id: record.record_id,
                result: Answering::Ok,
                data: STANDARD.encode(written),
                metadata: None,
            })
        });
        let records = answered.collect::<Result<_, Failed>>()?;
        Ok(serde_json::to_vec(&Answer { records })?)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FromRule {
    payload: String,
    device_id: String,
    received_at: i64,
}
