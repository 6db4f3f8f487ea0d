//! What it costs: a monthly estimate by service.
//!
//! From the inside out: [`operations`] say what a thing that happens takes (the
//! calls of `docs/data-model.md`), [`metering`] how AWS rounds, [`month`] how often
//! each happens by [`usage`] and manifest, [`prices`] are data, and the report
//! is text or JSON. All numbers are whole numbers, so the same input gives the
//! same bytes.

mod amounts;
mod args;
mod item;
mod metering;
mod money;
mod month;
mod operations;
mod prices;
mod report;
mod usage;

pub use self::amounts::Amounts;
pub use self::args::{Args, CostError};
pub use self::item::{Facts, Item};
pub use self::money::Dollars;
pub use self::prices::{InvalidPrices, Price, Prices, Tier};
pub use self::usage::{Decimal, Usage};

use crate::manifest::Manifest;

/// A monthly estimate.
#[derive(Clone, Debug)]
pub struct Estimate {
    region: String,
    date: String,
    components: String,
    usage: Usage,
    lines: Vec<Line>,
}

/// One item of it.
#[derive(Clone, Debug)]
struct Line {
    item: Item,
    amount: u128,
    price: Price,
    sum: Dollars,
}

impl Estimate {
    /// What the components of `manifest` cost in a month of `usage`.
    #[must_use]
    pub fn new(manifest: &Manifest, usage: &Usage, prices: &Prices) -> Self {
        let components: Vec<_> = manifest.flags().map(|flag| flag.name()).collect();
        Self {
            region: prices.region.clone(),
            date: prices.date.clone(),
            components: components.join(", "),
            usage: usage.clone(),
            lines: month::amounts(manifest, usage)
                .iter()
                .map(|(item, amount)| Line::new(item, amount, prices))
                .collect(),
        }
    }

    /// All of it.
    #[must_use]
    pub fn total(&self) -> Dollars {
        self.lines.iter().map(|it| it.sum).sum()
    }

    /// All of it, shared among the devices.
    #[must_use]
    pub fn per_device(&self) -> Dollars {
        self.total().among(self.usage.devices)
    }
}
