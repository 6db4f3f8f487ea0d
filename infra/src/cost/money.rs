//! Dollars, exactly: whole numbers of 10⁻¹² dollars. Sums have no noise of
//! binary fractions, so the same input gives the same text.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;
use std::str::FromStr;

/// Parts of a dollar.
const PARTS: u128 = 1_000_000_000_000;
/// Decimal places of a part.
const PLACES: usize = 12;

/// An amount of money in 10⁻¹² US dollars.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Dollars(u128);

impl Dollars {
    /// The price of `quantity` where `per` cost this much, to the nearest part.
    #[must_use]
    pub fn of(self, quantity: u128, per: u128) -> Self {
        let per = per.max(1);
        Self((self.0 * quantity + per / 2) / per)
    }

    /// A share of it: one of `shares`.
    #[must_use]
    pub fn among(self, shares: u64) -> Self {
        self.of(1, u128::from(shares))
    }

    /// How many percent of `whole` it is, to the nearest.
    #[must_use]
    pub fn percent_of(self, whole: Self) -> u128 {
        let whole = whole.0.max(1);
        (self.0 * 100 + whole / 2) / whole
    }

    /// With `places` decimal places, rounded to the nearest, halves up.
    #[must_use]
    pub fn text(self, places: usize) -> String {
        let places = places.min(PLACES);
        let unit = 10_u128.pow(u32::try_from(PLACES - places).unwrap_or_default());
        let rounded = (self.0 + unit / 2) / unit;
        let one = PARTS / unit;
        let whole = thousands(rounded / one);
        match places {
            0 => whole,
            _ => format!("{whole}.{:0places$}", rounded % one),
        }
    }
}

impl Add for Dollars {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sum for Dollars {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
}

/// With as many decimal places as it has, at least two.
impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = format!("{:0PLACES$}", self.0 % PARTS);
        let places = places.trim_end_matches('0');
        write!(f, "{}.{places:0<2}", thousands(self.0 / PARTS))
    }
}

impl FromStr for Dollars {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("found \"{text}\"; it has to be a price in dollars, like \"0.0125\"");
        let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |it: &str| !it.is_empty() && it.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(places) || whole.len() > 9 || places.len() > PLACES {
            return Err(wrong());
        }
        let number: u128 = format!("{whole}{places:0<PLACES$}")
            .parse()
            .map_err(|_| wrong())?;
        Ok(Self(number))
    }
}

/// A number with commas.
#[must_use]
pub(super) fn thousands(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dollars(text: &str) -> Dollars {
        text.parse().unwrap()
    }

    #[test]
    fn a_price_is_printed_as_it_was_read() {
        for text in [
            "0.08",
            "0.0000133334",
            "1.00",
            "123,456.75",
            "0.000000000001",
        ] {
            assert_eq!(dollars(&text.replace(',', "")).to_string(), text);
        }
        assert_eq!(dollars("2").to_string(), "2.00");
    }

    #[test]
    fn what_is_no_price_is_refused_with_what_would_be_right() {
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "1e3",
            "1,5",
            "$1",
            "0.0000000000001",
            "1000000000.0",
        ] {
            let error = text.parse::<Dollars>().unwrap_err();
            assert_eq!(
                error,
                format!("found \"{text}\"; it has to be a price in dollars, like \"0.0125\"")
            );
        }
    }

    #[test]
    fn amounts_are_rounded_to_the_nearest_and_halves_up() {
        for (amount, places, expected) in [
            ("0.005", 2, "0.01"),
            ("0.00499", 2, "0.00"),
            ("1234567.895", 2, "1,234,567.90"),
            ("0.99999", 4, "1.0000"),
            ("12.5", 0, "13"),
        ] {
            assert_eq!(dollars(amount).text(places), expected, "{amount}");
        }
    }

    #[test]
    fn a_price_is_for_so_many() {
        assert_eq!(dollars("0.08").of(43_800_000, 1_000_000), dollars("3.504"));
        assert_eq!(dollars("0.20").of(1, 1_000_000), dollars("0.0000002"));
        assert_eq!(dollars("10").among(4), dollars("2.5"));
        assert_eq!(dollars("10").among(0), dollars("10"));
        assert_eq!(dollars("1").percent_of(dollars("3")), 33);
        assert_eq!(dollars("0").percent_of(dollars("0")), 0);
    }

    #[test]
    fn numbers_have_commas() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(thousands(number), text);
        }
    }
}
