//! Each operation as a client sees it: the gateway's event in, status and JSON out.

use std::collections::BTreeSet;

use domain::command::{
    Command, CommandKey, Desired, Due, Ended, Ending, Insertion, Patched, Target,
};
use domain::id::UserId;
use domain::memory::{
    MemoryCommands, MemoryOwners, MemoryShadows, MemoryTargets, Noted, at, command, user,
};
use domain::owner::Owner;
use domain::page::Stretch;
use domain::store::{Cause, StoreError};
use jiff::ToSpan;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Map, Value, json};

use super::*;

#[tokio::test]
async fn a_command_that_is_sent_has_the_fields_of_the_contract() {
    let world = World::with(0).await;
    let (status, sent) = world
        .post(&json!({"command": "set-temp", "value": 72.5, "details": {"unit": "F"}}))
        .await;
    let stored = world.commands.all().remove(0);
    let time = domain::time::text(stored.created_at);
    assert_eq!(
        (status, sent),
        (
            200,
            json!({
                "commandId": stored.id.to_string(),
                "deviceId": "SN-1",
                "deviceName": "Device SN-1",
                "userId": "anna",
                "status": "pending",
                "reason": null,
                "details": {"unit": "F"},
                "command": "set-temp",
                "value": 72.5,
                "createdAt": time,
                "updatedAt": time,
            })
        )
    );
    assert_eq!(world.topic.all(), [stored]);
    assert_eq!(
        world.shadows.state("SN-1"),
        json!({"targetTemperature": 72.5})
    );
}

#[tokio::test]
async fn a_command_counts_once_however_often_its_key_comes() {
    let world = World::with(0).await;
    let body = json!({"command": "set-temp", "value": 72});
    let answered = (metric::REQUEST_ANSWERED, 1);
    for expected in [&[answered, (metric::COMMAND_SENT, 1)][..], &[answered]] {
        assert_eq!(world.counted(keyed("k-1", &body)).await, expected);
    }
    let other = json!({"command": "set-temp", "value": 71});
    let refused = (metric::REQUEST_REFUSED, 1);
    assert_eq!(world.counted(keyed("k-1", &other)).await, [refused]);
}

#[tokio::test]
async fn what_the_product_does_not_take_is_refused_with_what_it_takes() {
    let world = World::with(0).await;
    for (command, value, allowed) in [
        ("explode", json!(1), "`do`"),
        ("set-temp", json!(111), "110"),
        ("set-temp", json!("warm"), "number"),
    ] {
        let (status, answer) = world
            .post(&json!({"command": command, "value": value}))
            .await;
        assert_eq!(
            (status, &answer["error"]),
            (400, &json!("InvalidParameter"))
        );
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains(allowed), "{allowed}: {message}");
    }
    assert_eq!((world.commands.all(), world.topic.all()), (vec![], vec![]));
}

#[tokio::test]
async fn a_model_that_cannot_be_read_is_our_fault_and_says_no_more() {
    let world = World::with(0).await;
    let details = json!({"commands": {"do": {"value": "secret"}}});
    let event = with_body(request("anna", route::COMMAND_CREATE, "SN-1"), "");
    let (status, body) = world.send_with(&details, event).await;
    assert_eq!((status, &body["error"]), (500, &json!("InternalFailure")));
    assert!(!body.to_string().contains("secret"), "{body}");
    assert_eq!(world.commands.all(), []);
}

#[tokio::test]
async fn a_request_with_a_key_can_be_repeated() {
    let world = World::with(0).await;
    let body = json!({"command": "set-temp", "value": 72.5});
    let first = world.post_with_key("k-1", &body).await;
    assert_eq!(first.0, 200);
    assert_eq!(world.post_with_key("k-1", &body).await, first);
    assert_ne!(world.post_with_key("k-2", &body).await, first);
    assert_eq!(world.commands.all().len(), 2);

    let (status, answer) = world
        .post_with_key("k-1", &json!({"command": "set-temp", "value": 73}))
        .await;
    assert_eq!(
        (status, &answer["error"]),
        (409, &json!("IdempotencyConflict"))
    );
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains(first.1["commandId"].as_str().unwrap()));
    assert_eq!(world.commands.all().len(), 2);
}

#[tokio::test]
async fn a_key_that_breaks_its_rule_is_refused() {
    let world = World::with(0).await;
    for key in ["", "a b", "\u{fc}", &"x".repeat(129)] {
        let (status, answer) = world
            .post_with_key(key, &json!({"command": "do", "value": 1}))
            .await;
        assert_eq!(
            (status, &answer["error"]),
            (400, &json!("InvalidParameter"))
        );
        assert_eq!(
            answer["message"],
            "`Idempotency-Key` must be 1 to 128 visible ASCII characters, without spaces"
        );
    }
    assert_eq!(world.commands.all(), []);
}

#[tokio::test]
async fn a_command_whose_time_is_over_is_shown_as_failed() {
    let world = World::with(0).await;
    let over = command("anna", "SN-1", 7);
    world.commands.insert(&over, None).await.unwrap();
    let (_, found) = world.one("anna", "SN-1", &over.id.to_string()).await;
    assert_eq!(
        (&found["status"], &found["reason"], &found["updatedAt"]),
        (
            &json!("failed"),
            &json!("timeout"),
            &json!(domain::time::text(over.due))
        )
    );
    for (status, count) in [("failed", 1), ("pending", 0)] {
        let (_, page) = world.list("anna", &format!("commandStatus={status}")).await;
        assert_eq!(page["count"], count, "{status}");
    }
}

#[tokio::test]
async fn any_json_is_a_value_and_details_may_be_missing() {
    for value in [
        json!(null),
        json!(false),
        json!("HEAT"),
        json!([1, {"a": -1}]),
    ] {
        let world = World::with(0).await;
        let (status, sent) = world.post(&json!({"command": "do", "value": value})).await;
        assert_eq!((status, &sent["value"]), (200, &value));
        assert_eq!(sent["details"], json!(null));
        assert_eq!(world.topic.all()[0].value, value);
    }
}

#[tokio::test]
async fn what_was_sent_is_found_at_once_and_heads_the_list() {
    let world = World::with(3).await;
    let (_, sent) = world.post(&json!({"command": "do", "value": 1})).await;
    let id = sent["commandId"].as_str().unwrap();
    assert_eq!(world.one("anna", "SN-1", id).await, (200, sent.clone()));
    let (_, page) = world.list("anna", "").await;
    assert_eq!((&page["items"][0], &page["count"]), (&sent, &json!(4)));
}

#[tokio::test]
async fn lesson_30_a_body_that_is_no_command_is_refused_and_sends_nothing() {
    let world = World::with(0).await;
    let long = "x".repeat(129);
    let large = "x".repeat(32 * 1024);
    for (body, error, field) in [
        (json!([]), "BadRequest", "the body must be a JSON object"),
        (json!({}), "BadRequest", "`command`"),
        (json!({"value": 1}), "BadRequest", "`command`"),
        (json!({"command": "do"}), "BadRequest", "`value`"),
        (json!({"command": 7, "value": 1}), "BadRequest", "`command`"),
        (
            json!({"command": "", "value": 1}),
            "BadRequest",
            "`command`",
        ),
        (
            json!({"command": "a b", "value": 1}),
            "BadRequest",
            "`command`",
        ),
        (
            json!({"command": long, "value": 1}),
            "BadRequest",
            "`command`",
        ),
        (
            json!({"command": "do", "value": 1, "details": "x"}),
            "BadRequest",
            "`details`",
        ),
        (
            json!({"command": "do", "value": 1, "status": "success"}),
            "BadRequest",
            "`status`",
        ),
        (
            json!({"command": "do", "value": 1, "userId": "bob"}),
            "BadRequest",
            "`userId`",
        ),
        (
            json!({"command": "do", "value": large}),
            "InvalidParameter",
            "`value` must be JSON of at most 32768 bytes",
        ),
        (
            json!({"command": "do", "value": 1, "details": {"a": large}}),
            "InvalidParameter",
            "`details` must be a JSON object of at most 32768 bytes together with `value`",
        ),
    ] {
        let (status, answer) = world.post(&body).await;
        assert_eq!((status, &answer["error"]), (400, &json!(error)), "{answer}");
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains(field), "{field}: {message}");
    }
    assert_eq!((world.commands.all(), world.topic.all()), (vec![], vec![]));
}

#[tokio::test]
async fn a_page_names_its_filter_and_its_key_leads_to_the_rest() {
    let world = World::with(45).await;
    for (query, filter) in [("", None), ("commandStatus=pending", Some("pending"))] {
        let (mut next, mut sizes, mut seen) = (query.to_owned(), vec![], BTreeSet::new());
        loop {
            let (status, page) = world.list("anna", &next).await;
            assert_eq!(status, 200, "{page}");
            assert_eq!(page["commandStatus"].as_str(), filter);
            let items = page["items"].as_array().unwrap();
            assert_eq!(page["count"], items.len());
            sizes.push(items.len());
            seen.extend(items.iter().map(|it| it["commandId"].to_string()));
            match page["LastEvaluatedKey"].as_str() {
                Some(key) => next = format!("{query}&lastevalkey={key}"),
                None => break,
            }
        }
        assert_eq!((sizes, seen.len()), (vec![20, 20, 5], 45), "{query}");
    }
    let (_, none) = world.list("anna", "commandStatus=failed").await;
    assert_eq!(
        none,
        json!({"count": 0, "ScannedCount": 45, "items": [], "commandStatus": "failed"})
    );
}

#[tokio::test]
async fn lesson_22_a_page_key_is_good_for_its_caller_and_query_only() {
    let world = World::with(45).await;
    world.owners.register("bob", "SN-2", 2, at(0));
    let (_, page) = world.list("anna", "").await;
    let key = page["LastEvaluatedKey"].as_str().unwrap();
    let invalid = "`lastevalkey` is not a page key of this request: repeat the request with the \
                   `LastEvaluatedKey` of its previous page, or without `lastevalkey` to start again";
    let forged = |position: &str| {
        let key = Scope(&["anna", route::COMMAND_LIST, "SN-1", ""]).seal(position);
        format!("lastevalkey={key}")
    };
    for (name, device, query) in [
        ("bob", "SN-1", format!("lastevalkey={key}")),
        ("bob", "SN-2", format!("lastevalkey={key}")),
        ("anna", "SN-2", format!("lastevalkey={key}")),
        (
            "anna",
            "SN-1",
            format!("lastevalkey={key}&commandStatus=pending"),
        ),
        ("anna", "SN-1", format!("lastevalkey={key}x")),
        ("anna", "SN-1", "lastevalkey=%7B%7D".to_owned()),
        ("anna", "SN-1", "lastevalkey=".to_owned()),
        ("anna", "SN-1", forged("")),
        ("anna", "SN-1", forged("~")),
    ] {
        let mut event = request(name, route::COMMAND_LIST, device);
        event["rawQueryString"] = json!(query);
        let expected = json!({"code": 400, "error": "InvalidParameter", "message": invalid});
        assert_eq!(
            world.send(event).await,
            (400, expected),
            "{name} {device}?{query}"
        );
    }
    let (status, page) = world
        .list("anna", &format!("lastevalkey={key}&limit=100"))
        .await;
    assert_eq!((status, &page["count"]), (200, &json!(25)));
}

#[tokio::test]
async fn a_strangers_device_is_answered_exactly_as_one_that_does_not_exist() {
    let world = World::with(3).await;
    let id = world.commands.all()[0].id.to_string();
    let expected = json!({
        "code": 400,
        "error": "DeviceNotFoundFailure",
        "message": "you have no such device: `GET /registration` lists the devices that you have",
    });
    for route in ROUTES {
        for (name, device) in [("bob", "SN-1"), ("anna", "SN-9"), ("bob", "SN-9")] {
            let event = with_body(request(name, route, device), &id);
            let answer = world.send(event).await;
            assert_eq!(answer, (400, expected.clone()), "{name} {route} {device}");
        }
        let event = with_body(request("anna", route, "SN-1"), &id);
        assert_eq!(world.send(event).await.0, 200, "{route}");
    }
    assert_eq!(world.topic.all().len(), 1, "only the owner's was sent");
}

#[tokio::test]
async fn lesson_1_a_former_owner_is_a_stranger_and_the_new_one_sees_nothing_of_theirs() {
    let world = World::with(3).await;
    let id = world.commands.all()[0].id.to_string();
    world.owners.register("bob", "SN-1", 2, at(1_000));
    for route in ROUTES {
        let event = with_body(request("anna", route, "SN-1"), &id);
        assert_eq!(world.send(event).await.0, 400, "{route}");
    }
    let (_, page) = world.list("bob", "").await;
    assert_eq!(page["count"], 0);
    assert_eq!(world.one("bob", "SN-1", &id).await, missing(&id));
}

#[tokio::test]
async fn a_command_that_is_not_there_is_named() {
    let world = World::with(1).await;
    let id = command("anna", "SN-1", 77).id.to_string();
    assert_eq!(world.one("anna", "SN-1", &id).await, missing(&id));
}

#[tokio::test]
async fn lesson_30_what_is_wrong_with_a_request_is_said() {
    let world = World::with(1).await;
    let unknown = "is unknown here";
    for (route, query, device, id, error, message) in [
        (
            route::COMMAND_LIST,
            "limit=0",
            "SN-1",
            "",
            "InvalidParameter",
            "`limit` must be",
        ),
        (
            route::COMMAND_LIST,
            "limit=101",
            "SN-1",
            "",
            "InvalidParameter",
            "`limit` must be",
        ),
        (
            route::COMMAND_LIST,
            "commandStatus=lost",
            "SN-1",
            "",
            "InvalidParameter",
            "`commandStatus` must be one of pending, success, failed",
        ),
        (
            route::COMMAND_LIST,
            "commandStatus=",
            "SN-1",
            "",
            "InvalidParameter",
            "one of pending",
        ),
        (
            route::COMMAND_LIST,
            "status=failed",
            "SN-1",
            "",
            "BadRequest",
            unknown,
        ),
        (
            route::COMMAND_GET,
            "limit=1",
            "SN-1",
            ID,
            "BadRequest",
            unknown,
        ),
        (
            route::COMMAND_CREATE,
            "dryRun=1",
            "SN-1",
            "",
            "BadRequest",
            unknown,
        ),
        (
            route::COMMAND_LIST,
            "",
            "a b",
            "",
            "InvalidParameter",
            "`deviceId` must be",
        ),
        (
            route::COMMAND_GET,
            "",
            "events",
            ID,
            "InvalidParameter",
            "`deviceId` must be",
        ),
        (
            route::COMMAND_CREATE,
            "",
            "",
            "",
            "InvalidParameter",
            "`deviceId` must be",
        ),
        (
            route::COMMAND_GET,
            "",
            "SN-1",
            "7",
            "InvalidParameter",
            "`commandId` must be a UUID",
        ),
        (
            route::COMMAND_GET,
            "",
            "SN-1",
            "",
            "InvalidParameter",
            "`commandId` must be a UUID",
        ),
        (
            route::DEVICE_GET,
            "",
            "SN-1",
            "",
            "BadRequest",
            "not an operation of this service",
        ),
    ] {
        let mut event = with_body(request("anna", route, device), id);
        event["rawQueryString"] = json!(query);
        let (status, answer) = world.send(event).await;
        assert_eq!(
            (status, &answer["error"]),
            (400, &json!(error)),
            "{route}?{query}"
        );
        let said = answer["message"].as_str().unwrap();
        assert!(said.contains(message), "{message}: {said}");
    }
    assert_eq!(world.topic.all(), []);
}

#[tokio::test]
async fn lesson_30_a_service_that_fails_is_said_without_its_internals() {
    for (cause, status, error) in [
        (Cause::Busy, 503, "ServiceUnavailable"),
        (Cause::Broken, 500, "InternalFailure"),
    ] {
        for route in ROUTES {
            let away = Away(cause);
            let event = with_body(request("anna", route, "SN-1"), ID);
            let ports = Sending {
                targets: &away,
                commands: &away,
                shadows: &away,
                topic: &away,
            };
            let (found, body) = send(&away, &ports, event).await;
            assert_eq!((found, &body["error"]), (status, &json!(error)), "{route}");
            assert!(!body.to_string().contains("secret"), "{body}");
        }

        // The row is there; the device is out of reach.
        let world = World::with(0).await;
        let event = with_body(request("anna", route::COMMAND_CREATE, "SN-1"), "");
        let ports = Sending {
            targets: &world.targets(&model()),
            commands: &world.commands,
            shadows: &world.shadows,
            topic: &Away(cause),
        };
        let (found, body) = send(&world.owners, &ports, event).await;
        assert_eq!((found, &body["error"]), (status, &json!(error)));
        let row = &world.commands.all()[0];
        assert_eq!(row.status, CommandStatus::Failed);
        assert_eq!(row.reason.as_deref(), Some("not sent"));
    }
}

const ROUTES: [&str; 3] = [
    route::COMMAND_LIST,
    route::COMMAND_GET,
    route::COMMAND_CREATE,
];

/// An id of no command.
const ID: &str = "0174f6d3-0d07-7000-8000-000000000000";

/// What the product takes: `do` takes anything.
fn model() -> Value {
    json!({"commands": {
        "do": {"value": {}},
        "set-temp": {
            "value": {"type": "number", "minimum": 50, "maximum": 110},
            "desired": {"targetTemperature": "$value"},
        },
    }})
}

/// `SN-1` is Anna's, and commands were sent to it that are pending for an hour.
struct World {
    owners: MemoryOwners,
    commands: MemoryCommands,
    shadows: MemoryShadows,
    topic: Noted<Command>,
}

impl World {
    async fn with(commands: i64) -> Self {
        let world = Self {
            owners: MemoryOwners::default(),
            commands: MemoryCommands::default(),
            shadows: MemoryShadows::default(),
            topic: Noted::default(),
        };
        world.owners.register("anna", "SN-1", 1, at(0));
        for number in 0..commands {
            let mut command = command("anna", "SN-1", number);
            command.due = Timestamp::now() + 1.hour();
            world.commands.insert(&command, None).await.unwrap();
        }
        world
    }

    fn targets(&self, details: &Value) -> MemoryTargets<'_> {
        MemoryTargets {
            owners: &self.owners,
            commands: &self.commands,
            details: details.as_object().cloned().unwrap(),
        }
    }

    async fn list(&self, name: &str, query: &str) -> (i64, Value) {
        let mut event = request(name, route::COMMAND_LIST, "SN-1");
        event["rawQueryString"] = json!(query);
        self.send(event).await
    }

    async fn one(&self, name: &str, device: &str, id: &str) -> (i64, Value) {
        let event = with_body(request(name, route::COMMAND_GET, device), id);
        self.send(event).await
    }

    async fn post(&self, body: &Value) -> (i64, Value) {
        let mut event = request("anna", route::COMMAND_CREATE, "SN-1");
        event["body"] = json!(body.to_string());
        self.send(event).await
    }

    /// What a request counts.
    async fn counted(&self, event: Value) -> Vec<(&'static str, usize)> {
        let ports = Sending {
            targets: &self.targets(&model()),
            commands: &self.commands,
            shadows: &self.shadows,
            topic: &self.topic,
        };
        let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), Context::default());
        let operation = |request| handle(&self.owners, &ports, request);
        runtime::http::counts(&runtime::http::perform(event, operation).await)
    }

    async fn post_with_key(&self, key: &str, body: &Value) -> (i64, Value) {
        self.send(keyed(key, body)).await
    }

    async fn send(&self, event: Value) -> (i64, Value) {
        self.send_with(&model(), event).await
    }

    async fn send_with(&self, details: &Value, event: Value) -> (i64, Value) {
        let ports = Sending {
            targets: &self.targets(details),
            commands: &self.commands,
            shadows: &self.shadows,
            topic: &self.topic,
        };
        send(&self.owners, &ports, event).await
    }
}

async fn send<T, C, S, P>(
    owners: &impl Owners,
    ports: &Sending<'_, T, C, S, P>,
    event: Value,
) -> (i64, Value)
where
    T: Targets,
    C: Commands + OpenCommands,
    S: DesiredStates,
    P: CommandTopic,
{
    let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), Context::default());
    let answer = runtime::http::respond(event, |request| handle(owners, ports, request))
        .await
        .unwrap();
    let answer = serde_json::to_value(answer).unwrap();
    let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    (answer["statusCode"].as_i64().unwrap(), body)
}

fn request(name: &str, route: &str, device: &str) -> Value {
    let mut event: Value =
        serde_json::from_str(include_str!("../../fixtures/request.json")).unwrap();
    event["routeKey"] = json!(route);
    event["pathParameters"]["deviceId"] = json!(device);
    event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] = json!(user(name));
    event
}

fn keyed(key: &str, body: &Value) -> Value {
    let mut event = request("anna", route::COMMAND_CREATE, "SN-1");
    event["body"] = json!(body.to_string());
    event["headers"]["Idempotency-Key"] = json!(key);
    event
}

/// The same with a command's id in its path and a body that is a command.
fn with_body(mut event: Value, id: &str) -> Value {
    event["pathParameters"]["commandId"] = json!(id);
    event["body"] = json!(json!({"command": "do", "value": 1}).to_string());
    event
}

fn missing(id: &str) -> (i64, Value) {
    let message = format!(
        "the device was sent no command `{id}`: `GET /devices/{{deviceId}}/commands` lists those that it was sent"
    );
    (
        400,
        json!({"code": 400, "error": "MissingCommand", "message": message}),
    )
}

/// Everything, when it does not answer.
struct Away(Cause);

impl Away {
    fn answer<T>(&self) -> Result<T, StoreError> {
        let source = "a secret detail".into();
        Err(StoreError {
            operation: "ask a service",
            cause: self.0,
            source,
        })
    }
}

impl Owners for Away {
    async fn of_device(&self, _: &DeviceId) -> Result<Option<Owner>, StoreError> {
        self.answer()
    }

    async fn of_user(&self, _: &UserId, _: &DeviceId) -> Result<Option<Owner>, StoreError> {
        self.answer()
    }
}

impl Targets for Away {
    async fn of_user(
        &self,
        _: &UserId,
        _: &DeviceId,
        _: Option<&IdempotencyKey>,
    ) -> Result<Option<Target>, StoreError> {
        self.answer()
    }
}

impl Commands for Away {
    async fn insert(
        &self,
        _: &Command,
        _: Option<&IdempotencyKey>,
    ) -> Result<Insertion, StoreError> {
        self.answer()
    }

    async fn get(
        &self,
        _: &UserId,
        _: &DeviceId,
        _: CommandId,
    ) -> Result<Option<Command>, StoreError> {
        self.answer()
    }

    async fn read(
        &self,
        _: &UserId,
        _: &DeviceId,
        _: Option<CommandStatus>,
        _: Option<CommandId>,
        _: usize,
        _: Timestamp,
    ) -> Result<Stretch<Command>, StoreError> {
        self.answer()
    }
}

impl OpenCommands for Away {
    async fn end(&self, _: CommandKey<'_>, _: &Ending, _: Timestamp) -> Result<Ended, StoreError> {
        self.answer()
    }

    async fn close(&self, _: CommandKey<'_>) -> Result<(), StoreError> {
        self.answer()
    }

    async fn due(&self, _: Timestamp, _: usize) -> Due {
        Due {
            commands: vec![self.answer()],
            more: false,
        }
    }
}

impl DesiredStates for Away {
    async fn desired(&self, _: &DeviceId) -> Result<Option<Desired>, StoreError> {
        self.answer()
    }

    async fn patch(
        &self,
        _: &DeviceId,
        _: &Map<String, Value>,
        _: &str,
        _: Option<u64>,
    ) -> Result<Patched, StoreError> {
        self.answer()
    }
}

impl CommandTopic for Away {
    async fn publish(&self, _: &Command, _: Timestamp) -> Result<(), StoreError> {
        self.answer()
    }
}
