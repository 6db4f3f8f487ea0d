//! The next invocation of a function that has not come to an end.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use domain::store::StoreError;

use crate::aws::failed;

/// Invokes a function asynchronously.
#[derive(Clone, Debug)]
pub struct LambdaSuccessor {
    client: Client,
    function: String,
}

impl LambdaSuccessor {
    /// Invokes `function`, a name or an ARN.
    #[must_use]
    pub fn new(client: Client, function: String) -> Self {
        Self { client, function }
    }

    /// Hands it an event.
    ///
    /// # Errors
    ///
    /// When Lambda does not take it.
    pub async fn invoke(&self, event: String) -> Result<(), StoreError> {
        self.client
            .invoke()
            .function_name(&self.function)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(event))
            .send()
            .await
            .map_err(|err| failed("hand over to the next invocation", err))?;
        Ok(())
    }
}
