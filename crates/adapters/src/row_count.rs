//! About how many rows a table has.

use aws_sdk_dynamodb::Client;
use domain::store::StoreError;

use crate::aws::{failed, unreadable};

/// The tables of the account that `client` works in.
#[derive(Clone, Debug)]
pub struct DynamoRowCount {
    client: Client,
}

impl DynamoRowCount {
    /// The tables behind `client`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The number of rows of `table`, some six hours old: `DynamoDB` counts them
    /// that often. To count them ourselves would read them all.
    ///
    /// # Errors
    ///
    /// When `DynamoDB` does not answer, or answers without the number.
    pub async fn of(&self, table: &str) -> Result<u64, StoreError> {
        const OPERATION: &str = "read the number of rows";
        let read = self.client.describe_table().table_name(table).send().await;
        let read = read.map_err(|err| failed(OPERATION, err))?;
        let count = read.table.and_then(|it| it.item_count);
        count
            .and_then(|it| u64::try_from(it).ok())
            .ok_or_else(|| unreadable(OPERATION, "the answer has no ItemCount"))
    }
}
