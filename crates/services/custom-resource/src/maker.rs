//! What a kind of resource is to the handler.

use std::fmt;
use std::pin::Pin;

use domain::store::StoreError;

use crate::answer::Attributes;
use crate::request::Request;

/// Makes, changes and deletes the resources of one kind.
///
/// Every request may come again, also after it has failed half way, and a
/// resource may be deleted that was never made: a rollback.
pub(crate) trait Maker: fmt::Debug + Send + Sync {
    /// Does what CloudFormation asks for.
    fn make<'a>(&'a self, request: &'a Request) -> Making<'a>;
}

/// What a [`Maker`] is doing.
pub(crate) type Making<'a> = Pin<Box<dyn Future<Output = Result<Attributes, Failure>> + Send + 'a>>;

/// Why there is no resource.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// A service of AWS did not do its part; it is asked again.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is asked for cannot be made, however often one tries. The text is for
    /// whoever deploys: what is wrong and what would be right.
    #[error("{0}")]
    Refused(String),
}
