//! Rows of a fleet, in the files that Firehose would make of them before it
//! writes them as Parquet.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use lambda_runtime::{Context, LambdaEvent};

use crate::Failed;
use crate::firehose::{Answering, Batch};
use crate::fleet::{INTERVAL, message};
use crate::handler;
use crate::ports::{Fleet, ports};

/// Most records of a batch, about 1 MB.
const BATCH: usize = 2_000;
/// Minutes that Firehose gathers for a file: its usual 300 seconds.
const BUFFER: i64 = 5;

/// What was written.
#[derive(Debug, Default)]
struct Written {
    payloads: usize,
    rows: usize,
    files: usize,
    /// Time of the function alone.
    took: Duration,
}

/// Has each of `devices` send a message a minute until there are `messages`, the
/// last of them now, and writes their rows into `folder`.
pub(crate) async fn write(devices: usize, messages: usize, folder: &Path) -> Result<(), Failed> {
    let fleet = ports(devices)?;
    let minutes = i64::try_from(messages / devices.max(1))?;
    let start = (Timestamp::now().as_millisecond() / INTERVAL - minutes - 1) * INTERVAL;
    let mut written = Written::default();
    for first in (0..minutes).step_by(usize::try_from(BUFFER)?) {
        let mut files = HashMap::new();
        for minute in first..(first + BUFFER).min(minutes) {
            let sent = start + minute * INTERVAL;
            for from in (0..devices).step_by(BATCH) {
                let of = from..(from + BATCH).min(devices);
                batch(&fleet, of, sent, folder, &mut files, &mut written).await?;
            }
        }
        written.files += files.len();
    }
    eprintln!(
        "{} messages of {devices} devices: {} bytes as sent, {} bytes as rows, {} files, {:.1} s in the function",
        minutes * i64::try_from(devices)?,
        written.payloads,
        written.rows,
        written.files,
        written.took.as_secs_f64(),
    );
    Ok(())
}

/// Files that are open, by the folder that the function names.
type Files = HashMap<(String, String), BufWriter<File>>;

async fn batch(
    fleet: &Fleet,
    devices: std::ops::Range<usize>,
    sent: i64,
    folder: &Path,
    files: &mut Files,
    written: &mut Written,
) -> Result<(), Failed> {
    let messages: Vec<_> = devices.map(|it| message(it, sent)).collect();
    written.payloads += messages.iter().map(|it| it.payload.len()).sum::<usize>();
    let records = messages.iter().enumerate();
    let records = records.map(|(number, it)| it.record(number)).collect();
    let start = Instant::now();
    let event = LambdaEvent::new(Batch { records }, Context::default());
    let answer = handler::handle(fleet, event)
        .await
        .map_err(|it| it.error_message)?;
    written.took += start.elapsed();
    for answered in answer.records {
        let (Answering::Ok, Some(metadata)) = (answered.result, answered.metadata) else {
            return Err("a message did not become a row".into());
        };
        let to = metadata.partition_keys;
        let row = STANDARD.decode(answered.data)?;
        written.rows += row.len();
        let number = written.files;
        let file = match files.entry((to.day, to.model)) {
            std::collections::hash_map::Entry::Occupied(file) => file.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => {
                let (day, model) = new.key();
                let folder = folder.join(format!("day={day}")).join(model);
                fs::create_dir_all(&folder)?;
                let file = File::create(folder.join(format!("{number:06}.json")))?;
                new.insert(BufWriter::new(file))
            }
        };
        file.write_all(&row)?;
    }
    Ok(())
}
