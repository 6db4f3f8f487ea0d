//! Data Firehose's contract with a function that transforms records.
//!
//! <https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html>

use domain::telemetry::Partition;
use serde::{Deserialize, Serialize};

/// Most bytes of an answer, under the 6 MB of Lambda's own limit.
pub(crate) const LARGEST_ANSWER: usize = 5_500_000;

/// A batch.
#[derive(Debug, Deserialize)]
pub(crate) struct Batch {
    pub(crate) records: Vec<Record>,
}

/// A record of the batch.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pub(crate) record_id: String,
    /// Base64.
    pub(crate) data: String,
}

/// The answer: each record of the batch once, by its id.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    pub(crate) records: Vec<Answered>,
}

/// What became of a record.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answered {
    pub(crate) record_id: String,
    pub(crate) result: Answering,
    /// Base64; of a record that failed, what came.
    pub(crate) data: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metadata: Option<Metadata>,
}

/// The three words of the contract.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub(crate) enum Answering {
    /// It is to be stored.
    Ok,
    /// It is not to be stored, and that is as it should be.
    Dropped,
    /// It could not be handled; Firehose keeps it with the errors.
    ProcessingFailed,
}

/// What dynamic partitioning goes by.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) partition_keys: Partition,
}

/// Most bytes of an answered record beside its data and id: the names, the
/// partition keys.
const AROUND: usize = 320;

impl Record {
    /// Bytes of it in an answer, if it goes back as it came.
    pub(crate) fn bytes(&self) -> usize {
        self.data.len() + self.record_id.len() + AROUND
    }
}

impl Answered {
    /// Bytes of it in the answer, or a little more.
    pub(crate) fn bytes(&self) -> usize {
        self.data.len() + self.record_id.len() + AROUND
    }

    /// The record as it came, for the folder of errors.
    pub(crate) fn failed(record_id: String, data: String) -> Self {
        Self {
            record_id,
            result: Answering::ProcessingFailed,
            data,
            metadata: None,
        }
    }

    /// Nothing of it is stored.
    pub(crate) fn dropped(record_id: String) -> Self {
        Self {
            record_id,
            result: Answering::Dropped,
            data: String::new(),
            metadata: None,
        }
    }
}
