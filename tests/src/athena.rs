//! The dataset of telemetry, as an analyst asks it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use aws_sdk_athena::types::{QueryExecutionContext, QueryExecutionState, Row};
use contract::output;

use crate::{Stack, eventually};

/// A row of an answer: values by column, without those that are null.
pub type Found = BTreeMap<String, String>;

impl Stack {
    /// What Athena answers to `query`, in the stack's own work group.
    ///
    /// # Errors
    ///
    /// When the query fails, or is not done within a minute.
    pub async fn ask(&self, query: &str) -> Result<Vec<Found>> {
        let database = self.output(output::TELEMETRY_DATABASE);
        let context = QueryExecutionContext::builder().database(database);
        let started = self
            .athena
            .start_query_execution()
            .query_string(query)
            .work_group(self.output(output::TELEMETRY_WORK_GROUP))
            .query_execution_context(context.build())
            .send()
            .await?;
        let id = started
            .query_execution_id
            .context("a query without an id")?;
        eventually("the end of a query", async || {
            let found = self
                .athena
                .get_query_execution()
                .query_execution_id(&id)
                .send()
                .await?;
            let status = found.query_execution.and_then(|it| it.status);
            let status = status.context("a query without a status")?;
            Ok(match status.state {
                Some(QueryExecutionState::Succeeded) => Some(Ok(())),
                Some(QueryExecutionState::Failed) => Some(Err(status.state_change_reason)),
                _ => None,
            })
        })
        .await?
        .map_err(|reason| anyhow::anyhow!("{query}: {}", reason.unwrap_or_default()))?;
        self.answer(&id).await
    }

    /// The first thousand rows.
    async fn answer(&self, id: &str) -> Result<Vec<Found>> {
        let found = self
            .athena
            .get_query_results()
            .query_execution_id(id)
            .send()
            .await?;
        let rows = found.result_set.and_then(|it| it.rows).unwrap_or_default();
        let mut rows = rows.into_iter().map(values);
        let Some(names) = rows.next() else {
            bail!("an answer without names of columns")
        };
        let row = |values: Vec<Option<String>>| {
            let named = names.iter().zip(values);
            named
                .filter_map(|(name, value)| Some((name.clone()?, value?)))
                .collect()
        };
        Ok(rows.map(row).collect())
    }
}

fn values(row: Row) -> Vec<Option<String>> {
    let values = row.data.unwrap_or_default().into_iter();
    values.map(|it| it.var_char_value).collect()
}
