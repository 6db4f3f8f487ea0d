//! `Custom::IotEndpoint`: where the broker of the account is. There is one before
//! the stack comes and after it has gone, so nothing is made and nothing deleted.

use adapters::IotEndpoint;
use contract::resource;
use domain::store::StoreError;

use crate::answer::Attributes;
use crate::request::Kind;

/// The account's broker.
pub(crate) trait Endpoint: Sync {
    /// Its host name.
    fn address(&self) -> impl Future<Output = Result<String, StoreError>> + Send;
}

/// Does what CloudFormation asks for.
pub(crate) async fn handle(endpoint: &impl Endpoint, kind: Kind) -> Result<Attributes, StoreError> {
    match kind {
        Kind::Create | Kind::Update => {
            let address = endpoint.address().await?;
            Ok(Attributes::from([(resource::ADDRESS, address)]))
        }
        Kind::Delete => Ok(Attributes::new()),
    }
}

impl Endpoint for IotEndpoint {
    async fn address(&self) -> Result<String, StoreError> {
        Self::address(self).await
    }
}
