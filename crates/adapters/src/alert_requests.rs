//! Requests for alerts, handed to the function that sends them.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use domain::alert::{AlertRequests, Request};
use domain::store::StoreError;

use crate::aws::{failed, unreadable};

/// The alert function, invoked asynchronously: Lambda keeps the request,
/// repeats it, and in the end sends it to the function's failure destination.
#[derive(Clone, Debug)]
pub struct LambdaAlertRequests {
    client: Client,
    function: String,
}

impl LambdaAlertRequests {
    /// Invokes `function`, a name or an ARN.
    #[must_use]
    pub fn new(client: Client, function: String) -> Self {
        Self { client, function }
    }
}

impl AlertRequests for LambdaAlertRequests {
    async fn request(&self, request: &Request) -> Result<(), StoreError> {
        const OPERATION: &str = "hand in a request for an alert";
        let payload = serde_json::to_vec(request).map_err(|err| unreadable(OPERATION, err))?;
        self.client
            .invoke()
            .function_name(&self.function)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(payload))
            .customize()
            // Whoever repeats it makes a new claim for it.
            .config_override(
                aws_sdk_lambda::config::Builder::new().retry_config(RetryConfig::disabled()),
            )
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        Ok(())
    }
}
