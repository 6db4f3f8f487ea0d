//! What devices have measured, asked of Athena.
//!
//! A question waits for its answer here, because most take a second or two. Who asks
//! the same again within a few minutes gets the same answer, at no cost.

mod answer;
mod question;

use std::time::{Duration, Instant};

use aws_sdk_athena::Client;
use aws_sdk_athena::types::{
    QueryExecutionContext, QueryExecutionState, ResultReuseByAgeConfiguration,
    ResultReuseConfiguration, Row,
};
use domain::store::{Cause, StoreError};
use domain::telemetry::history::{Found, Histories, Question};

use crate::aws::{failed, unreadable};

const OPERATION: &str = "look up measurements";

/// How old an answer may be that is given again. Files come no more often.
const REUSED_MINUTES: i32 = 5;

/// Pause before the first look whether the answer is there, and by how much the
/// next ones are longer.
const FIRST_PAUSE: Duration = Duration::from_millis(150);
const LONGER: f64 = 1.5;
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The dataset of telemetry, behind a work group of Athena.
#[derive(Clone, Debug)]
pub struct AthenaHistories {
    client: Client,
    work_group: String,
    database: String,
    patience: Duration,
}

impl AthenaHistories {
    /// Asks `database` in `work_group`, and waits for as long as `patience` lasts.
    /// A question that takes longer goes on, so that its answer may be there when
    /// somebody asks again.
    #[must_use]
    pub fn new(client: Client, work_group: String, database: String, patience: Duration) -> Self {
        Self {
            client,
            work_group,
            database,
            patience,
        }
    }

    async fn start(&self, query: String) -> Result<String, StoreError> {
        let reuse = ResultReuseByAgeConfiguration::builder()
            .enabled(true)
            .max_age_in_minutes(REUSED_MINUTES)
            .build();
        let context = QueryExecutionContext::builder().database(&self.database);
        let started = self
            .client
            .start_query_execution()
            .query_string(query)
            .work_group(&self.work_group)
            .query_execution_context(context.build())
            .result_reuse_configuration(
                ResultReuseConfiguration::builder()
                    .result_reuse_by_age_configuration(reuse)
                    .build(),
            )
            .send()
            .await
            .map_err(|err| failed(OPERATION, err))?;
        started
            .query_execution_id
            .ok_or_else(|| unreadable(OPERATION, "Athena names no query"))
    }

    /// Waits for the end of the query `id`; whether it has an answer.
    async fn end(&self, id: &str) -> Result<bool, StoreError> {
        let started = Instant::now();
        let mut pause = FIRST_PAUSE;
        while started.elapsed() < self.patience {
            tokio::time::sleep(pause).await;
            pause = pause.mul_f64(LONGER).min(LONGEST_PAUSE);
            let found = self
                .client
                .get_query_execution()
                .query_execution_id(id)
                .send()
                .await
                .map_err(|err| failed(OPERATION, err))?;
            let status = found.query_execution.and_then(|it| it.status);
            let status = status.ok_or_else(|| unreadable(OPERATION, "a query has no status"))?;
            match status.state {
                Some(QueryExecutionState::Succeeded) => return Ok(true),
                // What the work group does to a question over its limit.
                Some(QueryExecutionState::Cancelled) => return Ok(false),
                Some(QueryExecutionState::Failed) => {
                    return Err(broke(status.state_change_reason.unwrap_or_default()));
                }
                _ => {}
            }
        }
        Err(StoreError {
            operation: OPERATION,
            cause: Cause::Busy,
            source: format!("the query {id} is still running").into(),
        })
    }

    /// All rows after that with the names.
    async fn rows(&self, id: &str) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        let mut next = None;
        loop {
            let page = self
                .client
                .get_query_results()
                .query_execution_id(id)
                .set_next_token(next)
                .send()
                .await
                .map_err(|err| failed(OPERATION, err))?;
            rows.extend(page.result_set.and_then(|it| it.rows).unwrap_or_default());
            next = page.next_token;
            if next.is_none() {
                return Ok(rows.into_iter().skip(1).collect());
            }
        }
    }
}

impl Histories for AthenaHistories {
    async fn ask(&self, question: &Question) -> Result<Found, StoreError> {
        let id = self.start(question::sql(question)).await?;
        if !self.end(&id).await? {
            return Ok(Found::TooMuch);
        }
        let rows = self.rows(&id).await?;
        let points = rows.into_iter().map(|row| {
            let values = row.data.unwrap_or_default().into_iter();
            let values = values.map(|it| it.var_char_value).collect();
            answer::point(&question.fields, values).map_err(|err| unreadable(OPERATION, err))
        });
        points.collect::<Result<_, _>>().map(Found::Points)
    }
}

/// Of these a repetition may succeed; the others are mistakes of ours.
const PASSING: [&str; 3] = [
    "Query exhausted resources",
    "Rate exceeded",
    "Please reduce your request rate",
];

fn broke(reason: String) -> StoreError {
    let passing = PASSING.iter().any(|it| reason.contains(it));
    StoreError {
        operation: OPERATION,
        cause: match passing {
            true => Cause::Busy,
            false => Cause::Broken,
        },
        source: reason.into(),
    }
}
