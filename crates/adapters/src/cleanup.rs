//! Requests to tidy up after a deleted device, handed to the function that does it.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use domain::device::{Cleanup, Leftovers};
use domain::store::StoreError;

use crate::aws::{failed, unreadable};

/// The cleaning function, invoked asynchronously: Lambda keeps the request,
/// repeats it, and in the end sends it to the function's failure destination.
#[derive(Clone, Debug)]
pub struct LambdaCleanup {
    client: Client,
    function: String,
}

impl LambdaCleanup {
    /// Invokes `function`, a name or an ARN.
    #[must_use]
    pub fn new(client: Client, function: String) -> Self {
        Self { client, function }
    }
}

impl Cleanup for LambdaCleanup {
    async fn request(&self, leftovers: &Leftovers) -> Result<(), StoreError> {
        const OPERATION: &str = "hand in a request to tidy up";
        let payload = serde_json::to_vec(leftovers).map_err(|err| unreadable(OPERATION, err))?;
        self.client
            .invoke()
            .function_name(&self.function)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(payload))
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        Ok(())
    }
}
