//! What a stack keeps from one request to the next.

use adapters::{DynamoFound, Found};
use domain::store::StoreError;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Where the stack remembers one thing. It outlives the function.
pub(crate) trait Memory<T>: Sync {
    /// What is remembered, with what tells that it has not changed since.
    type Entry: Send + Sync;

    /// The entry, if there is one.
    fn get(&self) -> impl Future<Output = Result<Remembered<T, Self::Entry>, StoreError>> + Send;

    /// Writes the entry; an error if it is not as it was `before`.
    fn put(
        &self,
        before: Option<&Self::Entry>,
        after: &T,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Deletes the entry; an error if it is not as it was `before`.
    fn delete(&self, before: &Self::Entry) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What is remembered, if anything is, with its entry.
pub(crate) type Remembered<T, E> = Option<(T, E)>;

/// A row of the Settings table.
impl<T> Memory<T> for DynamoFound<T>
where
    T: Clone + DeserializeOwned + Send + Serialize + Sync,
{
    type Entry = Found<T>;

    async fn get(&self) -> Result<Remembered<T, Self::Entry>, StoreError> {
        let found = Self::get(self).await?;
        Ok(found.map(|it| (it.value.clone(), it)))
    }

    async fn put(&self, before: Option<&Self::Entry>, after: &T) -> Result<(), StoreError> {
        Self::put(self, before, after, Timestamp::now()).await
    }

    async fn delete(&self, before: &Self::Entry) -> Result<(), StoreError> {
        Self::delete(self, before).await
    }
}
