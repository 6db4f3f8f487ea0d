//! One deleted registration in, its unread events suppressed.

use domain::device::{Leftovers, tidy};
use domain::event::{SingleEvents, Timelines};
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, LambdaEvent};
use runtime::Chain;
use tracing::info;

/// Translates one request into one domain call. A failure is repeated by
/// Lambda, and goes on where this one ended.
pub(crate) async fn handle(
    events: &(impl Timelines + SingleEvents),
    event: LambdaEvent<Leftovers>,
) -> Result<(), Diagnostic> {
    let leftovers = event.payload;
    match tidy(events, &leftovers, Timestamp::now()).await {
        Ok(suppressed) => {
            let device = &leftovers.device;
            info!(device.id = %device, user.id = %leftovers.user, events = suppressed,
                "suppressed {suppressed} unread events of deleted device `{device}`");
            Ok(())
        }
        Err(err) => Err(Diagnostic {
            error_type: "AlertCleanupFailure".to_owned(),
            error_message: Chain(&err).to_string(),
        }),
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
        handle(&events, event).await.unwrap();
        assert!(events.records().iter().all(|it| it.event.suppress));
    }
}
