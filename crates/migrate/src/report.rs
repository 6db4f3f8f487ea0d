//! What became of the rows.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::json;

/// What became of one row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// It is moved, or would be.
    Moved,
    /// What it would become is there, and stays as it is.
    There,
    /// It cannot be moved.
    Refused(String),
}

/// What became of the rows of a table.
#[derive(Clone, Debug, Default)]
struct Tally {
    moved: u64,
    there: u64,
    /// By reason.
    refused: BTreeMap<String, u64>,
}

/// What became of all rows.
#[derive(Debug)]
pub(crate) struct Report {
    write: bool,
    tables: Vec<(&'static str, Tally)>,
    list: Option<BufWriter<File>>,
}

impl Report {
    /// An empty report; refused rows are also listed in the file `list`.
    pub(crate) fn new(write: bool, list: Option<&Path>) -> Result<Self> {
        let open = |path: &Path| {
            let file = File::create(path);
            file.with_context(|| format!("could not write `{}`", path.display()))
        };
        Ok(Self {
            write,
            tables: Vec::new(),
            list: list.map(open).transpose()?.map(BufWriter::new),
        })
    }

    /// Notes what became of the row with `key`.
    pub(crate) fn note(&mut self, table: &'static str, key: &str, outcome: Outcome) -> Result<()> {
        let tally = self.of(table);
        match outcome {
            Outcome::Moved => tally.moved += 1,
            Outcome::There => tally.there += 1,
            Outcome::Refused(reason) => {
                *tally.refused.entry(reason.clone()).or_default() += 1;
                if let Some(list) = &mut self.list {
                    let line = json!({"table": table, "key": key, "reason": reason});
                    writeln!(list, "{line}").context("could not write the list of refused rows")?;
                }
            }
        }
        Ok(())
    }

    /// Writes what is still to be written.
    pub(crate) fn close(&mut self) -> Result<()> {
        let list = self.list.as_mut().map(Write::flush);
        list.transpose()
            .context("could not write the list of refused rows")?;
        Ok(())
    }

    /// Whether a row could not be moved.
    pub(crate) fn has_refused(&self) -> bool {
        self.tables
            .iter()
            .any(|(_, tally)| !tally.refused.is_empty())
    }

    fn of(&mut self, table: &'static str) -> &mut Tally {
        let place = self.tables.iter().position(|(name, _)| *name == table);
        let place = place.unwrap_or_else(|| {
            self.tables.push((table, Tally::default()));
            self.tables.len() - 1
        });
        &mut self.tables[place].1
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moved = if self.write {
            "moved"
        } else {
            "would be moved"
        };
        for (table, tally) in &self.tables {
            write!(f, "{table}: {} {moved}", tally.moved)?;
            if tally.there > 0 {
                write!(f, ", {} there already", tally.there)?;
            }
            let refused: u64 = tally.refused.values().sum();
            if refused > 0 {
                write!(f, ", {refused} not")?;
            }
            writeln!(f)?;
            for (reason, rows) in &tally.refused {
                writeln!(f, "    {rows}: {reason}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_and_rows_listed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut report = Report::new(false, Some(file.path())).unwrap();
        report.note("events", "a", Outcome::Moved).unwrap();
        report.note("events", "b", Outcome::There).unwrap();
        assert!(!report.has_refused());
        for key in ["c", "d"] {
            report
                .note("events", key, Outcome::Refused("no".to_owned()))
                .unwrap();
        }
        report.note("settings", "e", Outcome::Moved).unwrap();
        report.close().unwrap();
        assert!(report.has_refused());
        assert_eq!(
            report.to_string(),
            "events: 1 would be moved, 1 there already, 2 not\n    2: no\nsettings: 1 would be moved\n"
        );
        let list = std::fs::read_to_string(file.path()).unwrap();
        assert_eq!(list.lines().count(), 2);
        assert!(list.contains(r#"{"key":"c","reason":"no","table":"events"}"#));
    }
}
