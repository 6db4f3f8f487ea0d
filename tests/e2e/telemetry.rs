//! What devices measure, from the broker to an answer of Athena.

use std::time::Duration;

use anyhow::{Context, Result};
use contract::output;
use serde_json::{Value, json};
use tests::{Ca, Delivery, Device, Found, MODEL, Product, Stack, within};

/// The local cloud gathers for five seconds; ten more are what the rest may take.
/// The other tests run beside this one and take their share of the machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn what_a_device_measures_is_in_an_answer_of_athena() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    measure(
        &stack,
        &device,
        &json!({
            "actualTemperature": 104,
            "powerStatus": "HEAT",
            "targetTemperature": 500,
            "deviceId": "somebody-else",
        }),
    )
    .await?;

    let row = rows(&stack, &device, 1).await?.remove(0);
    assert_eq!(row["model"], MODEL);
    assert_eq!(row["powerstatus"], "HEAT");
    assert_eq!(number(&row, "actualtemperature"), 104.0);
    // The same in °C, and the day of the partition.
    assert!((number(&row, "actualtemperature_si") - 40.0).abs() < 1e-6);
    assert_eq!(row["day"], row["timestamp"].get(..10).unwrap_or_default());
    assert_eq!(row["timestamp_source"], "received");
    // What is not valid is left out with the reason, and the rest is stored.
    assert_eq!(row.get("targettemperature"), None);
    assert_eq!(
        row["problems"],
        "`deviceId` is no field of the model; `targetTemperature` must be at most 110, not 500"
    );
    // An analyst does not see whose it was.
    assert_eq!(row.get("registration_id"), None);
    let other = stack
        .ask("SELECT count(*) AS n FROM smartproduct_dataset WHERE device_id = 'somebody-else'");
    assert_eq!(other.await?[0]["n"], "0");
    Ok(())
}

#[tokio::test]
async fn a_bad_message_is_kept_with_the_reason_and_harms_no_other() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    let bad: [(&[u8], &str); 4] = [
        (b"not json", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[72]", "JSON object"),
        (b"{\"actualTemperature\":\"hot\"}", "must be of type number"),
    ];
    for (payload, _) in bad {
        publish(&stack, &device, payload).await?;
        measure(&stack, &device, &json!({ "actualTemperature": 70 })).await?;
    }
    assert_eq!(rows(&stack, &device, bad.len()).await?.len(), bad.len());

    let kept = stack.rejected();
    let mut kept = kept.rejections_of(&device.serial, bad.len()).await?;
    for (payload, phrase) in bad {
        let at = kept.iter().position(|(_, it)| it == payload);
        let Some(at) = at else {
            panic!("not kept: {}", String::from_utf8_lossy(payload))
        };
        let (reason, _) = kept.swap_remove(at);
        assert!(reason.contains(phrase), "{reason:?}");
    }
    Ok(())
}

#[tokio::test]
async fn nobody_measures_in_the_name_of_another_device() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let ca = Ca::registered(&stack).await?;
    let device = Device::of(&stack, &owner, &ca).await?;
    let other = Device::of(&stack, &owner, &ca).await?;
    let topic = format!("smartproduct/telemetry/{}", other.serial);
    let payload = json!({ "actualTemperature": 1 }).to_string();
    let mqtt = device.mqtt(&stack);
    let refused = mqtt.publish(&topic, payload.as_bytes()).await?;
    assert_ne!(refused, Delivery::Accepted);

    measure(&stack, &other, &json!({ "actualTemperature": 2 })).await?;
    let found = rows(&stack, &other, 1).await?;
    assert_eq!(found.len(), 1);
    assert_eq!(number(&found[0], "actualtemperature"), 2.0);
    Ok(())
}

#[tokio::test]
async fn the_named_queries_answer() -> Result<()> {
    let stack = Stack::connect().await?;
    let owner = stack.owner().await?;
    let device = Device::of(&stack, &owner, &Ca::registered(&stack).await?).await?;
    for temperature in [60, 80] {
        measure(
            &stack,
            &device,
            &json!({ "actualTemperature": temperature }),
        )
        .await?;
    }
    rows(&stack, &device, 2).await?;

    let own = |found: Vec<Found>| -> Vec<Found> {
        let own = |it: &Found| it["device_id"] == device.serial;
        found.into_iter().filter(own).collect()
    };
    let latest = own(named(&stack, "latest-per-device").await?);
    assert_eq!(latest.len(), 1);
    assert_eq!(number(&latest[0], "actualtemperature"), 80.0);

    let hours = own(named(&stack, "hourly-averages").await?);
    let messages: f64 = hours.iter().map(|it| number(it, "messages")).sum();
    // The hour may have changed between the two.
    assert!((1..=2).contains(&hours.len()));
    assert_eq!(messages, 2.0);

    let fleet = named(&stack, "fleet-by-model").await?;
    let model = fleet.iter().find(|it| it["model"] == MODEL).unwrap();
    assert!(number(model, "devices") >= 1.0);
    assert!(number(model, "messages") >= 2.0);
    Ok(())
}

#[tokio::test]
async fn measurements_tell_one_owners_time_from_the_next() -> Result<()> {
    let stack = Stack::connect().await?;
    let ca = Ca::registered(&stack).await?;
    let (anna, ben) = (stack.owner().await?, stack.owner().await?);
    let device = Device::of(&stack, &anna, &ca).await?;
    measure(&stack, &device, &json!({ "actualTemperature": 61 })).await?;
    stack
        .api(&anna)
        .delete(&format!("/devices/{}", device.serial))
        .await?
        .ok()?;
    stack.api(&ben).register(&device.serial).await?.ok()?;
    device.join(&stack).await?;
    measure(&stack, &device, &json!({ "actualTemperature": 62 })).await?;

    rows(&stack, &device, 1).await?;
    let registrations = within(PATIENCE, "a row of ben's", async || {
        let query = format!(
            "SELECT registration_id, min(actualtemperature) AS t FROM telemetry \
             WHERE device_id = '{}' GROUP BY registration_id ORDER BY t",
            device.serial
        );
        let found = stack.ask(&query).await?;
        Ok(found
            .iter()
            .any(|it| number(it, "t") == 62.0)
            .then_some(found))
    })
    .await?;
    // What was still on its way when anna let go is nobody's.
    assert!(registrations.len() <= 2, "{registrations:?}");
    let ben_s = registrations.last().unwrap();
    assert_eq!(number(ben_s, "t"), 62.0);
    Ok(())
}

#[tokio::test]
async fn an_unusual_value_is_a_warning_of_the_owner_and_of_nobody_else() -> Result<()> {
    let stack = Stack::connect().await?;
    let (owner, stranger) = (stack.owner().await?, stack.owner().await?);
    let product = Product {
        number: "sensor-1",
        details: json!({ "telemetry": {
            "level": { "type": "number", "anomalies": {} },
            "other": { "type": "number" },
        }}),
    };
    let device = product
        .device(&stack, &owner, &Ca::registered(&stack).await?)
        .await?;
    // In several batches, so that what was learned is kept in between.
    let start = jiff::Timestamp::now().as_millisecond() - 60_000;
    for step in 0..40 {
        let level = 20.0 + f64::from(step * 7 % 5);
        let at = start + i64::from(step) * 1_000;
        measure(
            &stack,
            &device,
            &json!({ "timestamp": at, "level": level, "other": step * step }),
        )
        .await?;
    }
    let unusual = json!({ "timestamp": start + 50_000, "level": 80 });
    // Delivered twice.
    measure(&stack, &device, &unusual).await?;
    measure(&stack, &device, &unusual).await?;

    let path = format!("/devices/{}/events?eventType=warning", device.serial);
    let warnings = within(PATIENCE, "the warning", async || {
        let events = stack.api(&owner).said(&path).await?;
        Ok((!events.is_empty()).then_some(events))
    })
    .await?;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let warning = &warnings[0];
    assert_eq!(warning["value"], 80.0);
    assert_eq!(warning["timestamp"], start + 50_000);
    let details = &warning["details"];
    assert_eq!(details["code"], "anomaly");
    assert_eq!(details["field"], "level");
    let bound = |name: &str| details[name].as_f64().unwrap_or_default();
    assert!(0.0 < bound("lower") && bound("lower") < 20.0, "{details}");
    assert!(24.0 < bound("upper") && bound("upper") < 80.0, "{details}");

    let refused = stack.api(&stranger).get(&path).await?;
    assert_eq!(refused.body["error"], "DeviceNotFoundFailure");
    Ok(())
}

/// Publishes what `device` measures.
pub(crate) async fn measure(stack: &Stack, device: &Device, fields: &Value) -> Result<()> {
    publish(stack, device, fields.to_string().as_bytes()).await
}

async fn publish(stack: &Stack, device: &Device, payload: &[u8]) -> Result<()> {
    let topic = format!("smartproduct/telemetry/{}", device.serial);
    let delivery = device.mqtt(stack).publish(&topic, payload).await?;
    assert_eq!(delivery, Delivery::Accepted);
    Ok(())
}

/// The rows of `device`, once there are `number` of them.
async fn rows(stack: &Stack, device: &Device, number: usize) -> Result<Vec<Found>> {
    within(PATIENCE, "the rows of a device", async || {
        let query = format!(
            "SELECT * FROM smartproduct_dataset WHERE device_id = '{}' ORDER BY \"timestamp\"",
            device.serial
        );
        let found = stack.ask(&query).await?;
        Ok((found.len() >= number).then_some(found))
    })
    .await
}

/// What the named query of the stack's work group answers.
async fn named(stack: &Stack, name: &str) -> Result<Vec<Found>> {
    let name = format!("{}-{name}", stack.name);
    let group = stack.output(output::TELEMETRY_WORK_GROUP);
    let ids = stack
        .athena
        .list_named_queries()
        .work_group(group)
        .send()
        .await?;
    for id in ids.named_query_ids() {
        let found = stack
            .athena
            .get_named_query()
            .named_query_id(id)
            .send()
            .await?;
        let query = found.named_query.context("a query without a text")?;
        if query.name() == name {
            return stack.ask(query.query_string()).await;
        }
    }
    panic!("no query is called {name}")
}

fn number(row: &Found, column: &str) -> f64 {
    let text = row.get(column).map_or("", String::as_str);
    text.parse()
        .unwrap_or_else(|_| panic!("{column} of {row:?}"))
}
