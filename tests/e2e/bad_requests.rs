//! What cannot be asked: parameters of paths and queries.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use contract::route;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{MODEL, Owner, Stack, serial};
use tokio::task::JoinSet;

#[tokio::test]
async fn each_bad_query_is_refused_by_name() -> Result<()> {
    let world = World::new().await?;
    let device = &world.device;
    let mut cases = Vec::new();
    for (path, filters) in [
        ("/registration".to_owned(), &[][..]),
        ("/devices".to_owned(), &[]),
        ("/devices/events".to_owned(), &["deviceId", "eventType"]),
        ("/devices/alerts".to_owned(), &["deviceId"]),
        (format!("/devices/{device}/events"), &["eventType"]),
        (format!("/devices/{device}/commands"), &["commandStatus"]),
    ] {
        for limit in [
            "0",
            "101",
            "-1",
            "ten",
            "1.5",
            "",
            "99999999999999999999",
            "%00",
        ] {
            cases.push((
                format!("{path}?limit={limit}"),
                "InvalidParameter",
                "`limit`",
            ));
        }
        for filter in filters {
            let error = if *filter == "deviceId" {
                "`deviceId`"
            } else {
                filter
            };
            let long = "x".repeat(129);
            for value in [
                "",
                "a%20b",
                "%00",
                "Error",
                "PENDING",
                "a%23b",
                &long,
                "events",
                "error,info",
                "%ED%A0%80",
            ] {
                // A device may well be called so.
                if *filter == "deviceId" && ["Error", "PENDING"].contains(&value) {
                    continue;
                }
                cases.push((
                    format!("{path}?{filter}={value}"),
                    "InvalidParameter",
                    error,
                ));
            }
        }
        cases.push((format!("{path}?limit=5&limit=5"), "BadRequest", "`limit`"));
    }
    for devices in [
        "",
        "a%20b",
        "%00",
        "a%23b",
        "%2B",
        "*",
        "events",
        "x&deviceId=",
    ] {
        let path = format!("/live?deviceId={devices}");
        cases.push((path, "InvalidParameter", "`deviceId`"));
    }
    let six = (0..6).map(|it| format!("deviceId=x-{it}"));
    let six = format!("/live?{}", six.collect::<Vec<_>>().join("&"));
    cases.push((six, "InvalidParameter", "5"));
    cases.push(("/live?limit=1".to_owned(), "BadRequest", "limit"));
    for filter in ["deviceId=x", "eventType=error", "limit=1"] {
        let name = filter.split('=').next().unwrap_or_default();
        cases.push((
            format!("/devices/alerts/count?{filter}"),
            "BadRequest",
            name,
        ));
    }
    cases.push((
        "/devices/alerts?eventType=error".to_owned(),
        "BadRequest",
        "eventType",
    ));
    for (path, error, says) in cases {
        let answer = world.stack.api(&world.owner).get(&path).await?;
        let message = answer.refused(400, error).context(path.clone())?;
        ensure!(message.contains(says), "{path}: {message}");
    }
    Ok(())
}

#[tokio::test]
async fn no_operation_takes_a_parameter_that_it_does_not_know() -> Result<()> {
    let world = World::new().await?;
    for route in route::ALL {
        for query in ["surprise=1", "userId=x", "surprise", "%00=1"] {
            let path = world.path(route.key, &world.device, Some(ID));
            let answer = world.ask(route.key, &format!("{path}?{query}")).await?;
            let message = answer.refused(400, "BadRequest").context(route.key)?;
            ensure!(
                !query.starts_with('s') || message.contains("`surprise`"),
                "{}: {message}",
                route.key
            );
        }
    }
    // Nothing of all that was done.
    let api = world.stack.api(&world.owner);
    assert_eq!(
        api.status_of(&world.device).await?.as_deref(),
        Some("pending")
    );
    assert!(
        api.pages(&format!("/devices/{}/commands", world.device))
            .await?
            .is_empty()
    );
    Ok(())
}

#[tokio::test]
async fn each_bad_identifier_is_refused_by_name() -> Result<()> {
    let world = Arc::new(World::new().await?);
    let mut asking = JoinSet::new();
    for route in route::ALL {
        let world = world.clone();
        asking.spawn(async move {
            for (name, bad) in [
                ("deviceId", DEVICES),
                ("eventId", IDS),
                ("commandId", IDS),
                ("settingId", SETTINGS),
                ("field", SETTINGS),
            ] {
                if !route.key.contains(&format!("{{{name}}}")) {
                    continue;
                }
                for id in bad.iter().map(|it| it.replace("LONG", &"x".repeat(129))) {
                    let device = if name == "deviceId" {
                        &id
                    } else {
                        &world.device
                    };
                    let other = (name != "deviceId").then_some(id.as_str());
                    let path = world.path(route.key, device, other.or(Some(ID)));
                    // These words are operations of their own.
                    if ["/devices/events", "/devices/alerts"].contains(&path.as_str())
                        && route.key.starts_with("GET")
                    {
                        continue;
                    }
                    let answer = world.ask(route.key, &path).await?;
                    let message = answer
                        .refused(400, "InvalidParameter")
                        .with_context(|| format!("{}, {path}", route.key))?;
                    ensure!(message.contains(&format!("`{name}`")), "{path}: {message}");
                }
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = asking.join_next().await {
        done??;
    }
    Ok(())
}

#[tokio::test]
async fn a_filter_by_another_users_device_finds_what_one_by_no_device_does() -> Result<()> {
    let world = World::new().await?;
    let stranger = world.stack.owner().await?;
    let message = json!({"type": "error", "messageId": "m-1"}).to_string();
    let event = Stack::rule_event(&world.device, message.as_bytes());
    world.stack.call("event-proxy", &event).await?;
    for list in ["/devices/events", "/devices/alerts"] {
        let mut answers = Vec::new();
        for device in [&world.device, &serial()] {
            let path = format!("{list}?deviceId={device}");
            let (status, headers, text) = world.stack.api(&stranger).get(&path).await?.comparable();
            answers.push((status, headers, text.replace(device, "DEVICE")));
        }
        assert_eq!(answers[0], answers[1]);
        let own = format!("{list}?deviceId={}", world.device);
        assert_eq!(world.stack.api(&world.owner).pages(&own).await?.len(), 1);
    }
    Ok(())
}

#[tokio::test]
async fn there_is_no_operation_beside_those_of_the_contract() -> Result<()> {
    let world = World::new().await?;
    let one = format!("/devices/{}", world.device);
    let mut known: Vec<(&str, String)> = Vec::new();
    for route in route::ALL {
        let (method, _) = route.key.split_once(' ').context("a route key")?;
        known.push((method, world.path(route.key, &world.device, Some(ID))));
    }
    let mut paths: Vec<_> = known.iter().map(|it| it.1.clone()).collect();
    paths.extend(
        [
            "/",
            "/live",
            "/devices/alerts/count/x",
            "/settings",
            "/settings/config",
        ]
        .map(str::to_owned),
    );
    paths.extend(["/shadow", "/events/x/y", "/commands/x/response"].map(|it| format!("{one}{it}")));
    for path in &paths {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"] {
            let shadowed = path.starts_with("/devices/") && path.split('/').count() == 3;
            // One id matches any word, so these two methods reach `/devices/{deviceId}`.
            if known.contains(&(method, path.clone()))
                || (shadowed && matches!(method, "GET" | "DELETE"))
            {
                continue;
            }
            let answer = world
                .stack
                .api(&world.owner)
                .send(method.parse()?, path, None)
                .await?;
            ensure!(
                (400..500).contains(&answer.status),
                "{method} {path}: {} {}",
                answer.status,
                answer.text
            );
            ensure!(
                answer.body["code"].is_null(),
                "{method} {path} reached a function: {}",
                answer.text
            );
            let cors = answer
                .headers
                .keys()
                .find(|it| it.starts_with("access-control"));
            ensure!(cors.is_none(), "{method} {path}: {cors:?}");
        }
    }
    Ok(())
}

/// An id of nothing.
const ID: &str = "018f2a3e-7c1d-7b5a-9e6f-3d2c1b0a9f8e";
/// Values that are no serial number; `LONG` stands for 129 characters.
const DEVICES: &[&str] = &[
    "a%20b",
    "%00",
    "a%23b",
    "%C3%A4",
    "%ED%A0%80",
    "LONG",
    "events",
    "alerts",
];
/// Values that are no id.
const IDS: &[&str] = &[
    "x",
    "%00",
    "LONG",
    "018f2a3e-7c1d-7b5a-9e6f-3d2c1b0a9f8",
    "%7B018f2a3e-7c1d-7b5a-9e6f-3d2c1b0a9f8e%7D",
];
/// Values that name no setting.
const SETTINGS: &[&str] = &["a%20b", "%00", "LONG", "%C3%A4"];

/// An owner with a device.
struct World {
    stack: Stack,
    owner: Owner,
    device: String,
}

impl World {
    async fn new() -> Result<Self> {
        let stack = Stack::connect().await?;
        let owner = stack.owner().await?;
        let device = serial();
        stack.add_product(&device).await?;
        stack.api(&owner).register(&device).await?.ok()?;
        Ok(Self {
            stack,
            owner,
            device,
        })
    }

    /// The path of an operation; `id` stands for whatever else it names.
    fn path(&self, key: &str, device: &str, id: Option<&str>) -> String {
        let path = key.split_once(' ').map_or("", |it| it.1);
        let id = id.unwrap_or(&self.owner.id);
        path.replace("{deviceId}", device)
            .replace("{settingId}", id)
            .replace("{eventId}", id)
            .replace("{commandId}", id)
            .replace("{field}", id)
            .replace("{name}", id)
    }

    /// A request that is right but for its path.
    async fn ask(&self, key: &str, path: &str) -> Result<tests::Answer> {
        let method: Method = key.split(' ').next().unwrap_or_default().parse()?;
        let body = match key {
            route::SETTING_PUT => json!({"setting": {"alertLevel": [], "sendNotification": false}}),
            route::REGISTRATION_CREATE => {
                json!({"deviceId": self.device, "deviceName": "Hall", "modelNumber": MODEL})
            }
            route::COMMAND_CREATE => json!({"command": "set-temp", "value": 70}),
            route::EVENT_UPDATE => json!({"ack": true}),
            route::THRESHOLD_PUT => json!({"enabled": false}),
            _ => Value::Null,
        };
        let body = (!body.is_null()).then(|| body.to_string().into_bytes());
        self.stack.api(&self.owner).send(method, path, body).await
    }
}
