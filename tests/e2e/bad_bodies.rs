//! Bodies that no operation takes: each is refused with the name of what is
//! wrong, and nothing is done.

use anyhow::{Context, Result, ensure};
use contract::route;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{MODEL, Owner, Product, Stack, serial};

/// An operation that takes a body.
struct Operation {
    method: Method,
    path: String,
    /// A body that would be taken.
    good: Value,
    /// Each field that must be there, and a value of a wrong type.
    needed: Vec<(&'static str, Value)>,
    /// The same for those that may be there.
    possible: Vec<(&'static str, Value)>,
    /// What its errors are called.
    error: &'static str,
}

#[tokio::test]
async fn each_bad_body_is_refused_by_name_and_nothing_is_done() -> Result<()> {
    let world = World::new().await?;
    let before = world.state().await?;
    for operation in world.operations() {
        for (body, says) in operation.bodies() {
            world.refuses(&operation, body, says).await?;
        }
        // Too large to be looked at: not even a setting.
        let large = operation.with(operation.needed[0].0, json!("x".repeat(1 << 20)));
        let operation = Operation {
            error: "BadRequest",
            ..operation
        };
        world.refuses(&operation, large, "65536").await?;
    }
    assert_eq!(world.state().await?, before);
    // What was refused was refused for what was wrong with it.
    for operation in world.operations() {
        let body = operation.good.to_string().into_bytes();
        let api = world.stack.api(&world.owner);
        api.send(operation.method, &operation.path, Some(body))
            .await?
            .ok()?;
    }
    Ok(())
}

#[test]
fn every_operation_that_writes_is_here() {
    let writing = route::ALL.iter().filter(|it| it.key.starts_with('P'));
    let mut here = vec![
        route::REGISTRATION_CREATE,
        route::COMMAND_CREATE,
        route::SETTING_PUT,
        route::EVENT_UPDATE,
        route::THRESHOLD_PUT,
    ];
    let mut keys: Vec<_> = writing.map(|it| it.key).collect();
    keys.sort_unstable();
    here.sort_unstable();
    assert_eq!(keys, here);
}

#[tokio::test]
async fn each_bad_field_of_a_registration_is_refused_by_name() -> Result<()> {
    let world = World::new().await?;
    let operations = world.operations();
    let long = json!("x".repeat(129));
    for (field, value) in [
        ("deviceName", json!("")),
        ("deviceName", json!("  ")),
        ("deviceName", json!("a\u{7}b")),
        ("deviceName", long.clone()),
        ("deviceId", json!("")),
        ("deviceId", json!("a b")),
        ("deviceId", json!("ä")),
        ("deviceId", long.clone()),
        ("deviceId", json!("events")),
        ("deviceId", json!("alerts")),
        ("modelNumber", json!("x y")),
        ("modelNumber", long),
    ] {
        world
            .refuses(&operations[0], operations[0].with(field, value), field)
            .await?;
    }
    // Well-formed, and made by nobody.
    for (field, value) in [
        ("modelNumber", "another-model"),
        ("deviceId", "nobody-made-this"),
    ] {
        let body = operations[0].with(field, json!(value)).into_bytes();
        let api = world.stack.api(&world.owner);
        let answer = api.send(Method::POST, "/registration", Some(body)).await?;
        let message = answer.refused(400, "DeviceNotFoundFailure")?;
        ensure!(message.contains(value), "{message}");
    }
    assert!(world.stack.product(&world.free).await?["claimedBy"].is_null());
    assert!(
        !world.stack.has_thing(&world.free).await?,
        "a thing is left over"
    );
    Ok(())
}

#[tokio::test]
async fn each_bad_field_of_a_command_is_refused_by_name() -> Result<()> {
    let world = World::new().await?;
    let operation = &world.operations()[1];
    for (field, value) in [
        ("command", json!("")),
        ("command", json!("a b")),
        ("command", json!("ä")),
        ("command", json!("a/b")),
        ("command", json!("x".repeat(129))),
        ("details", json!([1])),
        ("details", json!("text")),
    ] {
        world
            .refuses(operation, operation.with(field, value), field)
            .await?;
    }
    Ok(())
}

#[tokio::test]
async fn each_bad_field_of_a_setting_is_refused_by_name() -> Result<()> {
    let world = World::new().await?;
    let operation = &world.operations()[2];
    for (setting, says) in [
        (json!({"alertLevel": ["error"]}), "sendNotification"),
        (json!({"sendNotification": true}), "alertLevel"),
        (
            json!({"alertLevel": "error", "sendNotification": true}),
            "alertLevel",
        ),
        (
            json!({"alertLevel": ["Error"], "sendNotification": true}),
            "alertLevel",
        ),
        (
            json!({"alertLevel": [null], "sendNotification": true}),
            "alertLevel",
        ),
        (
            json!({"alertLevel": [], "sendNotification": "true"}),
            "sendNotification",
        ),
        (
            json!({"alertLevel": [], "sendNotification": true, "more": 1}),
            "more",
        ),
    ] {
        world
            .refuses(operation, operation.with("setting", setting), says)
            .await?;
    }
    Ok(())
}

impl Operation {
    /// The good body with another value in `field`.
    fn with(&self, field: &str, value: Value) -> String {
        let mut body = self.good.clone();
        body[field] = value;
        body.to_string()
    }

    /// The good body with `raw` JSON in `field`, which a `Value` might not hold.
    fn raw(&self, field: &str, raw: &str) -> String {
        self.with(field, json!("RAW")).replace("\"RAW\"", raw)
    }

    /// What is wrong for every operation, and a word that the message says.
    fn bodies(&self) -> Vec<(String, String)> {
        let good = self.good.to_string();
        let mut cases: Vec<(String, String)> = Vec::new();
        let mut case = |body: String, says: &str| cases.push((body, says.to_owned()));
        for text in ["", "text", "null", "[]", "\"{}\"", "\u{feff}{}"] {
            case(text.to_owned(), "object");
        }
        case(format!("[{good}]"), "object");
        case("{".to_owned(), "EOF");
        case(good[..good.len() - 1].to_owned(), "EOF");
        case(format!("{good}{good}"), "after");
        case(format!("{good}]"), "after");
        case(self.with("surprise", json!(1)), "surprise");
        case(self.with("userId", json!("me")), "userId");
        for (field, _) in &self.needed {
            let mut body = self.good.clone();
            body.as_object_mut().map(|it| it.remove(*field));
            case(body.to_string(), field);
        }
        for (field, wrong) in self.needed.iter().chain(&self.possible) {
            case(self.with(field, wrong.clone()), field);
            case(self.raw(field, r#""a\u0000b""#), field);
            case(self.raw(field, r#""\ud800""#), field);
            case(self.raw(field, "9223372036854775808"), field);
            case(self.raw(field, "-9223372036854775809"), field);
            case(self.raw(field, "1e999"), field);
            let value = self.good.get(*field).unwrap_or(wrong);
            case(
                good.replacen(
                    '{',
                    &format!("{{\"{field}\":{value},\"{field}\":{value},"),
                    1,
                ),
                field,
            );
            case(
                self.raw(
                    field,
                    &format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000)),
                ),
                "32 levels",
            );
            case(self.raw(field, &"[".repeat(50_000)), "32 levels");
        }
        cases
    }
}

/// An owner with a device, an event of it, and another device to register.
struct World {
    stack: Stack,
    owner: Owner,
    device: String,
    free: String,
    event: String,
    /// A device that has thresholds.
    greenhouse: String,
}

/// Field and name of a threshold.
const GLARE: &str = "lux/glare";

impl World {
    async fn new() -> Result<Self> {
        let stack = Stack::connect().await?;
        let owner = stack.owner().await?;
        let (device, free) = (serial(), serial());
        for device in [&device, &free] {
            stack.add_product(device).await?;
        }
        stack.api(&owner).register(&device).await?.ok()?;
        let (greenhouse, product) = (serial(), Product::sample("greenhouse-1")?);
        stack.manufacture(&greenhouse, &product).await?;
        let api = stack.api(&owner);
        api.register_as(&greenhouse, product.number).await?.ok()?;
        let message = json!({"type": "error", "messageId": "m-1"}).to_string();
        stack
            .call(
                "event-proxy",
                &Stack::rule_event(&device, message.as_bytes()),
            )
            .await?;
        let events = stack
            .api(&owner)
            .read(&format!("/devices/{device}/events"))
            .await?;
        let event = events["items"][0]["id"]
            .as_str()
            .context("no event")?
            .to_owned();
        Ok(Self {
            stack,
            owner,
            device,
            free,
            event,
            greenhouse,
        })
    }

    fn operations(&self) -> [Operation; 5] {
        let (device, list) = (&self.device, json!([]));
        [
            Operation {
                method: Method::POST,
                path: "/registration".to_owned(),
                good: json!({"deviceId": self.free, "deviceName": "Hall", "modelNumber": MODEL}),
                needed: ["deviceId", "deviceName", "modelNumber"]
                    .map(|it| (it, list.clone()))
                    .into(),
                possible: vec![],
                error: "BadRequest",
            },
            Operation {
                method: Method::POST,
                path: format!("/devices/{device}/commands"),
                good: json!({"command": "set-temp", "value": 70}),
                needed: vec![("command", json!(1))],
                possible: vec![("details", json!(1))],
                error: "BadRequest",
            },
            Operation {
                method: Method::PUT,
                path: format!("/settings/config/{}", self.owner.id),
                good: json!({"setting": {"alertLevel": ["info"], "sendNotification": true}}),
                needed: vec![("setting", json!(1))],
                possible: vec![],
                error: "InvalidSetting",
            },
            Operation {
                method: Method::PUT,
                path: format!("/devices/{device}/events/{}", self.event),
                good: json!({"ack": true}),
                needed: vec![("ack", json!("true"))],
                possible: vec![("suppress", json!(1))],
                error: "BadRequest",
            },
            Operation {
                method: Method::PUT,
                path: format!("/devices/{}/thresholds/{GLARE}", self.greenhouse),
                good: json!({"above": 36_000}),
                needed: vec![("above", json!("5"))],
                possible: vec![
                    ("below", json!("5")),
                    ("seconds", json!(0.5)),
                    ("enabled", json!(1)),
                ],
                error: "BadRequest",
            },
        ]
    }

    async fn refuses(
        &self,
        operation: &Operation,
        body: String,
        says: impl AsRef<str>,
    ) -> Result<()> {
        let start: String = body.chars().take(120).collect();
        let what = || format!("{} {} {start}", operation.method, operation.path);
        let api = self.stack.api(&self.owner);
        let answer = api
            .send(
                operation.method.clone(),
                &operation.path,
                Some(body.into_bytes()),
            )
            .await?;
        let message = answer.refused(400, operation.error).with_context(what)?;
        ensure!(
            message.contains(says.as_ref()),
            "{}: {message:?} does not say {:?}",
            what(),
            says.as_ref()
        );
        Ok(())
    }

    /// All that an operation could have changed.
    async fn state(&self) -> Result<Vec<Value>> {
        let api = self.stack.api(&self.owner);
        let mut state = Vec::new();
        for operation in self.operations() {
            if operation.path != "/registration" {
                // A threshold is read with the others of its device.
                let path = operation.path.trim_end_matches(GLARE).trim_end_matches('/');
                state.push(api.read(path).await?);
            }
        }
        state.push(api.read("/registration").await?);
        state.push(self.stack.product(&self.free).await?);
        state.push(json!(self.stack.has_thing(&self.free).await?));
        Ok(state)
    }
}
