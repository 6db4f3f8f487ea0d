//! How far a run has come, so that the next one need not begin again.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// A place in a table: the key of the last row that was handled.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Place(pub(crate) BTreeMap<String, String>);

/// How far a table has been read.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reached {
    After(Place),
    End,
}

/// The note of it, in a file if there is one.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    path: Option<PathBuf>,
    tables: BTreeMap<String, Reached>,
}

impl Progress {
    /// Reads the note; nothing was reached where there is none.
    pub(crate) fn load(path: Option<PathBuf>) -> Result<Self> {
        let Some(file) = &path else {
            return Ok(Self::default());
        };
        let text = match fs::read(file) {
            Ok(text) => text,
            Err(err) if err.kind() == io::ErrorKind::NotFound => b"{}".to_vec(),
            Err(err) => {
                return Err(err).with_context(|| format!("could not read `{}`", file.display()));
            }
        };
        let tables = serde_json::from_slice(&text).with_context(|| {
            let file = file.display();
            format!("`{file}` is no note of this program; give `--progress` another name")
        })?;
        Ok(Self { path, tables })
    }

    /// How far the table was read.
    pub(crate) fn of(&self, table: &str) -> Option<&Reached> {
        self.tables.get(table)
    }

    /// Notes how far the table is read: as a whole where there is no place.
    pub(crate) fn note(&mut self, table: &str, after: Option<Place>) -> Result<()> {
        let reached = after.map_or(Reached::End, Reached::After);
        self.tables.insert(table.to_owned(), reached);
        let Some(path) = &self.path else {
            return Ok(());
        };
        // First beside it: a note that was cut off would be none.
        let beside = path.with_extension("new");
        let text = serde_json::to_vec(&self.tables)?;
        fs::write(&beside, text)
            .and_then(|()| fs::rename(&beside, path))
            .with_context(|| format!("could not write `{}`", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note");
        let place = Place(BTreeMap::from([("id".to_owned(), "7".to_owned())]));
        let mut progress = Progress::load(Some(path.clone())).unwrap();
        assert_eq!(progress.of("events"), None);
        progress.note("events", Some(place.clone())).unwrap();
        progress.note("commands", None).unwrap();
        let again = Progress::load(Some(path.clone())).unwrap();
        assert_eq!(again.of("events"), Some(&Reached::After(place)));
        assert_eq!(again.of("commands"), Some(&Reached::End));
        fs::write(&path, "x").unwrap();
        assert!(Progress::load(Some(path)).is_err());
    }
}
