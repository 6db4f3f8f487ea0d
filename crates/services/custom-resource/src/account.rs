//! A setting of the whole account that a stack changes while it is there.
//!
//! Others in the account may use the setting as well. So what was found is
//! remembered before anything is changed, and comes back when the stack goes,
//! unless somebody has changed the setting meanwhile: then it is theirs.

use std::fmt;

use adapters::{DynamoFound, Found};
use domain::store::StoreError;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::answer::Attributes;
use crate::maker::{Maker, Making};
use crate::request::{Kind, Request};

/// The setting.
pub(crate) trait Setting<T>: Sync {
    /// What it is at present.
    fn get(&self) -> impl Future<Output = Result<T, StoreError>> + Send;

    /// Replaces it.
    fn set(&self, value: &T) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Where the stack remembers what it found. It outlives the function.
pub(crate) trait Memory<T>: Sync {
    /// What is remembered, with what tells that it has not changed since.
    type Entry: Send + Sync;

    /// The entry, if there is one.
    fn get(&self) -> impl Future<Output = Result<Remembered<T, Self::Entry>, StoreError>> + Send;

    /// Writes the entry; an error if it is not as it was `before`.
    fn put(
        &self,
        before: Option<&Self::Entry>,
        after: &Change<T>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Deletes the entry; an error if it is not as it was `before`.
    fn delete(&self, before: &Self::Entry) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What is remembered, if anything is, with its entry.
pub(crate) type Remembered<T, E> = Option<(Change<T>, E)>;

/// What the stack found, and what it made of that.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Change<T> {
    pub(crate) found: T,
    pub(crate) set: T,
}

impl<T: Clone + Eq> Change<T> {
    /// The change to `wanted` from `present`, which is what the stack itself has
    /// made, or else what it finds: at first, and where somebody was there since.
    fn next(remembered: Option<&Self>, present: &T, wanted: T) -> Self {
        let ours = remembered.filter(|it| it.set == *present);
        Self {
            found: ours.map_or(present, |it| &it.found).clone(),
            set: wanted,
        }
    }

    /// What has to be set so that nothing of the stack is left; `None` where
    /// `present` is that already, or is of somebody else's making.
    fn undo(&self, present: &T) -> Option<&T> {
        (self.set == *present && self.found != *present).then_some(&self.found)
    }
}

/// A resource that is a change of a setting: made while the resource is there.
#[derive(Debug)]
pub(crate) struct AccountSetting<T, S, M> {
    /// The setting.
    pub(crate) setting: S,
    /// Where is remembered what it was.
    pub(crate) memory: M,
    /// What it has to be, made of what it is.
    pub(crate) wanted: fn(T) -> T,
}

impl<T, S, M> Maker for AccountSetting<T, S, M>
where
    T: Clone + Eq + fmt::Debug + Send + Sync,
    S: Setting<T> + fmt::Debug + Send,
    M: Memory<T> + fmt::Debug + Send,
{
    fn make<'a>(&'a self, request: &'a Request) -> Making<'a> {
        Box::pin(async {
            match request.kind {
                Kind::Create | Kind::Update => {
                    change(&self.setting, &self.memory, self.wanted).await?;
                }
                Kind::Delete => undo(&self.setting, &self.memory).await?,
            }
            Ok(Attributes::new())
        })
    }
}

/// A row of the Settings table.
impl<T> Memory<T> for DynamoFound<Change<T>>
where
    T: Clone + DeserializeOwned + Send + Serialize + Sync,
{
    type Entry = Found<Change<T>>;

    async fn get(&self) -> Result<Remembered<T, Self::Entry>, StoreError> {
        let found = Self::get(self).await?;
        Ok(found.map(|it| (it.value.clone(), it)))
    }

    async fn put(&self, before: Option<&Self::Entry>, after: &Change<T>) -> Result<(), StoreError> {
        Self::put(self, before, after, Timestamp::now()).await
    }

    async fn delete(&self, before: &Self::Entry) -> Result<(), StoreError> {
        Self::delete(self, before).await
    }
}

/// Makes the setting what `wanted` makes of the present one.
///
/// Repeated, also after a failure at any point, it changes nothing any more.
pub(crate) async fn change<T: Clone + Eq + Send + Sync>(
    setting: &impl Setting<T>,
    memory: &impl Memory<T>,
    wanted: impl Fn(T) -> T + Send,
) -> Result<(), StoreError> {
    let (remembered, entry) = memory.get().await?.unzip();
    let present = setting.get().await?;
    let next = Change::next(remembered.as_ref(), &present, wanted(present.clone()));
    if remembered.as_ref() != Some(&next) {
        memory.put(entry.as_ref(), &next).await?;
    }
    if next.set != present {
        setting.set(&next.set).await?;
    }
    Ok(())
}

/// Puts the setting back to what was found, if it is still what was set.
///
/// Repeated, or without a change before, it changes nothing.
pub(crate) async fn undo<T: Clone + Eq + Send + Sync>(
    setting: &impl Setting<T>,
    memory: &impl Memory<T>,
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
