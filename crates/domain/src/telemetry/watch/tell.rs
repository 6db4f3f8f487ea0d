//! Tells owners: events on the timeline, their alerts, and commands to the device.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Finding, Owed, Sample, Told, Watch};
use crate::alert::{AlertRequests, Request};
use crate::command::{Ordered, Orders, Wanted};
use crate::event::{Event, EventId, EventType, Events, Insertion, Message, Record};
use crate::id::MessageId;
use crate::model::{Refused, Side};
use crate::store::StoreError;
use crate::telemetry::threshold::{Crossing, FRESH};

/// By what owners are reached; none where its component is not deployed.
#[derive(Debug)]
pub struct Reach<'a, E, A, C> {
    /// Timelines, and who sends alerts.
    pub events: Option<(&'a E, &'a A)>,
    /// Who sends commands.
    pub orders: Option<&'a C>,
}

/// Makes events and commands of what was found.
pub(super) struct Teller<'a, E, A, C> {
    pub(super) reach: Reach<'a, E, A, C>,
    pub(super) random: &'a (dyn Fn() -> Uuid + Sync),
    pub(super) now: Timestamp,
}

impl<E: Events, A: AlertRequests, C: Orders> Teller<'_, E, A, C> {
    /// Stores the event of each thing that was found, unless it is there, and asks for
    /// its alert; then sends what commands are owed. Those that could not be sent.
    pub(super) async fn tell(
        &self,
        of: &Sample,
        known: &Watch,
        told: &mut Told,
    ) -> Result<Vec<Owed>, StoreError> {
        for record in known
            .found
            .iter()
            .filter_map(|it| anomaly(of, it, self.now))
        {
            told.anomalies += usize::from(self.store(record).await?);
        }
        for record in known
            .crossed
            .iter()
            .filter_map(|it| crossing(of, it, self.now))
        {
            told.crossings += usize::from(self.store(record).await?);
        }
        let mut unsent = Vec::new();
        for owed in &known.owed {
            if let Err(err) = self.send(of, owed, told).await {
                told.failed.push(err);
                unsent.push(owed.clone());
            }
        }
        Ok(unsent)
    }

    /// Whether the event is new.
    async fn store(&self, record: Record) -> Result<bool, StoreError> {
        let Some((events, alerts)) = self.reach.events else {
            return Ok(false);
        };
        let (event, is_new): (Event, _) = match events.insert(&record).await? {
            Insertion::New => (record.event, true),
            Insertion::Known(event) => (*event, false),
        };
        let request = Request::of(&event, (self.random)());
        alerts.request(&request).await?;
        Ok(is_new)
    }

    /// Sends a command, unless that has waited for too long, or the owner has switched the
    /// threshold off meanwhile.
    async fn send(&self, of: &Sample, owed: &Owed, told: &mut Told) -> Result<(), StoreError> {
        let threshold = of.rules.thresholds.get(&owed.threshold);
        let notice = threshold.and_then(|it| it.notice(owed.to));
        let order = notice.and_then(|it| it.order.as_ref());
        let is_late = self.now.duration_since(owed.id.time()) > FRESH;
        let (Some(orders), Some(order), false) = (self.reach.orders, order, is_late) else {
            return Ok(());
        };
        let details = json!({
            "code": "threshold",
            "field": of.field,
            "name": owed.threshold,
            "state": owed.to,
        });
        let wanted = Wanted::new(order.command.clone(), order.value.clone(), object(details));
        let ordered = match wanted {
            Ok(wanted) => orders.order(&of.owner, &of.device, wanted, owed.id, self.now),
            Err(err) => {
                told.refused.push(Refused::Value(err.to_string()));
                return Ok(());
            }
        };
        match ordered.await? {
            Ordered::Sent => told.commands += 1,
            Ordered::Refused(err) => told.refused.push(err),
            Ordered::Over => {}
        }
        Ok(())
    }
}

/// The event of an unlikely value; its id is one that no device can make up.
fn anomaly(of: &Sample, finding: &Finding, now: Timestamp) -> Option<Record> {
    let field = &of.field;
    // Of the longest field the end, so that the id stays within its length.
    let tail = field.len().saturating_sub(80);
    let id = MessageId::new(format!("anomaly-{}-{}", field.get(tail..)?, finding.at)).ok()?;
    let message = Message {
        event_type: EventType::Warning,
        text: format!("`{field}` is unusual"),
        value: Some(Value::from(finding.value)),
        details: object(json!({
            "code": "anomaly",
            "field": field,
            "value": finding.value,
            "lower": finding.lower,
            "upper": finding.upper,
        })),
        timestamp: Some(finding.at),
        sent_at: None,
        id,
    };
    Some(record(of, message, now))
}

/// The event of a side that was reached, as the model wants it told.
fn crossing(of: &Sample, crossing: &Crossing, now: Timestamp) -> Option<Record> {
    let (field, name, at) = (&of.field, &crossing.name, crossing.at);
    let threshold = of.rules.thresholds.get(name);
    let notice = threshold.and_then(|it| it.notice(crossing.to))?;
    // Names may be long, and an id is not: one of the same length for all of them.
    let whole = format!("{field}#{name}#{at}");
    let id = Uuid::new_v5(&of.owner.registration.0, whole.as_bytes());
    let message = Message {
        event_type: notice.event_type,
        text: notice
            .message
            .clone()
            .unwrap_or_else(|| text(field, crossing)),
        value: Some(Value::from(crossing.value)),
        details: object(json!({
            "code": "threshold",
            "field": field,
            "name": name,
            "state": crossing.to,
            "value": crossing.value,
            "above": crossing.above,
            "below": crossing.below,
            "seconds": crossing.seconds,
            "since": crossing.since,
        })),
        timestamp: Some(at),
        sent_at: None,
        id: MessageId::new(format!("threshold-{id}")).ok()?,
    };
    Some(record(of, message, now))
}

/// What a model without a text for it says.
fn text(field: &str, crossing: &Crossing) -> String {
    let (is, limit) = match crossing.to {
        Side::High => ("over", crossing.above),
        Side::Low => ("under", crossing.below),
    };
    match crossing.seconds {
        0 => format!("`{field}` is {is} {limit}"),
        seconds => format!("`{field}` has been {is} {limit} for {seconds} s"),
    }
}

fn record(of: &Sample, message: Message, now: Timestamp) -> Record {
    let id = EventId::of_presence(of.owner.registration, &message.id);
    let mut record = Record::new(of.owner.clone(), of.device.clone(), message, now);
    record.event.id = id;
    record
}

fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}
