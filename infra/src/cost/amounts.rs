//! How much of each item: of one operation, or of a month.

use std::collections::BTreeMap;

use super::item::Item;
use super::metering;
use crate::function::MEMORY;

/// Microseconds that a call of AWS takes as a function sees it, within a
/// region: DynamoDB answers in 3 to 8 ms.
const CALL: u64 = 7_000;
/// Microseconds of each invocation for starts, which are billed as well: one in
/// a hundred, at about 100 ms with the share of a processor that 256 MB have.
const STARTS: u64 = 1_000;
/// Bytes that an invocation writes into its log, as JSON: the platform's lines
/// of start and end, one of ours, and a metric.
const LOG: u128 = 1_100;

/// Amounts by item, in what [`Item::facts`] says is counted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Amounts(BTreeMap<Item, u128>);

impl Amounts {
    /// How much there is of `item`.
    #[must_use]
    pub fn of(&self, item: Item) -> u128 {
        self.0.get(&item).copied().unwrap_or_default()
    }

    /// What there is, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = (Item, u128)> {
        self.0.iter().map(|(item, amount)| (*item, *amount))
    }

    /// `amount` more of `item`.
    #[must_use]
    pub fn with(mut self, item: Item, amount: u128) -> Self {
        if amount > 0 {
            *self.0.entry(item).or_default() += amount;
        }
        self
    }

    /// `others` beside it, as often as `times` says.
    #[must_use]
    pub fn and(self, others: &Self, times: u128) -> Self {
        others
            .iter()
            .fold(self, |all, (item, amount)| all.with(item, amount * times))
    }

    /// An MQTT message of `bytes` with its topic, in or out.
    #[must_use]
    pub fn message(self, bytes: u64) -> Self {
        self.with(Item::IotMessages, metering::iot_messages(bytes))
    }

    /// A message of `bytes` that a rule looks at, and `actions` that it takes.
    #[must_use]
    pub fn rule(self, bytes: u64, actions: u128) -> Self {
        let messages = metering::iot_messages(bytes);
        self.with(Item::IotRules, messages)
            .with(Item::IotActions, messages * actions)
    }

    /// An access to a shadow, or to the registry, of `bytes`.
    #[must_use]
    pub fn shadow(self, bytes: u64) -> Self {
        self.with(Item::IotShadow, metering::iot_operations(bytes))
    }

    /// An invocation that takes `own` microseconds itself and waits `waits`
    /// times for AWS, one after the other.
    #[must_use]
    pub fn invocation(self, own: u64, waits: u64) -> Self {
        let time = metering::function_milliseconds(own + STARTS + waits * CALL);
        let memory = u128::from(MEMORY.unsigned_abs());
        self.with(Item::LambdaRequests, 1)
            .with(Item::LambdaTime, memory * time)
            .with(Item::LogIngestion, LOG)
    }

    /// An eventually consistent read of rows of `bytes` together.
    #[must_use]
    pub fn read(self, bytes: u64) -> Self {
        self.with(Item::DynamoReads, metering::half_read_units(bytes, false))
    }

    /// A consistent read of rows of `bytes` together.
    #[must_use]
    pub fn read_consistently(self, bytes: u64) -> Self {
        self.with(Item::DynamoReads, metering::half_read_units(bytes, true))
    }

    /// A row of `bytes` written to its table and to `indexes` of it.
    #[must_use]
    pub fn write(self, bytes: u64, indexes: u128) -> Self {
        self.with(
            Item::DynamoWrites,
            metering::write_units(bytes) * (1 + indexes),
        )
    }

    /// The same by a transaction, where the table counts twice.
    #[must_use]
    pub fn write_in_transaction(self, bytes: u64, indexes: u128) -> Self {
        self.with(
            Item::DynamoWrites,
            metering::write_units(bytes) * (2 + indexes),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_add_up() {
        let event = Amounts::default().message(5_121).write(1_025, 3);
        let all = Amounts::default().message(1).and(&event, 10);
        assert_eq!(all.of(Item::IotMessages), 1 + 20);
        assert_eq!(all.of(Item::DynamoWrites), 2 * 4 * 10);
        assert_eq!(all.of(Item::Alarms), 0);
        assert_eq!(Amounts::default().and(&event, 0), Amounts::default());
    }

    #[test]
    fn an_invocation_is_billed_by_memory_and_whole_milliseconds() {
        let amounts = Amounts::default().invocation(4_100, 2);
        assert_eq!(amounts.of(Item::LambdaRequests), 1);
        // 4.1 ms of its own, 1 ms for starts, two calls of 7 ms.
        assert_eq!(amounts.of(Item::LambdaTime), 256 * 20);
    }
}
