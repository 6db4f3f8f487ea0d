//! `Custom::IotEndpoint`: where the broker of the account is. There is one before
//! the stack comes and after it has gone, so nothing is made and nothing deleted.

use std::fmt;

use adapters::IotEndpoint;
use contract::resource;
use domain::store::StoreError;

use crate::answer::Attributes;
use crate::maker::{Maker, Making};
use crate::request::{Kind, Request};

/// The account's broker.
pub(crate) trait Endpoint: Sync {
    /// Its host name.
    fn address(&self) -> impl Future<Output = Result<String, StoreError>> + Send;
}

/// Finds the broker.
#[derive(Debug)]
pub(crate) struct FindBroker<E>(pub(crate) E);

impl<E: Endpoint + fmt::Debug + Send> Maker for FindBroker<E> {
    fn make<'a>(&'a self, request: &'a Request) -> Making<'a> {
        Box::pin(async {
            match request.kind {
                Kind::Create | Kind::Update => {
                    let address = self.0.address().await?;
                    Ok(Attributes::from([(resource::ADDRESS, address)]))
                }
                Kind::Delete => Ok(Attributes::new()),
            }
        })
    }
}

impl Endpoint for IotEndpoint {
    async fn address(&self) -> Result<String, StoreError> {
        Self::address(self).await
    }
}
