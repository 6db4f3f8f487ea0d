//! A month: how often each thing happens, and what lies there all the time.

use serde_json::Value;

use super::amounts::Amounts;
use super::item::Item;
use super::metering::MONTH_HOURS;
use super::operations as takes;
use super::usage::Usage;
use crate::local::Cloud;
use crate::manifest::Manifest;
use crate::solution;
use crate::target::Target;

/// Bytes that DynamoDB counts beside each row's own.
const OVERHEAD: u64 = 100;
/// Months that events, commands and logs are kept.
const KEPT: u64 = 12;
/// Commands that are read, at most, to see what a shadow should be.
const NEWEST: u128 = 100;
/// Percent that is left of logs when they are compressed, and of telemetry in Parquet.
const COMPRESSED: u128 = 15;
/// Days of a month.
const DAYS: u128 = 30;
/// Percent of a row that a history reads: whose it is, its time and some fields.
const HISTORY: u128 = 30;
/// Bytes that a question to Athena is paid for at least.
const LEAST_SCAN: u128 = 10 << 20;
/// One in so many events is not valid and goes to the queue of rejected messages.
const REJECTED: u128 = 1000;
/// Metrics of a device that Device Defender watches, each every five minutes.
const WATCHED: u128 = 5;
/// One in so many invocations is traced beyond the first of each second.
const TRACED: u128 = 20;

/// A look at the console: requests and bytes, most of them cached by the browser.
const VISIT: (u128, u128) = (12, 300 * 1024);
/// API requests of a visit.
const VISIT_REQUESTS: u128 = 20;

/// The least number of batches and files of a delivery stream in a month: one
/// in a minute, and one in five minutes.
const BATCHES: u128 = MONTH_HOURS as u128 * 60;
const FILES: u128 = MONTH_HOURS as u128 * 12;
/// The most bytes of each.
const BATCH: u128 = 1 << 20;
const FILE: u128 = 128 << 20;
/// Microseconds that a batch of the largest size takes to be transformed.
const TRANSFORM: u64 = 500_000;

/// All amounts of a month.
#[must_use]
pub(super) fn amounts(manifest: &Manifest, usage: &Usage) -> Amounts {
    let parts = [
        deployed(manifest),
        devices(manifest, usage),
        events(manifest, usage),
        api(manifest, usage),
        owners(manifest, usage),
        telemetry(manifest, usage),
        defender(manifest, usage),
        tables(manifest, usage),
    ];
    let all = parts
        .iter()
        .fold(Amounts::default(), |all, part| all.and(part, 1));
    observed(all, manifest, usage)
}

/// What a stack has whether or not anything happens: counted in its template.
fn deployed(manifest: &Manifest) -> Amounts {
    let stack = solution::define(manifest, Target::without_binaries(Cloud::Aws));
    let template = stack.to_json().unwrap_or_default();
    let template: Value = serde_json::from_str(&template).unwrap_or_default();
    let resources = template["Resources"].as_object().into_iter().flatten();
    let kinds: Vec<&str> = resources
        .filter_map(|(_, resource)| resource["Type"].as_str())
        .collect();
    let count = |kind: &str| kinds.iter().filter(|it| **it == kind).count() as u128;
    Amounts::default()
        .with(Item::Alarms, count("AWS::CloudWatch::Alarm"))
        .with(Item::Dashboards, count("AWS::CloudWatch::Dashboard"))
        .with(Item::Metrics, own_metrics(&template))
}

/// The product's own metrics: those on the dashboard, which has all of them, but
/// for those that are counted in bad hours or deployments only. An hour without a
/// metric costs nothing.
fn own_metrics(template: &Value) -> u128 {
    let body = &template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"];
    let body: Value = serde_json::from_str(body.as_str().unwrap_or("{}")).unwrap_or_default();
    let widgets = body["widgets"].as_array().into_iter().flatten();
    widgets
        .filter_map(|widget| widget["properties"]["metrics"].as_array())
        .flatten()
        .filter(|metric| metric[0] == contract::metric::NAMESPACE)
        .filter(|metric| {
            !contract::metric::EXCEPTIONAL
                .iter()
                .any(|name| metric[1] == *name)
        })
        .count() as u128
}

/// Devices that are connected, report, and are new.
fn devices(manifest: &Manifest, usage: &Usage) -> Amounts {
    let api = manifest.api.deploy;
    let connection = takes::connection(manifest.events.deploy, api);
    let new = match api && manifest.jitr.deploy {
        true => takes::registration(),
        false => Amounts::default(),
    };
    Amounts::default()
        .with(Item::IotConnection, usage.connected_minutes())
        .and(&connection, usage.by_devices(usage.connections))
        .and(&takes::report(api), usage.by_devices(usage.reports))
        .and(&new, u128::from(usage.registered()))
}

fn events(manifest: &Manifest, usage: &Usage) -> Amounts {
    if !manifest.events.deploy {
        return Amounts::default();
    }
    let events = usage.by_devices(usage.events);
    let texts = usage.sms.times(u128::from(usage.active_owners()));
    Amounts::default()
        .and(&takes::event(usage.message_bytes), events)
        .and(
            &takes::alert(usage.message_bytes),
            usage.alerts.percent_of(events),
        )
        .and(&takes::text_message(), texts)
        .with(Item::SqsRequests, events.div_ceil(REJECTED))
}

fn api(manifest: &Manifest, usage: &Usage) -> Amounts {
    if !manifest.api.deploy {
        return Amounts::default();
    }
    let minutes = u128::from(MONTH_HOURS) * 60;
    let a_year = usage.commands.times(365).min(NEWEST);
    let command = takes::command(u64::try_from(a_year).unwrap_or_default());
    let requests = usage.by_owners(usage.requests);
    let live = usage.by_owners(usage.live_minutes);
    let telemetry = match usage.telemetry_seconds {
        0 => 0,
        seconds => 60 / u128::from(seconds).min(60),
    };
    Amounts::default()
        .and(&takes::sweep(), minutes)
        .and(&command, usage.by_devices(usage.commands))
        .and(&takes::ten_requests(), requests.div_ceil(10))
        .and(&takes::live_minute(telemetry, usage.message_bytes), live)
        .and(&takes::live_address(), live.div_ceil(15))
}

/// Owners, as users of the pool and of the console.
fn owners(manifest: &Manifest, usage: &Usage) -> Amounts {
    if !manifest.api.deploy {
        return Amounts::default();
    }
    let users = Amounts::default().with(Item::Users, u128::from(usage.active_owners()));
    if !manifest.ownerapp.deploy {
        return users;
    }
    let visits = usage.by_owners(usage.requests).div_ceil(VISIT_REQUESTS);
    let (requests, bytes) = VISIT;
    users
        .with(Item::CloudFrontRequests, visits * requests)
        .with(Item::CloudFrontTransfer, visits * bytes)
}

fn telemetry(manifest: &Manifest, usage: &Usage) -> Amounts {
    let stored = manifest.telemetry.deploy;
    let messages = usage.telemetry();
    let taken = takes::telemetry(usage.message_bytes, stored);
    let all = Amounts::default().and(&taken, messages);
    if !stored || messages == 0 {
        return all;
    }
    let bytes = messages * u128::from(usage.message_bytes);
    let batches = bytes.div_ceil(BATCH).max(BATCHES);
    let parquet = bytes * COMPRESSED / 100;
    // A batch that is not full takes as much less.
    let own = u128::from(TRANSFORM) * bytes / (batches * BATCH).max(1);
    let transform = Amounts::default().invocation(u64::try_from(own).unwrap_or_default(), 1);
    // A device is looked up once in a batch, however many messages it has there.
    let once_a_minute = messages.min(usage.connected_minutes());
    let watched = match manifest.events.deploy {
        true => u128::from(usage.watched_fields),
        false => 0,
    };
    all.and(&transform, batches)
        .and(&takes::telemetry_device(watched), once_a_minute)
        .with(Item::S3Writes, parquet.div_ceil(FILE).max(FILES))
        .with(Item::S3Storage, parquet * u128::from(usage.months))
        .with(Item::AthenaScans, usage.scanned.times(1 << 30))
        .with(Item::AthenaScans, histories(manifest, usage, parquet))
}

/// What is read for histories, of `parquet` bytes in a month: a file holds all
/// devices of its model, but few of its columns are read.
fn histories(manifest: &Manifest, usage: &Usage, parquet: u128) -> u128 {
    if !manifest.has_history() {
        return 0;
    }
    let read = parquet / DAYS * HISTORY / 100;
    usage.by_owners(usage.histories) * read.max(LEAST_SCAN)
}

fn defender(manifest: &Manifest, usage: &Usage) -> Amounts {
    if !manifest.defender.deploy {
        return Amounts::default();
    }
    let looks = usage.connected_minutes().div_ceil(5);
    Amounts::default()
        .with(Item::DefenderAudit, u128::from(usage.devices))
        .with(Item::DefenderDetect, looks * WATCHED)
}

/// Tables and their indexes, as they lie there after the months.
fn tables(manifest: &Manifest, usage: &Usage) -> Amounts {
    let months = u128::from(usage.months.min(KEPT));
    let devices = u128::from(usage.devices);
    let size = |row: u64| u128::from(row + OVERHEAD);
    let mut rows = vec![
        // Rows, bytes of one, indexes that hold them.
        (devices, size(takes::PRODUCT), 0),
        (devices, size(takes::REGISTRATION), 1),
    ];
    if manifest.events.deploy {
        let event = size(takes::event_row(usage.message_bytes));
        let connections = 2 * usage.by_devices(usage.connections);
        let events = usage.by_devices(usage.events) + connections;
        rows.push((events * months, event, takes::TIMELINES));
    }
    if manifest.api.deploy {
        let commands = usage.by_devices(usage.commands);
        rows.push((commands * months, size(takes::COMMAND), 0));
    }
    rows.into_iter()
        .fold(Amounts::default(), |all, (rows, bytes, indexes)| {
            all.with(Item::DynamoStorage, rows * bytes * (1 + indexes))
                .with(Item::DynamoBackup, rows * bytes)
        })
}

/// What watching costs more, the more there is to see.
fn observed(all: Amounts, manifest: &Manifest, usage: &Usage) -> Amounts {
    let months = u128::from(usage.months.min(KEPT));
    let logs = all.of(Item::LogIngestion) * months * COMPRESSED / 100;
    let traces = match manifest.tracing {
        true => all.of(Item::LambdaRequests).div_ceil(TRACED),
        false => 0,
    };
    all.with(Item::LogStorage, logs).with(Item::Traces, traces)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::usage::Decimal;
    use super::*;
    use crate::flag::Flag;

    fn with(flags: &[Flag]) -> Manifest {
        let mut manifest = Manifest::default();
        for flag in Flag::ALL {
            manifest.switch(flag, flags.contains(&flag));
        }
        manifest
    }

    #[test]
    fn a_component_that_is_off_is_not_paid_for() {
        let usage = Usage {
            sms: Decimal::thousandths(1000),
            ..Usage::of(1_000)
        };
        for (flag, items) in [
            (
                Flag::Events,
                &[Item::SnsPublications, Item::SnsTexts, Item::SqsRequests][..],
            ),
            (
                Flag::Api,
                &[Item::ApiRequests, Item::IndexSearches, Item::Users],
            ),
            (
                Flag::Ownerapp,
                &[Item::CloudFrontRequests, Item::CloudFrontTransfer],
            ),
            (
                Flag::Telemetry,
                &[
                    Item::FirehoseIngestion,
                    Item::FirehoseConversion,
                    Item::AthenaScans,
                    Item::S3Storage,
                    Item::S3Writes,
                ],
            ),
            (Flag::Defender, &[Item::DefenderAudit, Item::DefenderDetect]),
        ] {
            let on = amounts(&with(&Flag::ALL), &usage);
            let others: Vec<_> = Flag::ALL.into_iter().filter(|it| *it != flag).collect();
            let off = amounts(&with(&others), &usage);
            for item in items {
                assert!(on.of(*item) > 0, "{flag:?} {item:?}");
                assert_eq!(off.of(*item), 0, "{flag:?} {item:?}");
            }
        }
    }

    #[test]
    fn traces_are_paid_for_where_there_are_some() {
        let mut manifest = with(&[Flag::Api]);
        let usage = Usage::of(10);
        assert_eq!(amounts(&manifest, &usage).of(Item::Traces), 0);
        manifest.tracing = true;
        assert!(amounts(&manifest, &usage).of(Item::Traces) > 0);
    }

    #[test]
    fn what_is_deployed_is_counted_in_the_template() {
        let amounts = deployed(&Manifest::full(Cloud::Aws));
        assert_eq!(amounts.of(Item::Dashboards), 1);
        assert!(amounts.of(Item::Alarms) >= 10);
        assert!(amounts.of(Item::Metrics) >= 9);
    }

    #[test]
    fn events_are_stored_for_a_year_and_telemetry_for_good() {
        let manifest = with(&Flag::ALL);
        let stored = |months, item| {
            let usage = Usage {
                months,
                ..Usage::of(1_000)
            };
            amounts(&manifest, &usage).of(item)
        };
        assert!(stored(6, Item::DynamoStorage) < stored(12, Item::DynamoStorage));
        assert_eq!(
            stored(12, Item::DynamoStorage),
            stored(60, Item::DynamoStorage)
        );
        assert_eq!(10 * stored(6, Item::S3Storage), stored(60, Item::S3Storage));
    }

    /// Each number of the usage, made larger.
    const LARGER: &[fn(&mut Usage, u64)] = &[
        |it, more| it.devices += more,
        |it, more| it.connections = decimal(more),
        |it, more| it.message_bytes += more,
        |it, more| it.reports = decimal(more),
        |it, more| it.events = decimal(more),
        |it, more| it.alerts = Decimal::thousandths(20_000 + more % 80_000),
        |it, more| it.commands = decimal(more),
        |it, more| it.owners = Some(it.active_owners() + more),
        |it, more| it.requests = decimal(1_000 + more),
        |it, more| it.live_minutes = decimal(more),
        |it, more| it.sms = decimal(more),
        |it, more| it.new_devices = Some(it.registered() + more),
        |it, more| it.histories = decimal(more),
        |it, more| it.scanned = Decimal::thousandths(100_000 + more),
        |it, more| it.watched_fields += more % 90,
        |it, more| it.months += more % 100,
    ];

    fn decimal(more: u64) -> Decimal {
        Decimal::thousandths(24_000 + more)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn more_use_never_takes_less(
            devices in 1..5_000_000_u64,
            more in 1..1_000_000_u64,
            what in 0..LARGER.len(),
            bits in 0..64_usize,
        ) {
            let flags: Vec<_> = (Flag::ALL.into_iter().enumerate())
                .filter(|(place, _)| bits >> place & 1 == 1)
                .map(|(_, flag)| flag)
                .collect();
            let manifest = with(&flags);
            let usage = Usage::of(devices);
            let mut larger = usage.clone();
            LARGER[what](&mut larger, more);
            let (less, more) = (amounts(&manifest, &usage), amounts(&manifest, &larger));
            for item in Item::ALL {
                prop_assert!(less.of(item) <= more.of(item), "{:?}", item);
            }
        }
    }
}
