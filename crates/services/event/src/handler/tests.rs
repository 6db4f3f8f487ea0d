//! Each operation as a client sees it: the gateway's event in, status and JSON out.

use std::collections::BTreeSet;

use domain::event::{Counted, Events, Query, Record};
use domain::id::{RegistrationId, UserId};
use domain::memory::{MemoryEvents, MemoryOwners, MemorySettings, at, record, user};
use domain::owner::Owner;
use domain::page::Stretch;
use domain::settings::UserSettings;
use domain::store::{Cause, StoreError};
use jiff::Timestamp;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};

use super::*;

#[tokio::test]
async fn a_page_has_the_fields_of_the_contract() {
    let world = World::with(1).await;
    let page = world.get("anna", route::EVENTS_OF_USER, "").await;
    let event = &world.events.records()[0].event;
    assert_eq!(
        page,
        (
            200,
            json!({"count": 1, "ScannedCount": 1, "items": [event]})
        )
    );
}

#[tokio::test]
async fn a_page_names_the_filters_that_were_applied() {
    let world = World::with(3).await;
    for (route, query, filters) in [
        (route::EVENTS_OF_USER, "", &[][..]),
        (
            route::EVENTS_OF_USER,
            "deviceId=SN-1&eventType=warning&limit=2",
            &["deviceId", "eventType"],
        ),
        (route::EVENTS_OF_DEVICE, "eventType=warning", &["eventType"]),
        (route::ALERTS, "deviceId=SN-1", &["deviceId"]),
    ] {
        let (status, page) = world.get("anna", route, query).await;
        assert_eq!(status, 200, "{page}");
        let values = json!({"deviceId": "SN-1", "eventType": "warning"});
        let fixed = ["count", "ScannedCount", "items", "LastEvaluatedKey"];
        let page = page.as_object().unwrap();
        let found: BTreeSet<_> = page
            .keys()
            .filter(|it| !fixed.contains(&it.as_str()))
            .collect();
        assert_eq!(
            found,
            filters
                .iter()
                .map(|it| it.to_string())
                .collect::<Vec<_>>()
                .iter()
                .collect()
        );
        assert!(
            filters.iter().all(|it| page[*it] == values[*it]),
            "{page:?}"
        );
    }
}

#[tokio::test]
async fn twenty_events_are_a_page_and_its_key_leads_to_the_rest() {
    for route in [
        route::EVENTS_OF_USER,
        route::EVENTS_OF_DEVICE,
        route::ALERTS,
    ] {
        let world = World::with(45).await;
        let (mut query, mut sizes, mut seen) = (String::new(), vec![], BTreeSet::new());
        loop {
            let (_, page) = world.get("anna", route, &query).await;
            let items = page["items"].as_array().unwrap();
            sizes.push(items.len());
            seen.extend(items.iter().map(|it| it["id"].to_string()));
            match page["LastEvaluatedKey"].as_str() {
                Some(key) => query = format!("lastevalkey={key}"),
                None => break,
            }
        }
        assert_eq!((sizes, seen.len()), (vec![20, 20, 5], 45), "{route}");
    }
}

#[tokio::test]
async fn the_number_of_alerts_is_an_object() {
    let world = World::with(7).await;
    let answer = world.get("anna", route::ALERTS_COUNT, "").await;
    assert_eq!(answer, (200, json!({"alertsCount": 7})));
    let answer = world.get("bob", route::ALERTS_COUNT, "").await;
    assert_eq!(answer, (200, json!({"alertsCount": 0})));
}

#[tokio::test]
async fn lesson_22_a_page_key_is_good_for_its_caller_and_query_only() {
    let world = World::with(45).await;
    let (_, page) = world.get("anna", route::EVENTS_OF_USER, "").await;
    let key = page["LastEvaluatedKey"].as_str().unwrap();
    let invalid = "`lastevalkey` is not a page key of this request: repeat the request with the \
                   `LastEvaluatedKey` of its previous page, or without `lastevalkey` to start again";
    for (name, route, query) in [
        ("bob", route::EVENTS_OF_USER, format!("lastevalkey={key}")),
        ("anna", route::ALERTS, format!("lastevalkey={key}")),
        (
            "anna",
            route::EVENTS_OF_DEVICE,
            format!("lastevalkey={key}"),
        ),
        (
            "anna",
            route::EVENTS_OF_USER,
            format!("lastevalkey={key}&eventType=error"),
        ),
        (
            "anna",
            route::EVENTS_OF_USER,
            format!("lastevalkey={key}&deviceId=SN-1"),
        ),
        ("anna", route::EVENTS_OF_USER, format!("lastevalkey={key}x")),
        (
            "anna",
            route::EVENTS_OF_USER,
            "lastevalkey=%7B%22id%22%3A1%7D".to_owned(),
        ),
        ("anna", route::EVENTS_OF_USER, "lastevalkey=".to_owned()),
        (
            "anna",
            route::EVENTS_OF_USER,
            format!("lastevalkey={}", forged("anna", "")),
        ),
        (
            "anna",
            route::EVENTS_OF_USER,
            format!("lastevalkey={}", forged("anna", "~")),
        ),
    ] {
        let (status, body) = world.get(name, route, &query).await;
        let expected = json!({"code": 400, "error": "InvalidParameter", "message": invalid});
        assert_eq!((status, body), (400, expected), "{name} {route}?{query}");
    }
    let same = format!("lastevalkey={key}&limit=100");
    let (status, page) = world.get("anna", route::EVENTS_OF_USER, &same).await;
    assert_eq!(
        (status, &page["count"]),
        (200, &json!(25)),
        "another limit is the same query"
    );
}

/// A key as somebody would make who knows how.
fn forged(name: &str, position: &str) -> String {
    Scope(&[name, route::EVENTS_OF_USER, "", "", ""]).seal(position)
}

#[tokio::test]
async fn a_strangers_device_is_answered_exactly_as_one_that_does_not_exist() {
    let world = World::with(3).await;
    let strangers = world.get("bob", route::EVENTS_OF_DEVICE, "").await;
    let nobodys = world.device("anna", "SN-9").await;
    let expected = json!({
        "code": 400,
        "error": "DeviceNotFoundFailure",
        "message": "you have no such device: `GET /registration` lists the devices that you have",
    });
    assert_eq!(strangers, (400, expected));
    assert_eq!(strangers, nobodys);
    assert_eq!(world.device("anna", "SN-1").await.0, 200);
}

#[tokio::test]
async fn lesson_1_a_former_owner_is_a_stranger_and_the_new_one_sees_nothing_of_theirs() {
    let world = World::with(3).await;
    world.owners.register("bob", "SN-1", 2, at(1_000));
    assert_eq!(world.device("anna", "SN-1").await.0, 400);
    assert_eq!(world.device("bob", "SN-1").await.1["count"], 0);
    let (_, own) = world.get("anna", route::EVENTS_OF_USER, "").await;
    assert_eq!(own["count"], 3, "what was theirs stays theirs");
}

#[tokio::test]
async fn lesson_30_what_is_wrong_with_a_request_is_said() {
    let world = World::with(1).await;
    for (route, query, error, message) in [
        (
            route::EVENTS_OF_USER,
            "limit=0",
            "InvalidParameter",
            "`limit` must be a whole number from 1 to 100",
        ),
        (
            route::ALERTS,
            "limit=101",
            "InvalidParameter",
            "`limit` must be a whole number from 1 to 100",
        ),
        (
            route::EVENTS_OF_DEVICE,
            "limit=ten",
            "InvalidParameter",
            "`limit` must be a whole number from 1 to 100",
        ),
        (
            route::EVENTS_OF_USER,
            "eventType=fatal",
            "InvalidParameter",
            "`eventType` must be one of error, warning, info, diagnostic",
        ),
        (
            route::EVENTS_OF_DEVICE,
            "eventType=",
            "InvalidParameter",
            "`eventType` must be one of error, warning, info, diagnostic",
        ),
        (
            route::EVENTS_OF_USER,
            "deviceId=a%20b",
            "InvalidParameter",
            "`deviceId` must be 1 to 128 of A-Z a-z 0-9 : _ - and none of the words `events` and `alerts`",
        ),
        (
            route::EVENTS_OF_USER,
            "type=error",
            "BadRequest",
            "query parameter `type` is unknown here: accepted are `deviceId`, `eventType`, `limit`, `lastevalkey`",
        ),
        (
            route::EVENTS_OF_DEVICE,
            "deviceId=SN-1",
            "BadRequest",
            "query parameter `deviceId` is unknown here: accepted are `eventType`, `limit`, `lastevalkey`",
        ),
        (
            route::ALERTS,
            "eventType=error",
            "BadRequest",
            "query parameter `eventType` is unknown here: accepted are `deviceId`, `limit`, `lastevalkey`",
        ),
        (
            route::ALERTS_COUNT,
            "limit=1",
            "BadRequest",
            "query parameter `limit` is unknown here: none is accepted",
        ),
        (
            route::REGISTRATION_LIST,
            "",
            "BadRequest",
            "`GET /registration` is not an operation of this service",
        ),
    ] {
        let answer = world.get("anna", route, query).await;
        let expected = json!({"code": 400, "error": error, "message": message});
        assert_eq!(answer, (400, expected), "{route}?{query}");
    }
    let (status, body) = world.device("anna", &"x".repeat(129)).await;
    assert_eq!((status, &body["error"]), (400, &json!("InvalidParameter")));
}

#[tokio::test]
async fn an_access_token_is_no_id_token() {
    let world = World::with(1).await;
    let mut event = request("anna", route::ALERTS, "", "SN-1");
    event["requestContext"]["authorizer"]["jwt"]["claims"]["token_use"] = json!("access");
    let (status, body) = world.send(event).await;
    assert_eq!(
        (status, &body["error"]),
        (401, &json!("AccessDeniedException"))
    );
}

#[tokio::test]
async fn lesson_30_a_store_that_fails_is_said_without_its_internals() {
    for (cause, status, error) in [
        (Cause::Busy, 503, "ServiceUnavailable"),
        (Cause::Broken, 500, "InternalFailure"),
    ] {
        for route in [
            route::EVENTS_OF_USER,
            route::EVENTS_OF_DEVICE,
            route::ALERTS,
            route::ALERTS_COUNT,
            route::EVENT_GET,
            route::EVENT_UPDATE,
        ] {
            let away = Away(cause);
            let event = request("anna", route, "", "SN-1");
            let (found, body) = send(&away, &away, &away, event).await;
            assert_eq!((found, &body["error"]), (status, &json!(error)), "{route}");
            assert!(!body.to_string().contains("secret"), "{body}");
        }
    }
}

#[tokio::test]
async fn acknowledging_counts_and_other_changes_do_not() {
    let world = World::with(1).await;
    let answered = (metric::REQUEST_ANSWERED, 1);
    let acknowledged = (metric::ALERT_ACKNOWLEDGED, 1);
    for (body, expected) in [
        (json!({"ack": true}), &[answered, acknowledged][..]),
        (
            json!({"ack": true, "suppress": true}),
            &[answered, acknowledged],
        ),
        (json!({"ack": false}), &[answered]),
        (json!({"suppress": true}), &[answered]),
        (json!({}), &[(metric::REQUEST_REFUSED, 1)]),
    ] {
        let counted = world.counted(&event_id("m-0"), &body).await;
        assert_eq!(counted, expected, "{body}");
    }
    let missing = world.counted(&event_id("m-9"), &json!({"ack": true})).await;
    assert_eq!(missing, [(metric::REQUEST_REFUSED, 1)]);
}

#[tokio::test]
async fn one_event_is_shown_as_in_the_lists() {
    let world = World::with(2).await;
    let event = &world.events.records()[1].event;
    let found = world.get("anna", route::EVENT_GET, "").await;
    assert_eq!(found, (200, json!(event)));
}

#[tokio::test]
async fn an_update_answers_the_event_as_it_is_stored() {
    let world = World::with(1).await;
    for (body, ack, suppress) in [
        (json!({"ack": true}), true, false),
        (json!({"suppress": true}), true, true),
        (json!({"ack": false, "suppress": false}), false, false),
    ] {
        let (status, found) = world.update("anna", &event_id("m-0"), &body).await;
        assert_eq!(status, 200, "{found}");
        assert_eq!(
            (&found["ack"], &found["suppress"]),
            (&json!(ack), &json!(suppress))
        );
        assert_eq!(found, json!(world.events.records()[0].event));
    }
}

#[tokio::test]
async fn an_update_that_is_none_is_said_so_and_changes_nothing() {
    let world = World::with(1).await;
    let before = world.events.records();
    for (body, named) in [
        (json!({}), "`ack`"),
        (json!({"ack": null}), "`ack`"),
        (json!({"ack": "true"}), "`ack`"),
        (json!({"suppress": 1}), "`suppress`"),
        (json!({"ack": true, "acked": true}), "`acked`"),
        (json!([true, true]), "object"),
    ] {
        let (status, found) = world.update("anna", &event_id("m-0"), &body).await;
        assert_eq!(
            (status, &found["error"]),
            (400, &json!("BadRequest")),
            "{body}"
        );
        assert!(
            found["message"].as_str().unwrap().contains(named),
            "{found}"
        );
    }
    assert_eq!(world.events.records(), before);
}

#[tokio::test]
async fn an_event_that_is_not_there_is_missing_and_of_a_strangers_device_nothing_is_said() {
    let world = World::with(1).await;
    let body = json!({"ack": true});
    for (name, id, error) in [
        ("anna", event_id("m-9"), "MissingEvent"),
        ("anna", "no-uuid".to_owned(), "InvalidParameter"),
        ("anna", event_id("m-0").to_uppercase(), "InvalidParameter"),
        ("bob", event_id("m-0"), "DeviceNotFoundFailure"),
        ("bob", event_id("m-9"), "DeviceNotFoundFailure"),
    ] {
        let (status, found) = world.update(name, &id, &body).await;
        assert_eq!(
            (status, &found["error"]),
            (400, &json!(error)),
            "{name} {id}"
        );
        let mut event = request(name, route::EVENT_GET, "", "SN-1");
        event["pathParameters"]["eventId"] = json!(id);
        assert_eq!(world.send(event).await, (status, found));
    }
    assert!(world.events.records()[0].event.is_unread());
}

/// `SN-1` is Anna's and has reported warnings.
struct World {
    owners: MemoryOwners,
    settings: MemorySettings,
    events: MemoryEvents,
}

impl World {
    async fn with(warnings: i64) -> Self {
        let world = Self {
            owners: MemoryOwners::default(),
            settings: MemorySettings::default(),
            events: MemoryEvents::default(),
        };
        world.owners.register("anna", "SN-1", 1, at(0));
        for number in 0..warnings {
            let record = record("anna", "SN-1", &format!("m-{number}"), number);
            world.events.insert(&record).await.unwrap();
        }
        world
    }

    async fn get(&self, name: &str, route: &str, query: &str) -> (i64, Value) {
        self.send(request(name, route, query, "SN-1")).await
    }

    async fn update(&self, name: &str, id: &str, body: &Value) -> (i64, Value) {
        let mut event = request(name, route::EVENT_UPDATE, "", "SN-1");
        event["pathParameters"]["eventId"] = json!(id);
        event["body"] = json!(body.to_string());
        self.send(event).await
    }

    /// What an update of an event counts.
    async fn counted(&self, id: &str, body: &Value) -> Vec<(&'static str, usize)> {
        let mut event = request("anna", route::EVENT_UPDATE, "", "SN-1");
        event["pathParameters"]["eventId"] = json!(id);
        event["body"] = json!(body.to_string());
        let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), Context::default());
        let operation = |request| handle(&self.owners, &self.settings, &self.events, request);
        runtime::http::counts(&runtime::http::perform(event, operation).await)
    }

    async fn device(&self, name: &str, device: &str) -> (i64, Value) {
        self.send(request(name, route::EVENTS_OF_DEVICE, "", device))
            .await
    }

    async fn send(&self, event: Value) -> (i64, Value) {
        send(&self.owners, &self.settings, &self.events, event).await
    }
}

async fn send(
    owners: &impl Owners,
    settings: &impl Settings,
    events: &(impl SingleEvents + Timelines),
    event: Value,
) -> (i64, Value) {
    let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), Context::default());
    let answer = runtime::http::respond(event, |request| handle(owners, settings, events, request))
        .await
        .unwrap();
    let answer = serde_json::to_value(answer).unwrap();
    let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    (answer["statusCode"].as_i64().unwrap(), body)
}

fn request(name: &str, route: &str, query: &str, device: &str) -> Value {
    let mut event: Value =
        serde_json::from_str(include_str!("../../fixtures/request.json")).unwrap();
    event["routeKey"] = json!(route);
    event["rawQueryString"] = json!(query);
    event["pathParameters"]["deviceId"] = json!(device);
    event["pathParameters"]["eventId"] = json!(event_id("m-0"));
    event["body"] = json!(json!({"ack": true}).to_string());
    event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] = json!(user(name));
    event
}

fn event_id(message: &str) -> String {
    record("anna", "SN-1", message, 0).event.id.to_string()
}

/// Every store, when it does not answer.
struct Away(Cause);

impl Away {
    fn fail<T>(&self) -> Result<T, StoreError> {
        let source = "a secret detail".into();
        Err(StoreError {
            operation: "ask a store",
            cause: self.0,
            source,
        })
    }
}

impl Owners for Away {
    async fn of_device(&self, _: &DeviceId) -> Result<Option<Owner>, StoreError> {
        self.fail()
    }

    async fn of_user(&self, _: &UserId, _: &DeviceId) -> Result<Option<Owner>, StoreError> {
        self.fail()
    }
}

impl Settings for Away {
    async fn of_user(&self, _: &UserId) -> Result<Option<UserSettings>, StoreError> {
        self.fail()
    }

    async fn create_default(&self, _: &UserId, _: Timestamp) -> Result<(), StoreError> {
        self.fail()
    }
}

impl SingleEvents for Away {
    async fn get(
        &self,
        _: &UserId,
        _: &DeviceId,
        _: EventId,
    ) -> Result<Option<Record>, StoreError> {
        self.fail()
    }

    async fn change(
        &self,
        _: &UserId,
        _: RegistrationId,
        _: &DeviceId,
        _: EventId,
        _: Change,
        _: Timestamp,
    ) -> Result<Option<Event>, StoreError> {
        self.fail()
    }
}

impl Timelines for Away {
    async fn read(
        &self,
        _: &Query<'_>,
        _: Option<&Order>,
        _: usize,
    ) -> Result<Stretch<Record>, StoreError> {
        self.fail()
    }

    async fn count(&self, _: &Query<'_>, _: Option<&Order>) -> Result<Counted, StoreError> {
        self.fail()
    }
}
