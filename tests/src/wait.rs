//! Waiting for what happens elsewhere.

use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use tokio::time::{Instant, sleep};

/// Generous: it ends a test that would hang, and is never what a test is about.
const DEADLINE: Duration = Duration::from_secs(60);
/// Short beside what is waited for, long beside what looking costs.
const PAUSE: Duration = Duration::from_millis(100);

/// Looks until `look` finds something.
///
/// # Errors
///
/// The last error of `look`, or that `what` did not happen within a minute.
pub async fn eventually<T>(what: &str, look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    within(DEADLINE, what, look).await
}

/// The same with a deadline that is what the test is about.
///
/// # Errors
///
/// The last error of `look`, or that `what` did not happen in time.
pub async fn within<T>(
    deadline: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let end = Instant::now() + deadline;
    loop {
        let last = match look().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => anyhow!("still not after {} s", deadline.as_secs()),
            Err(err) => err,
        };
        if Instant::now() > end {
            return Err(last).with_context(|| what.to_owned());
        }
        sleep(PAUSE).await;
    }
}

/// Gives something that must not happen the time to happen after all. Used
/// only behind a sign that everything before it was handled.
pub async fn quiet() {
    sleep(Duration::from_secs(2)).await;
}
