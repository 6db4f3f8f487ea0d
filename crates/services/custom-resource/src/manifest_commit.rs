//! `Custom::ManifestCommit`: the manifest in the pipeline's repository says what
//! the parameters of the pipeline's stack say. Whatever else is in it is its
//! authors'.

use std::collections::BTreeMap;
use std::fmt;

use adapters::{CodeCommitFile, Commit, Committed};
use contract::manifest::{self as names, COMPONENTS, DEFAULT, DEPLOY};
use domain::store::StoreError;
use serde_json::Value;

use crate::answer::Attributes;
use crate::maker::{Failure, Maker, Making};
use crate::manifest;
use crate::request::{Kind, Request};

/// The branch that the pipeline deploys.
pub(crate) const BRANCH: &str = "main";

/// How often others may be faster before it is given up.
const ROUNDS: u32 = 5;

/// The file with the manifest.
pub(crate) trait ManifestFile: Sync {
    /// Reads it.
    fn get(&self) -> impl Future<Output = Result<Committed, StoreError>> + Send;

    /// Commits another text, unless somebody has committed since it was read.
    fn put(
        &self,
        before: &Committed,
        text: &str,
        message: &str,
    ) -> impl Future<Output = Result<Commit, StoreError>> + Send;
}

impl ManifestFile for CodeCommitFile {
    async fn get(&self) -> Result<Committed, StoreError> {
        Self::get(self).await
    }

    async fn put(
        &self,
        before: &Committed,
        text: &str,
        message: &str,
    ) -> Result<Commit, StoreError> {
        Self::put(self, before, text, message).await
    }
}

/// Commits the manifest.
#[derive(Debug)]
pub(crate) struct CommitManifest<F>(pub(crate) F);

impl<F: ManifestFile + fmt::Debug + Send> Maker for CommitManifest<F> {
    fn make<'a>(&'a self, request: &'a Request) -> Making<'a> {
        Box::pin(async {
            if request.kind != Kind::Delete {
                self.commit(&Wanted::read(&request.properties)?).await?;
            }
            Ok(Attributes::new())
        })
    }
}

impl<F: ManifestFile> CommitManifest<F> {
    async fn commit(&self, wanted: &Wanted) -> Result<(), Failure> {
        for _ in 0..ROUNDS {
            let before = self.0.get().await?;
            let Some((text, message)) = wanted.change(&before.text)? else {
                return Ok(());
            };
            match self.0.put(&before, &text, &message).await? {
                Commit::Done => return Ok(()),
                Commit::Overtaken => {}
            }
        }
        Err(Failure::Refused(format!(
            "others committed to {BRANCH} {ROUNDS} times while the manifest was being committed; \
             try again"
        )))
    }
}

/// What the parameters say.
#[derive(Debug)]
struct Wanted {
    /// By the key of the component.
    deploy: BTreeMap<&'static str, bool>,
    version: String,
    send_anonymous_usage: bool,
}

impl Wanted {
    fn read(properties: &Value) -> Result<Self, Failure> {
        let mut deploy = BTreeMap::new();
        for component in COMPONENTS {
            deploy.insert(component, flag(properties, component, ["true", "false"])?);
        }
        let consent = flag(properties, names::SEND_ANONYMOUS_USAGE, ["Yes", "No"])?;
        let wanted = Self {
            deploy,
            version: text(properties, names::VERSION)?.to_owned(),
            send_anonymous_usage: consent,
        };
        wanted.check()
    }

    /// Refuses what `infra` would refuse, before it is committed.
    fn check(self) -> Result<Self, Failure> {
        let on = |component: &str| self.deploy.get(component) == Some(&true);
        if on(names::OWNERAPP) && !on(names::API) {
            let refusal = names::console_without_api("found true");
            return Err(Failure::Refused(refusal));
        }
        if !self.deploy.values().any(|&deploy| deploy) {
            return Err(Failure::Refused(names::nothing_to_deploy()));
        }
        Ok(self)
    }

    /// The values with their paths, and what a manifest without them means.
    fn values(&self) -> Vec<(Vec<&'static str>, Value, Value)> {
        let flags = self.deploy.iter().map(|(component, deploy)| {
            let path = vec![DEFAULT, component, DEPLOY];
            (path, Value::from(*deploy), Value::from(true))
        });
        let consent = Value::from(self.send_anonymous_usage);
        let others = [
            (
                vec![DEFAULT, names::SEND_ANONYMOUS_USAGE],
                consent,
                Value::from(false),
            ),
            (
                vec![DEFAULT, names::VERSION],
                Value::from(self.version.as_str()),
                Value::Null,
            ),
        ];
        flags.chain(others).collect()
    }

    /// The text with these values and the message of its commit; nothing where they
    /// are there.
    fn change(&self, text: &str) -> Result<Option<(String, String)>, Failure> {
        let mut changed = text.to_owned();
        let mut message = "Set the manifest by the parameters of the pipeline's stack\n".to_owned();
        let document = parse(text)?;
        for (path, value, missing) in self.values() {
            if *found(&document, &path).unwrap_or(&missing) == value {
                continue;
            }
            changed = manifest::set(&changed, &path, &value)
                .ok_or_else(|| refused(&format!("`{}` is not in an object", path.join("."))))?;
            message += &format!("\n{}: {value}", path.join("."));
        }
        if changed == text {
            return Ok(None);
        }
        // Of a key that is there twice, one is set and the other one counts.
        let document = parse(&changed)?;
        for (path, value, missing) in self.values() {
            if *found(&document, &path).unwrap_or(&missing) != value {
                return Err(refused(&format!("`{}` is there twice", path.join("."))));
            }
        }
        Ok(Some((changed, message)))
    }
}

fn parse(text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|err| refused(&format!("it is not valid JSON: {err}")))
}

fn found<'a>(document: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(document, |value, key| value.get(key))
}

fn refused(why: &str) -> Failure {
    let file = names::FILE;
    Failure::Refused(format!(
        "{file} on the branch {BRANCH} cannot be changed: {why}; mend it by a commit, then try again"
    ))
}

fn text<'a>(properties: &'a Value, name: &str) -> Result<&'a str, Failure> {
    let found = properties[name].as_str();
    found.ok_or_else(|| {
        let found = &properties[name];
        Failure::Refused(format!(
            "property `{name}`: found {found}; it has to be a text"
        ))
    })
}

/// Whether a property is the first of two texts.
fn flag(properties: &Value, name: &str, [yes, no]: [&str; 2]) -> Result<bool, Failure> {
    match text(properties, name)? {
        found if found == yes => Ok(true),
        found if found == no => Ok(false),
        found => Err(Failure::Refused(format!(
            "property `{name}`: found \"{found}\"; it has to be \"{yes}\" or \"{no}\""
        ))),
    }
}

#[cfg(test)]
mod tests;
