//! `Custom::Uuid`: a random UUID, drawn once and the same for the life of the
//! stack.

use std::fmt;

use contract::resource;
use domain::store::StoreError;
use uuid::Uuid;

use crate::answer::Attributes;
use crate::maker::{Maker, Making};
use crate::memory::Memory;
use crate::request::{Kind, Request};

/// Name of the row that keeps it.
pub(crate) const ROW: &str = "uuid";

/// Draws it, and keeps it.
#[derive(Debug)]
pub(crate) struct DrawUuid<M>(pub(crate) M);

impl<M: Memory<String> + fmt::Debug + Send> Maker for DrawUuid<M> {
    fn make<'a>(&'a self, request: &'a Request) -> Making<'a> {
        Box::pin(async move {
            match request.kind {
                Kind::Create | Kind::Update => {
                    let uuid = drawn(&self.0).await?;
                    Ok(Attributes::from([(resource::UUID, uuid)]))
                }
                Kind::Delete => {
                    forget(&self.0).await?;
                    Ok(Attributes::new())
                }
            }
        })
    }
}

/// The UUID that is kept, or a new one. Of two that are drawn at once the first
/// is kept, and the other one is an error, after which it is found.
async fn drawn(memory: &impl Memory<String>) -> Result<String, StoreError> {
    if let Some((uuid, _)) = memory.get().await? {
        return Ok(uuid);
    }
    let uuid = Uuid::new_v4().to_string();
    memory.put(None, &uuid).await?;
    Ok(uuid)
}

async fn forget(memory: &impl Memory<String>) -> Result<(), StoreError> {
    match memory.get().await? {
        Some((_, entry)) => memory.delete(&entry).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
