//! Prices of a region, from a data file: nothing here knows a number.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};

use super::item::Item;
use super::money::Dollars;

/// The prices that come with the program.
const OURS: &str = include_str!("../../prices/us-east-1.json");

/// Prices of a region.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The region.
    pub region: String,
    /// When somebody last compared them with AWS's price list.
    pub date: String,
    /// What a reader has to know.
    pub remark: String,
    prices: BTreeMap<Item, Price>,
}

/// The price of an item.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// How many units a tier's price is for.
    pub per: u64,
    /// From the first unit on.
    pub tiers: Vec<Tier>,
    /// The page of AWS that says so.
    pub source: String,
}

/// A price that holds up to an amount.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Tier {
    /// The last unit at this price; the last tier has none.
    pub up_to: Option<u64>,
    /// Dollars.
    #[serde(deserialize_with = "dollars")]
    pub price: Dollars,
}

/// A file of prices that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidPrices {
    /// Not JSON, or other fields than these.
    #[error("line {}, column {}: {source}", source.line(), source.column())]
    Json {
        /// What is wrong, and where.
        #[from]
        source: serde_json::Error,
    },
    /// An item that the product uses has no price.
    #[error("`prices` has no `{0}`; the file that comes with the program has all of them")]
    Missing(String),
    /// A price that says nothing.
    #[error("`prices.{0}`: {1}")]
    Price(String, &'static str),
}

impl Prices {
    /// The prices that come with the program.
    ///
    /// # Panics
    ///
    /// When they cannot be read, which a test rules out.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the file is part of the program")]
    pub fn ours() -> Self {
        Self::parse(OURS).expect("our own prices")
    }

    /// Reads prices.
    ///
    /// # Errors
    ///
    /// When the text is not as `infra/prices/us-east-1.json` is, or an item has
    /// no price.
    pub fn parse(text: &str) -> Result<Self, InvalidPrices> {
        let prices: Self = serde_json::from_str(text)?;
        for item in Item::ALL {
            let price = prices
                .prices
                .get(&item)
                .ok_or_else(|| InvalidPrices::Missing(item.key()))?;
            price
                .check()
                .map_err(|reason| InvalidPrices::Price(item.key(), reason))?;
        }
        Ok(prices)
    }

    /// The price of `item`.
    #[must_use]
    pub fn of(&self, item: Item) -> &Price {
        &self.prices[&item]
    }
}

impl Price {
    /// What `amount` costs, of which `scale` are a unit.
    #[must_use]
    pub fn cost(&self, amount: u128, scale: u128) -> Dollars {
        let per = u128::from(self.per) * scale;
        let mut begin = 0;
        self.tiers
            .iter()
            .map(|tier| {
                let end = tier.up_to.map_or(amount, |it| u128::from(it) * scale);
                let within = amount.min(end).saturating_sub(begin);
                begin = end;
                tier.price.of(within, per)
            })
            .sum()
    }

    fn check(&self) -> Result<(), &'static str> {
        let limits: Vec<_> = self.tiers.iter().map(|it| it.up_to).collect();
        let Some((None, limits)) = limits.split_last() else {
            return Err("the last of `tiers` must be without `upTo`");
        };
        let rising = limits.iter().all(Option::is_some) && limits.is_sorted();
        match () {
            () if !rising => {
                Err("each of `tiers` but the last needs a higher `upTo` than the one before")
            }
            () if self.per == 0 => Err("`per` must be at least 1"),
            () if !self.source.starts_with("https://") => {
                Err("`source` must be the address of a page")
            }
            () => Ok(()),
        }
    }
}

impl Item {
    /// Its key in a file of prices.
    #[must_use]
    pub fn key(self) -> String {
        let name = format!("{self:?}");
        let mut key = String::new();
        for (index, letter) in name.char_indices() {
            if index > 0 && letter.is_ascii_uppercase() {
                key.push('-');
            }
            key.push(letter.to_ascii_lowercase());
        }
        key
    }
}

fn dollars<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Dollars, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The error where `change` was done to our own file.
    fn refused(change: impl Fn(&mut Value)) -> String {
        let mut file: Value = serde_json::from_str(OURS).unwrap();
        change(&mut file);
        Prices::parse(&file.to_string()).unwrap_err().to_string()
    }

    #[test]
    fn each_price_names_a_page_of_aws_and_is_not_zero() {
        let prices = Prices::ours();
        for item in Item::ALL {
            let price = prices.of(item);
            assert!(
                price.source.starts_with("https://aws.amazon.com/"),
                "{item:?}"
            );
            assert!(
                price.cost(u128::from(price.per), 1) > Dollars::default(),
                "{item:?}"
            );
        }
    }

    #[test]
    fn the_file_has_no_other_prices() {
        let file: Value = serde_json::from_str(OURS).unwrap();
        assert_eq!(file["prices"].as_object().unwrap().len(), Item::ALL.len());
    }

    #[test]
    fn tiers_are_paid_one_after_the_other() {
        let price: Price = serde_json::from_value(json!({
            "per": 10,
            "tiers": [{"upTo": 100, "price": "1.00"}, {"upTo": 200, "price": "0.50"}, {"price": "0.10"}],
            "source": "https://aws.amazon.com/",
        }))
        .unwrap();
        for (amount, cost) in [
            (0, "0.00"),
            (10, "1.00"),
            (100, "10.00"),
            (110, "10.50"),
            (200, "15.00"),
            (1_000, "23.00"),
        ] {
            assert_eq!(price.cost(amount, 1).text(2), cost, "{amount}");
            assert_eq!(price.cost(amount * 1024, 1024).text(2), cost, "{amount} KB");
        }
    }

    #[test]
    fn a_file_that_cannot_be_used_says_why() {
        assert_eq!(
            refused(|file| {
                file["prices"].as_object_mut().unwrap().remove("iot-rules");
            }),
            "`prices` has no `iot-rules`; the file that comes with the program has all of them"
        );
        assert_eq!(
            refused(|file| file["prices"]["alarms"]["tiers"] = json!([{"upTo": 5, "price": "1"}])),
            "`prices.alarms`: the last of `tiers` must be without `upTo`"
        );
        assert_eq!(
            refused(|file| {
                file["prices"]["alarms"]["tiers"] =
                    json!([{"upTo": 5, "price": "1"}, {"upTo": 4, "price": "1"}, {"price": "1"}]);
            }),
            "`prices.alarms`: each of `tiers` but the last needs a higher `upTo` than the one before"
        );
        assert_eq!(
            refused(|file| file["prices"]["alarms"]["per"] = json!(0)),
            "`prices.alarms`: `per` must be at least 1"
        );
        assert_eq!(
            refused(|file| file["prices"]["alarms"]["source"] = json!("somewhere")),
            "`prices.alarms`: `source` must be the address of a page"
        );
        let number = refused(|file| file["prices"]["alarms"]["tiers"][0]["price"] = json!("a lot"));
        assert!(
            number.contains("it has to be a price in dollars"),
            "{number}"
        );
        let unknown = refused(|file| file["prices"]["gold"] = json!({}));
        assert!(unknown.contains("unknown variant `gold`"), "{unknown}");
    }
}
