//! A setting of the whole account that a stack changes while it is there.
//!
//! Others in the account may use the setting as well. So what was found is
//! remembered before anything is changed, and comes back when the stack goes,
//! unless somebody has changed the setting meanwhile: then it is theirs.

use std::fmt;

use domain::store::StoreError;
use serde::{Deserialize, Serialize};

use crate::answer::Attributes;
use crate::maker::{Failure, Maker, Making};
use crate::memory::Memory;
use crate::request::{Kind, Request};

/// The setting.
pub(crate) trait Setting<T>: Sync {
    /// What it is at present.
    fn get(&self) -> impl Future<Output = Result<T, StoreError>> + Send;

    /// Replaces it.
    fn set(&self, value: &T) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What the stack found, and what it made of that.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Change<T> {
    pub(crate) found: T,
    pub(crate) set: T,
    /// What the stack had set before: what is there while a change of its own is
    /// not complete.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub(crate) replaced: Option<T>,
}

impl<T: Clone + Eq> Change<T> {
    /// Whether `present` is of the stack's own making.
    fn made(&self, present: &T) -> bool {
        self.set == *present || self.replaced.as_ref() == Some(present)
    }

    /// What the stack has found: what it remembers while `present` is of its own
    /// making, or else `present`: at first, and where somebody was there since.
    fn found(remembered: Option<&Self>, present: &T) -> T {
        let ours = remembered.filter(|it| it.made(present));
        ours.map_or(present, |it| &it.found).clone()
    }

    /// The change of what was `found` to `set`.
    fn next(remembered: Option<&Self>, present: &T, found: T, set: T) -> Self {
        let replaced = match remembered.filter(|it| it.made(present)) {
            Some(ours) if *present == set => ours.replaced.clone(),
            Some(_) => Some(present.clone()),
            None => None,
        };
        Self {
            found,
            set,
            replaced,
        }
    }

    /// What has to be set so that nothing of the stack is left; `None` where
    /// `present` is that already, or is of somebody else's making.
    fn undo(&self, present: &T) -> Option<&T> {
        (self.made(present) && self.found != *present).then_some(&self.found)
    }
}

/// A resource that is a change of a setting: made while the resource is there.
#[derive(Debug)]
pub(crate) struct AccountSetting<T, S, M> {
    /// The setting.
    pub(crate) setting: S,
    /// Where is remembered what it was.
    pub(crate) memory: M,
    /// What it has to be, made of what was found and what is asked for.
    pub(crate) wanted: fn(T, &Request) -> Result<T, Failure>,
    /// What the resource tells of the setting.
    pub(crate) attributes: fn(&T) -> Attributes,
}

impl<T, S, M> Maker for AccountSetting<T, S, M>
where
    T: Clone + Eq + fmt::Debug + Send + Sync,
    S: Setting<T> + fmt::Debug + Send,
    M: Memory<Change<T>> + fmt::Debug + Send,
{
    fn make<'a>(&'a self, request: &'a Request) -> Making<'a> {
        Box::pin(async move {
            match request.kind {
                Kind::Create | Kind::Update => {
                    let wanted = |found| (self.wanted)(found, request);
                    let set = change(&self.setting, &self.memory, wanted).await?;
                    Ok((self.attributes)(&set))
                }
                Kind::Delete => {
                    undo(&self.setting, &self.memory).await?;
                    Ok(Attributes::new())
                }
            }
        })
    }
}

/// Makes the setting what `wanted` makes of the one that was found, and says what
/// that is.
///
/// Repeated, also after a failure at any point, it changes nothing any more.
pub(crate) async fn change<T: Clone + Eq + Send + Sync>(
    setting: &impl Setting<T>,
    memory: &impl Memory<Change<T>>,
    wanted: impl Fn(T) -> Result<T, Failure> + Send,
) -> Result<T, Failure> {
    let (remembered, entry) = memory.get().await?.unzip();
    let present = setting.get().await?;
    let found = Change::found(remembered.as_ref(), &present);
    let set = wanted(found.clone())?;
    let next = Change::next(remembered.as_ref(), &present, found, set);
    if remembered.as_ref() != Some(&next) {
        memory.put(entry.as_ref(), &next).await?;
    }
    if next.set != present {
        setting.set(&next.set).await?;
    }
    Ok(next.set)
}

/// Puts the setting back to what was found, if it is still what was set.
///
/// Repeated, or without a change before, it changes nothing.
pub(crate) async fn undo<T: Clone + Eq + Send + Sync>(
    setting: &impl Setting<T>,
    memory: &impl Memory<Change<T>>,
) -> Result<(), StoreError> {
    let Some((change, entry)) = memory.get().await? else {
        return Ok(());
    };
    let present = setting.get().await?;
    if let Some(found) = change.undo(&present) {
        setting.set(found).await?;
    }
    memory.delete(&entry).await
}

#[cfg(test)]
mod tests;
