//! The note of what was made: written before and after each step, so that an
//! interrupted run leaves nothing that nobody knows of.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::device::Files;
use crate::pki;
use crate::serial::Serial;

/// What was made in the account.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct State {
    #[serde(default)]
    pub(crate) things: Vec<Thing>,
}

/// One thing, from before it is made until after it is deleted.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Thing {
    pub(crate) name: String,
    /// The policy that its certificate has, or is about to get.
    pub(crate) policy: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) certificate: Option<Certificate>,
    /// Whether it can connect.
    #[serde(default)]
    pub(crate) complete: bool,
}

/// A certificate that AWS has signed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Certificate {
    pub(crate) id: String,
    pub(crate) arn: String,
}

/// A thing that can connect, and its files.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) name: Serial,
    pub(crate) files: Files,
}

impl State {
    /// What the note in `dir` says; nothing was made where there is none.
    ///
    /// # Errors
    ///
    /// When the note cannot be read.
    pub(crate) fn load(dir: &Path) -> Result<Self> {
        let path = path(dir);
        let Some(text) = pki::read(&path)? else {
            return Ok(Self::default());
        };
        serde_json::from_str(&text)
            .with_context(|| format!("`{}` is not what `things create` wrote", path.display()))
    }

    /// # Errors
    ///
    /// When the note cannot be written.
    pub(crate) fn save(&self, dir: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        pki::write(&path(dir), &text, 0o600)
    }

    pub(crate) fn find(&mut self, name: &str) -> Option<&mut Thing> {
        self.things.iter_mut().find(|it| it.name == name)
    }

    /// The things that can connect.
    pub(crate) fn ready(&self, dir: &Path) -> Vec<Ready> {
        let ready = |thing: &Thing| {
            let name: Serial = thing.name.parse().ok()?;
            let files = files(dir, &name);
            thing.complete.then_some(Ready { name, files })
        };
        self.things.iter().filter_map(ready).collect()
    }
}

fn path(dir: &Path) -> PathBuf {
    dir.join("things.json")
}

/// The files of a thing. AWS knows its certificate already, so no CA's goes
/// with it.
pub(crate) fn files(dir: &Path, name: &Serial) -> Files {
    let mut files = Files::new(dir, name);
    files.chain.clone_from(&files.certificate);
    files
}
