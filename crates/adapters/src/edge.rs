//! What CloudFront keeps of a site at its edges.

use aws_sdk_cloudfront::Client;
use aws_sdk_cloudfront::types::{InvalidationBatch, Paths};
use domain::store::StoreError;

use crate::aws::{failed, unreadable};

/// The distributions that `client` may refresh.
#[derive(Clone, Debug)]
pub struct CloudFrontEdge {
    client: Client,
}

impl CloudFrontEdge {
    /// The distributions behind `client`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Has `paths` of a distribution fetched anew; it takes a minute or so.
    ///
    /// The same `reference` again, with the same paths, is the same order.
    ///
    /// # Errors
    ///
    /// When CloudFront does not take the order.
    pub async fn refresh(
        &self,
        distribution: &str,
        paths: &[String],
        reference: &str,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "refresh the console at the edges of CloudFront";
        let quantity = i32::try_from(paths.len()).map_err(|err| unreadable(OPERATION, err))?;
        let paths = Paths::builder()
            .quantity(quantity)
            .set_items(Some(paths.to_vec()))
            .build()
            .map_err(|err| unreadable(OPERATION, err))?;
        let batch = InvalidationBatch::builder()
            .paths(paths)
            .caller_reference(reference)
            .build()
            .map_err(|err| unreadable(OPERATION, err))?;
        self.client
            .create_invalidation()
            .distribution_id(distribution)
            .invalidation_batch(batch)
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        Ok(())
    }
}
