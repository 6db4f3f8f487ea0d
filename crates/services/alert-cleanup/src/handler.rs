//! One deleted registration in, its unread events suppressed.

use std::time::Duration;

use contract::metric;
use domain::device::{Leftovers, tidy};
use domain::event::{STORED_WITHIN, SingleEvents, Timelines};
use domain::store::StoreError;
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use runtime::Chain;
use tracing::info;

/// Until the last event has come that was on its way when the device was
/// deleted, and the index shows it.
pub(crate) const PAUSE: Duration = STORED_WITHIN.saturating_add(Duration::from_secs(1));

/// Translates one request into domain calls: one at once, and one after `pause`
/// for what came meanwhile. A failure is repeated by Lambda.
pub(crate) async fn handle(
    events: &(impl Timelines + SingleEvents),
    pause: Duration,
    event: LambdaEvent<Leftovers>,
) -> Result<(), Diagnostic> {
    let leftovers = event.payload;
    let tidy = async || tidy(events, &leftovers, Timestamp::now()).await;
    let both = async {
        let suppressed = tidy().await?;
        tokio::time::sleep(pause).await;
        Ok(suppressed + tidy().await?)
    };
    match both.await {
        Ok(suppressed) => {
            let device = &leftovers.device;
            runtime::count_many(metric::NAMESPACE, metric::ALERT_SUPPRESSED, suppressed);
            info!(device.id = %device, user.id = %leftovers.user, events = suppressed,
                "suppressed {suppressed} unread events of deleted device `{device}`");
            Ok(())
        }
        Err(err) => Err(failure(&err)),
    }
}

fn failure(err: &StoreError) -> Diagnostic {
    Diagnostic {
        error_type: "AlertCleanupFailure".to_owned(),
        error_message: Chain(err).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use domain::event::Events;
    use domain::memory::{MemoryEvents, record};
    use lambda_runtime::Context;

    use super::*;

    #[tokio::test]
    async fn a_request_as_device_sends_it_is_understood_and_done() {
        let events = MemoryEvents::default();
        events
            .insert(&record("anna", "SN-1", "m-1", 7))
            .await
            .unwrap();
        let request = include_str!("../fixtures/request.json");
        let request: Leftovers = serde_json::from_str(request).unwrap();
        let written = serde_json::to_value(&request).unwrap();
        let read: serde_json::Value =
            serde_json::from_str(include_str!("../fixtures/request.json")).unwrap();
        assert_eq!(written, read);

        let event = LambdaEvent::new(request, Context::default());
        // One is stored between the two looks.
        let late = async {
            tokio::task::yield_now().await;
            let late = record("anna", "SN-1", "m-2", 8);
            events.insert(&late).await.unwrap();
        };
        let pause = Duration::from_millis(50);
        let (handled, ()) = tokio::join!(handle(&events, pause, event), late);
        handled.unwrap();
        let records = events.records();
        assert_eq!(records.len(), 2);
        assert!(records.iter().all(|it| it.event.suppress));
    }
}
