//! An estimate for people, and for programs.

use std::fmt;

use serde_json::{Value, json};

use super::item::Item;
use super::money::{Dollars, thousands};
use super::prices::{Price, Prices};
use super::usage::Usage;
use super::{Estimate, Line};

impl Estimate {
    /// The same as JSON. Amounts and dollars are texts: they are decimal, and
    /// programs shall not make binary fractions of them by accident.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let lines: Vec<Value> = self
            .lines
            .iter()
            .map(|line| {
                let facts = line.item.facts();
                json!({
                    "item": line.item.key(),
                    "service": facts.service,
                    "name": facts.name,
                    "amount": amount(line).replace(',', ""),
                    "unit": facts.unit,
                    "sum": exact(line.sum),
                    "source": line.price.source,
                })
            })
            .collect();
        let services: Vec<Value> = self
            .services()
            .map(|(service, sum)| json!({ "service": service, "sum": exact(sum) }))
            .collect();
        json!({
            "region": self.region,
            "prices": self.date,
            "currency": "USD",
            "components": self.components,
            "usage": self.usage,
            "lines": lines,
            "services": services,
            "total": exact(self.total()),
            "perDevice": exact(self.per_device()),
        })
    }

    /// The sum of each service, in the order of the lines.
    fn services(&self) -> impl Iterator<Item = (&'static str, Dollars)> {
        let same =
            |one: &Line, other: &Line| one.item.facts().service == other.item.facts().service;
        self.lines.chunk_by(same).map(|lines| {
            let service = lines.first().map_or("", |it| it.item.facts().service);
            (service, lines.iter().map(|it| it.sum).sum())
        })
    }
}

/// The table.
impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "A month of {} in {}, with {}",
            counted(self.usage.devices, "device"),
            self.region,
            self.components
        )?;
        writeln!(f, "{}", habits(&self.usage))?;
        writeln!(
            f,
            "US dollars at the prices of {}, without free tiers and taxes\n",
            self.date
        )?;
        let mut rows =
            vec![["service", "item", "amount", "unit", "price", "sum"].map(str::to_owned)];
        for lines in self
            .lines
            .chunk_by(|one, other| one.item.facts().service == other.item.facts().service)
        {
            for (index, line) in lines.iter().enumerate() {
                let facts = line.item.facts();
                let service = if index == 0 { facts.service } else { "" };
                rows.push([
                    service.to_owned(),
                    facts.name.to_owned(),
                    amount(line),
                    facts.unit.to_owned(),
                    unit_price(&line.price),
                    line.sum.text(2),
                ]);
            }
        }
        write_rows(f, &rows)?;
        writeln!(f)?;
        for (service, sum) in self.services() {
            let share = sum.percent_of(self.total());
            writeln!(f, "{service:<18}{:>14}{share:>6} %", sum.text(2))?;
        }
        writeln!(f, "{:<18}{:>14}", "together", self.total().text(2))?;
        write!(
            f,
            "{:<18}{:>14}",
            "for each device",
            self.per_device().text(4)
        )
    }
}

/// What was assumed, in a sentence.
fn habits(usage: &Usage) -> String {
    let telemetry = match usage.telemetry_seconds {
        0 => "no telemetry".to_owned(),
        seconds => format!("telemetry each {seconds} s"),
    };
    format!(
        "A device a day: connected {} h in {} connections, {telemetry} ({} bytes), {} reports, {} events \
         ({} % alerts), {} commands\n\
         {}, each a day: {} requests, {} min live; {} text messages a month; {} new; as after {}",
        usage.connected_hours,
        usage.connections,
        usage.message_bytes,
        usage.reports,
        usage.events,
        usage.alerts,
        usage.commands,
        counted(usage.active_owners(), "owner"),
        usage.requests,
        usage.live_minutes,
        usage.sms,
        counted(usage.registered(), "device"),
        counted(usage.months, "month"),
    )
}

fn counted(number: u64, what: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{} {what}{end}", thousands(number.into()))
}

/// The amount in units; with two decimal places where we count in parts of them.
fn amount(line: &Line) -> String {
    let scale = line.item.facts().scale;
    if scale == 1 {
        return thousands(line.amount);
    }
    let hundredths = (line.amount * 100 + scale / 2) / scale;
    format!("{}.{:02}", thousands(hundredths / 100), hundredths % 100)
}

/// What a unit costs; with tiers, the first and the last price.
fn unit_price(price: &Price) -> String {
    let ends = (price.tiers.first(), price.tiers.last());
    let prices = match ends {
        (Some(first), Some(last)) if first.price != last.price => {
            format!("{} to {}", first.price, last.price)
        }
        (Some(only), _) => only.price.to_string(),
        (None, _) => String::new(),
    };
    match price.per {
        1 => prices,
        per => format!("{prices} / {}", thousands(per.into())),
    }
}

fn exact(sum: Dollars) -> String {
    sum.to_string().replace(',', "")
}

/// Columns as wide as their widest cell; numbers are on the right.
fn write_rows<const N: usize>(f: &mut fmt::Formatter<'_>, rows: &[[String; N]]) -> fmt::Result {
    const RIGHT: [usize; 2] = [2, 5];
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..N).map(|it| width(it).unwrap_or_default()).collect();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, width))| match RIGHT.contains(&column) {
                true => format!("{cell:>width$}"),
                false => format!("{cell:<width$}"),
            })
            .collect();
        writeln!(f, "{}", cells.join("  ").trim_end())?;
    }
    Ok(())
}

impl Line {
    /// The line of `item`, of which there is `amount`.
    pub(super) fn new(item: Item, amount: u128, prices: &Prices) -> Self {
        let price = prices.of(item).clone();
        Self {
            item,
            amount,
            sum: price.cost(amount, item.facts().scale),
            price,
        }
    }
}
