//! The products of a fleet in the Reference table.

use std::sync::Arc;

use anyhow::{Context, Result};
use aws_sdk_dynamodb::Client;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::aws::Account;
use crate::product;
use crate::serial::Serial;

/// Rows under way at once. Each is written on its own: writing many at once
/// replaces rows, and with them who owns a product.
const AT_ONCE: usize = 32;

/// Adds a row of `model` for each of `serials`.
///
/// # Errors
///
/// When a row cannot be written.
pub(crate) async fn add(
    aws: &Account,
    table: &str,
    serials: &[Serial],
    model: &str,
    done: impl Fn(),
) -> Result<()> {
    let client = Client::new(&aws.clone().load().await?);
    let gate = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for serial in serials {
        let (client, gate, serial) = (client.clone(), Arc::clone(&gate), serial.clone());
        let (table, model) = (table.to_owned(), model.to_owned());
        tasks.spawn(async move {
            let _permit = gate.acquire().await?;
            product::put(&client, &table, &serial, &model, None)
                .await
                .with_context(|| format!("could not add {serial}"))
        });
    }
    while let Some(added) = tasks.join_next().await {
        added??;
        done();
    }
    Ok(())
}
