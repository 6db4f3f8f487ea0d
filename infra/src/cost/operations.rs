//! What each thing that happens takes: the calls of `docs/data-model.md`, with
//! the sizes of rows and messages.

use super::amounts::Amounts;
use super::item::Item;
use super::metering;

/// Bytes of a topic.
const TOPIC: u64 = 60;
/// Bytes of a registration with its copy of a model, the sample thermostat's.
pub(super) const REGISTRATION: u64 = 2_000;
/// Bytes of a manufactured product with its model.
pub(super) const PRODUCT: u64 = 2_000;
/// Bytes of an event beside what the device said.
const EVENT: u64 = 700;
/// Bytes of a command.
pub(super) const COMMAND: u64 = 900;
/// Bytes of a user's settings.
const SETTINGS: u64 = 300;
/// Bytes of a shadow document, or of an alert.
const DOCUMENT: u64 = 1_000;
/// Indexes of Events that hold every event; `unread` holds some.
pub(super) const TIMELINES: u128 = 2;

/// Microseconds that a function computes for one row or message, with the
/// seventh of a processor that 256 MB have.
const ONE: u64 = 4_000;
/// The same for a page of rows.
const PAGE: u64 = 12_000;

/// Bytes of a device's event as a row.
pub(super) fn event_row(message: u64) -> u64 {
    EVENT + message
}

/// A device connects, subscribes, and is gone again later.
#[must_use]
pub(super) fn connection(events: bool, api: bool) -> Amounts {
    let mut amounts = Amounts::default().message(TOPIC).message(TOPIC);
    if events {
        let noted = Amounts::default()
            .rule(DOCUMENT, 1)
            .invocation(ONE, 2)
            .read(REGISTRATION)
            .write(event_row(300), TIMELINES);
        amounts = amounts.and(&noted, 2);
    }
    if api {
        amounts = amounts.with(Item::IndexUpdates, 2);
    }
    amounts
}

/// A telemetry message of `bytes`; `stored` where telemetry is deployed.
#[must_use]
pub(super) fn telemetry(bytes: u64, stored: bool) -> Amounts {
    let amounts = Amounts::default().message(bytes + TOPIC);
    if !stored {
        return amounts;
    }
    let taken = metering::stream_bytes(bytes + TOPIC);
    amounts
        .rule(bytes + TOPIC, 1)
        .with(Item::FirehoseIngestion, taken)
        .with(Item::FirehoseConversion, taken)
}

/// What a batch of telemetry takes for one device in it: whose it is and, where
/// somebody is told of unusual values, what is known of each of `watched` fields.
pub(super) fn telemetry_device(watched: u128) -> Amounts {
    let field = Amounts::default().read(SETTINGS).write(SETTINGS, 0);
    Amounts::default().read(REGISTRATION).and(&field, watched)
}

/// A device reports to its shadow: a message, the shadow, and two rules that
/// find nothing in it.
#[must_use]
pub(super) fn report(api: bool) -> Amounts {
    let amounts = Amounts::default().message(DOCUMENT).shadow(DOCUMENT);
    match api {
        true => amounts.rule(DOCUMENT, 0).rule(DOCUMENT, 0),
        false => amounts,
    }
}

/// An event whose message has `bytes`: stored, and its alert asked for.
#[must_use]
pub(super) fn event(bytes: u64) -> Amounts {
    let message = bytes + TOPIC;
    Amounts::default()
        .message(message)
        .rule(message, 1)
        .invocation(ONE, 3)
        .read(REGISTRATION)
        .write(event_row(bytes), TIMELINES + 1)
        .invocation(ONE, 1)
        .read(SETTINGS)
}

/// What an event takes more that is an alert: its claim, the console, the topic.
#[must_use]
pub(super) fn alert(bytes: u64) -> Amounts {
    // The invocation is counted with the event; this is the rest of its time.
    let rest = Amounts::default().invocation(0, 2).of(Item::LambdaTime);
    Amounts::default()
        .with(Item::LambdaTime, rest)
        .write(event_row(bytes), TIMELINES + 1)
        .message(DOCUMENT + TOPIC)
        .with(Item::SnsPublications, metering::queue_requests(DOCUMENT))
}

/// A text message, with the daily cap.
#[must_use]
pub(super) fn text_message() -> Amounts {
    Amounts::default()
        .write(SETTINGS, 0)
        .with(Item::SnsTexts, 1)
}

/// A command from the API to its outcome, with a shadow that it sets; `newest`
/// are the commands that are read to check the shadow.
#[must_use]
pub(super) fn command(newest: u64) -> Amounts {
    let sent = request(PAGE, 4, DOCUMENT)
        .read_consistently(REGISTRATION)
        .write(COMMAND, 1)
        .shadow(DOCUMENT)
        .message(DOCUMENT + TOPIC);
    // The command and the shadow's difference to the device, which confirms both.
    let heard = Amounts::default()
        .message(DOCUMENT + TOPIC)
        .message(DOCUMENT + TOPIC)
        .message(0)
        .message(0);
    let answered = Amounts::default()
        .message(DOCUMENT + TOPIC)
        .rule(DOCUMENT, 1)
        .invocation(ONE, 2)
        .read(REGISTRATION)
        .write(COMMAND, 1);
    // The change of what the device is to be is looked at, and the device
    // reports the new state.
    let looked_at = Amounts::default()
        .rule(DOCUMENT, 1)
        .rule(DOCUMENT, 0)
        .invocation(PAGE, 3)
        .read(REGISTRATION)
        .shadow(DOCUMENT)
        .read_consistently(newest * COMMAND);
    [heard, answered, looked_at, report(true)]
        .iter()
        .fold(sent, |all, part| all.and(part, 1))
}

/// The look for commands whose time is up: four queries that find nothing.
#[must_use]
pub(super) fn sweep() -> Amounts {
    Amounts::default()
        .invocation(ONE, 1)
        .read(0)
        .read(0)
        .read(0)
        .read(0)
}

/// A device is registered and let in.
#[must_use]
pub(super) fn registration() -> Amounts {
    let registered = request(ONE, 3, REGISTRATION)
        .read_consistently(PRODUCT)
        .write_in_transaction(PRODUCT, 0)
        .write_in_transaction(REGISTRATION, 1)
        .shadow(DOCUMENT)
        .with(Item::IndexUpdates, 1);
    // The first connection, the two updates of the registration, the registry.
    let let_in = Amounts::default()
        .message(TOPIC)
        .rule(DOCUMENT, 1)
        .invocation(ONE, 8)
        .read(REGISTRATION)
        .write(REGISTRATION, 1)
        .write(REGISTRATION, 1)
        .shadow(DOCUMENT)
        .shadow(DOCUMENT);
    registered.and(&let_in, 1)
}

/// An owner who looks around, ten requests in all: the number of alerts four
/// times, the list of devices twice, a device, its status, alerts and events.
#[must_use]
pub(super) fn ten_requests() -> Amounts {
    let count = request(ONE, 1, 200).read(SETTINGS).read(4_000);
    let devices = request(PAGE, 1, 4_000)
        .read(3 * REGISTRATION)
        .with(Item::IndexSearches, 1);
    let device = request(ONE, 1, REGISTRATION)
        .read(REGISTRATION)
        .with(Item::IndexSearches, 1);
    let status = request(ONE, 1, DOCUMENT)
        .read(REGISTRATION)
        .shadow(DOCUMENT)
        .with(Item::IndexSearches, 1);
    let alerts = request(PAGE, 1, 20_000)
        .read(SETTINGS)
        .read(20 * event_row(300));
    let events = request(PAGE, 1, 20_000)
        .read(REGISTRATION)
        .read(20 * event_row(300));
    Amounts::default()
        .and(&count, 4)
        .and(&devices, 2)
        .and(&device, 1)
        .and(&status, 1)
        .and(&alerts, 1)
        .and(&events, 1)
}

/// A minute of live data of one device: what arrives, with `telemetry` messages
/// of `bytes`, and a fifteenth of the request for the address in fifteenths.
#[must_use]
pub(super) fn live_minute(telemetry: u128, bytes: u64) -> Amounts {
    let one = Amounts::default()
        .message(bytes + TOPIC)
        .with(Item::Transfer, u128::from(bytes + TOPIC));
    Amounts::default()
        .with(Item::IotConnection, 1)
        .and(&one, telemetry)
}

/// The request for an address for live data, and the subscriptions.
#[must_use]
pub(super) fn live_address() -> Amounts {
    request(ONE, 2, 2_000)
        .read(REGISTRATION)
        .message(TOPIC)
        .message(8 * TOPIC)
}

/// An API request that a function answers with `bytes`.
fn request(own: u64, waits: u64, bytes: u64) -> Amounts {
    /// Bytes of a line in the access log.
    const ACCESS: u128 = 400;
    /// Bytes of headers and of TLS.
    const AROUND: u128 = 1_000;
    Amounts::default()
        .with(Item::ApiRequests, metering::api_requests(bytes))
        .with(Item::LogIngestion, ACCESS)
        .with(Item::Transfer, u128::from(bytes) + AROUND)
        .invocation(own, waits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The calls of `docs/data-model.md` in units of DynamoDB: half reads, writes.
    #[test]
    fn operations_take_what_the_data_model_says() {
        for (name, amounts, reads, writes, invocations) in [
            ("connection", connection(true, true), 2, 2 * 3, 2),
            ("event", event(300), 2, 4, 2),
            ("alert", alert(300), 0, 4, 0),
            ("command", command(100), 2 + 1 + 1 + 2 * 22, 4, 3),
            ("sweep", sweep(), 4, 0, 1),
            ("telemetry", telemetry_device(2), 3, 2, 0),
            ("registration", registration(), 2 + 1, 4 + 6 + 4 + 4, 2),
        ] {
            assert_eq!(amounts.of(Item::DynamoReads), reads, "{name}");
            assert_eq!(amounts.of(Item::DynamoWrites), writes, "{name}");
            assert_eq!(amounts.of(Item::LambdaRequests), invocations, "{name}");
        }
    }

    #[test]
    fn a_component_that_is_off_costs_nothing() {
        let idle = connection(false, false);
        assert_eq!(idle.of(Item::LambdaRequests), 0);
        assert_eq!(idle.of(Item::IndexUpdates), 0);
        assert_eq!(idle.of(Item::IotMessages), 2);
        assert_eq!(report(false).of(Item::IotRules), 0);
        assert_eq!(telemetry(300, false).of(Item::FirehoseIngestion), 0);
        assert_eq!(telemetry(300, true).of(Item::FirehoseIngestion), 5_120);
    }

    #[test]
    fn ten_requests_are_ten() {
        assert_eq!(ten_requests().of(Item::ApiRequests), 10);
        assert_eq!(ten_requests().of(Item::IndexSearches), 4);
    }
}
