//! How much the product is used: what an operator knows or guesses.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::metering::MONTH_HOURS;

/// More devices than an account has things by default are ten times as many.
const MOST_DEVICES: u64 = 100_000_000;
/// The largest message that IoT Core takes.
const LARGEST: u64 = 128 * 1024;

/// How much the product is used in a month.
#[derive(Clone, Debug, clap::Args, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Devices that have an owner.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..=MOST_DEVICES))]
    pub devices: u64,
    /// Hours of a day that a device is connected.
    #[arg(long, value_name = "HOURS", default_value = "24", value_parser = hours)]
    pub connected_hours: Decimal,
    /// Connections of a device that begin in a day.
    #[arg(long, value_name = "NUMBER", default_value = "2")]
    pub connections: Decimal,
    /// Seconds between two telemetry messages of a connected device; 0 for none.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = clap::value_parser!(u64).range(..=86_400 * 31))]
    pub telemetry_seconds: u64,
    /// Bytes of a message.
    #[arg(long, value_name = "BYTES", default_value = "300", value_parser = clap::value_parser!(u64).range(1..=LARGEST))]
    pub message_bytes: u64,
    /// Reports of a device to its shadow in a day.
    #[arg(long, value_name = "NUMBER", default_value = "24")]
    pub reports: Decimal,
    /// Events of a device in a day.
    #[arg(long, value_name = "NUMBER", default_value = "2")]
    pub events: Decimal,
    /// Share of events that are alerts, in percent.
    #[arg(long, value_name = "PERCENT", default_value = "20", value_parser = percent)]
    pub alerts: Decimal,
    /// Commands to a device in a day.
    #[arg(long, value_name = "NUMBER", default_value = "2")]
    pub commands: Decimal,
    /// Owners who use the API in a month; one for two devices where it is missing.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(..=MOST_DEVICES))]
    pub owners: Option<u64>,
    /// API requests of an owner in a day, commands aside.
    #[arg(long, value_name = "NUMBER", default_value = "20")]
    pub requests: Decimal,
    /// Minutes of a day that an owner watches live data.
    #[arg(long, value_name = "MINUTES", default_value = "5")]
    pub live_minutes: Decimal,
    /// Histories of a device that an owner looks at in a day, each of a day.
    #[arg(long, value_name = "NUMBER", default_value = "0.05")]
    pub histories: Decimal,
    /// Text messages to an owner in a month.
    #[arg(long, value_name = "NUMBER", default_value = "0")]
    pub sms: Decimal,
    /// Devices that are registered in a month; one in sixty, a life of five years, where it is missing.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(..=MOST_DEVICES))]
    pub new_devices: Option<u64>,
    /// Fields of a device's telemetry whose unusual values its owner is told of.
    #[arg(long, value_name = "NUMBER", default_value = "1", value_parser = clap::value_parser!(u64).range(..=100))]
    pub watched_fields: u64,
    /// Telemetry that queries read in a month, in GB.
    #[arg(long, value_name = "GB", default_value = "100")]
    pub scanned: Decimal,
    /// Months that it has been running so: what is stored by then.
    #[arg(long, value_name = "MONTHS", default_value = "12", value_parser = clap::value_parser!(u64).range(1..=120))]
    pub months: u64,
}

impl Usage {
    /// The defaults for so many devices.
    ///
    /// # Panics
    ///
    /// When a default is not allowed, which a test rules out.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "a mistake in this file, found by its tests"
    )]
    pub fn of(devices: u64) -> Self {
        #[derive(clap::Parser)]
        struct Cli {
            #[command(flatten)]
            usage: Usage,
        }
        let arguments = ["usage".to_owned(), format!("--devices={devices}")];
        let cli: Cli = clap::Parser::try_parse_from(arguments).expect("defaults are allowed");
        cli.usage
    }

    /// Owners who use the API.
    #[must_use]
    pub fn active_owners(&self) -> u64 {
        self.owners.unwrap_or(self.devices.div_ceil(2))
    }

    /// Devices that are registered in the month.
    #[must_use]
    pub fn registered(&self) -> u64 {
        self.new_devices.unwrap_or(self.devices.div_ceil(60))
    }

    /// How often something happens in a month that happens `daily` to each of
    /// the devices.
    #[must_use]
    pub fn by_devices(&self, daily: Decimal) -> u128 {
        daily.in_month(self.devices)
    }

    /// The same for each of the owners.
    #[must_use]
    pub fn by_owners(&self, daily: Decimal) -> u128 {
        daily.in_month(self.active_owners())
    }

    /// Telemetry messages of a month.
    #[must_use]
    pub fn telemetry(&self) -> u128 {
        match self.telemetry_seconds {
            0 => 0,
            seconds => {
                let seconds_connected = self.connected_minutes() * 60;
                seconds_connected.div_ceil(u128::from(seconds))
            }
        }
    }

    /// Minutes that all devices are connected in a month.
    #[must_use]
    pub fn connected_minutes(&self) -> u128 {
        (self.by_devices(self.connected_hours) * 60)
            .min(u128::from(self.devices) * u128::from(MONTH_HOURS) * 60)
    }
}

/// A number with up to three decimal places, kept in thousandths.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Decimal(u64);

impl Decimal {
    /// A number of thousandths.
    #[must_use]
    pub const fn thousandths(number: u64) -> Self {
        Self(number)
    }

    /// This much of `number`, rounded up.
    #[must_use]
    pub fn times(self, number: u128) -> u128 {
        (u128::from(self.0) * number).div_ceil(1000)
    }

    /// This many percent of `number`, rounded up.
    #[must_use]
    pub fn percent_of(self, number: u128) -> u128 {
        (u128::from(self.0) * number).div_ceil(100_000)
    }

    /// How often in a month of AWS something happens that happens this often in
    /// a day to each of `many`, rounded up.
    #[must_use]
    pub fn in_month(self, many: u64) -> u128 {
        let product = u128::from(self.0) * u128::from(many) * u128::from(MONTH_HOURS);
        product.div_ceil(24 * 1000)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:03}", self.0 / 1000, self.0 % 1000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl FromStr for Decimal {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            "it has to be a number up to 1000000 with at most three decimal places, like 0.5"
                .to_owned()
        };
        let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |it: &str| !it.is_empty() && it.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(places) || places.len() > 3 || whole.len() > 7 {
            return Err(wrong());
        }
        let number: u64 = format!("{whole}{places:0<3}")
            .parse()
            .map_err(|_| wrong())?;
        (number <= 1_000_000_000)
            .then_some(Self(number))
            .ok_or_else(wrong)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn hours(text: &str) -> Result<Decimal, String> {
    up_to(text, 24, "a day has 24 hours")
}

fn percent(text: &str) -> Result<Decimal, String> {
    up_to(text, 100, "all of them are 100 percent")
}

fn up_to(text: &str, most: u64, reason: &str) -> Result<Decimal, String> {
    let number: Decimal = text.parse()?;
    match number <= Decimal(most * 1000) {
        true => Ok(number),
        false => Err(format!("it has to be at most {most}: {reason}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_printed_as_it_was_read() {
        for text in ["0", "1", "0.5", "24", "0.001", "1000000", "12.34"] {
            assert_eq!(text.parse::<Decimal>().unwrap().to_string(), text);
        }
        assert_eq!("2.50".parse::<Decimal>().unwrap().to_string(), "2.5");
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in [
            "", "-1", ".5", "1.", "1e3", "0.0001", "1000001", "1,5", "NaN",
        ] {
            assert!(text.parse::<Decimal>().is_err(), "{text}");
        }
        assert_eq!(
            hours("24.5").unwrap_err(),
            "it has to be at most 24: a day has 24 hours"
        );
        assert!(percent("100.001").is_err());
        assert!(percent("100").is_ok());
    }

    #[test]
    fn a_month_has_730_hours() {
        let usage = Usage::of(1_000);
        assert_eq!(usage.connected_minutes(), 1_000 * 730 * 60);
        assert_eq!(usage.telemetry(), 1_000 * 730 * 60);
        assert_eq!(usage.by_devices(Decimal::thousandths(1000)), 30_417);
        assert_eq!(usage.active_owners(), 500);
        assert_eq!(usage.registered(), 17);
    }

    #[test]
    fn without_telemetry_there_is_none() {
        let usage = Usage {
            telemetry_seconds: 0,
            ..Usage::of(7)
        };
        assert_eq!(usage.telemetry(), 0);
    }
}
