//! Where the account's broker is.

use aws_sdk_iot::Client;
use domain::store::StoreError;

use crate::aws::{failed, unreadable};

/// The endpoint for data whose certificate Amazon's own root has signed; the
/// older one, without `ATS`, is not trusted by devices any more.
const DATA: &str = "iot:Data-ATS";

/// The broker of the account that `client` works in.
#[derive(Clone, Debug)]
pub struct IotEndpoint {
    client: Client,
}

impl IotEndpoint {
    /// The broker behind `client`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Its host name, which never changes; with a port where that is not 443.
    ///
    /// # Errors
    ///
    /// When IoT Core does not answer, or answers without an address.
    pub async fn address(&self) -> Result<String, StoreError> {
        const OPERATION: &str = "read the address of the broker";
        let found = self.client.describe_endpoint().endpoint_type(DATA).send();
        let found = found.await.map_err(|err| failed(OPERATION, err))?;
        found
            .endpoint_address
            .ok_or_else(|| unreadable(OPERATION, "the answer has no endpointAddress"))
    }
}
