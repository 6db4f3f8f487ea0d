//! Both operations as a client sees them.

use std::sync::Mutex;

use contract::route;
use domain::id::{RegistrationId, UserId};
use domain::memory::user;
use domain::store::StoreError;
use domain::threshold::{Adjustments, Kept};
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

#[tokio::test]
async fn an_owner_lists_thresholds_and_moves_one() {
    let world = World::new();
    let mut glare = json!({
        "field": "lux", "name": "glare", "unit": "lx",
        "above": 35_000.0, "below": 33_000.0, "seconds": 900, "enabled": true,
        "model": { "above": 35_000.0, "below": 33_000.0, "seconds": 900 },
        "own": { "above": null, "below": null, "seconds": null, "enabled": null },
    });
    let listed = world.list("anna", "SN-1").await;
    assert_eq!(
        listed,
        (200, json!({ "deviceId": "SN-1", "thresholds": [glare] }))
    );

    let body = json!({ "above": 40_000, "seconds": 60.0, "enabled": false });
    let moved = world.put("anna", "glare", &body).await;
    glare["above"] = json!(40_000.0);
    glare["seconds"] = json!(60);
    glare["enabled"] = json!(false);
    glare["own"] = json!({ "above": 40_000.0, "below": null, "seconds": 60, "enabled": false });
    assert_eq!(moved, (200, glare.clone()));
    assert_eq!(world.list("anna", "SN-1").await.1["thresholds"][0], glare);

    let body = json!({ "above": null, "seconds": null, "enabled": null });
    let (_, back) = world.put("anna", "glare", &body).await;
    assert_eq!(
        (&back["above"], &back["enabled"]),
        (&json!(35_000.0), &json!(true))
    );
}

#[tokio::test]
async fn lesson_1_only_the_owner_sees_or_changes_them() {
    let world = World::new();
    let change = json!({ "enabled": false });
    let strangers = world.put("bob", "glare", &change).await;
    assert_eq!(strangers, world.list("bob", "SN-1").await);
    assert_eq!(strangers, world.list("anna", "SN-9").await);
    assert_eq!(
        (strangers.0, &strangers.1["error"]),
        (400, &json!("DeviceNotFoundFailure"))
    );
    assert_eq!(world.kept.lock().unwrap().version, 0);
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_by_name_and_changes_nothing() {
    let world = World::new();
    for (name, body, error, phrase) in [
        ("glare", json!({}), "BadRequest", "the body changes nothing"),
        ("glare", json!([]), "BadRequest", ""),
        (
            "glare",
            json!({ "above": "5" }),
            "BadRequest",
            "`above` is not valid",
        ),
        (
            "glare",
            json!({ "seconds": 1.5 }),
            "BadRequest",
            "a whole number from 0 to 86400",
        ),
        (
            "glare",
            json!({ "seconds": -1 }),
            "BadRequest",
            "a whole number from 0 to 86400",
        ),
        (
            "glare",
            json!({ "enabled": 1 }),
            "BadRequest",
            "`enabled` is not valid",
        ),
        (
            "glare",
            json!({ "below": 1e16 }),
            "BadRequest",
            "from -1e15 to 1e15",
        ),
        ("glare", json!({ "over": 5 }), "BadRequest", "`over`"),
        (
            "glare",
            json!({ "above": 5 }),
            "InvalidParameter",
            "not 33000 and 5",
        ),
        (
            "gloom",
            json!({ "above": 5 }),
            "MissingThreshold",
            "has no threshold `gloom`",
        ),
        (
            "a b",
            json!({ "above": 5 }),
            "InvalidParameter",
            "`name` must be",
        ),
    ] {
        let (status, answer) = world.put("anna", name, &body).await;
        assert_eq!(
            (status, &answer["error"]),
            (400, &json!(error)),
            "{body} {answer}"
        );
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains(phrase), "{body}: {message}");
    }
    assert_eq!(world.kept.lock().unwrap().version, 0);
}

/// `SN-1` is Anna's.
struct World {
    kept: Mutex<Kept>,
}

impl World {
    fn new() -> Self {
        let details = json!({ "telemetry": { "lux": { "type": "number", "unit": "lx", "thresholds": {
            "glare": { "above": 35_000, "below": 33_000, "seconds": 900, "high": { "type": "warning" } },
        } } } });
        Self {
            kept: Mutex::new(Kept {
                registration: RegistrationId(Uuid::from_u128(1)),
                details: details.as_object().unwrap().clone(),
                adjustments: Adjustments::default(),
                version: 0,
            }),
        }
    }

    async fn list(&self, name: &str, device: &str) -> (i64, Value) {
        self.send(name, route::THRESHOLD_LIST, &[("deviceId", device)], "")
            .await
    }

    async fn put(&self, name: &str, threshold: &str, body: &Value) -> (i64, Value) {
        let path = [("deviceId", "SN-1"), ("field", "lux"), ("name", threshold)];
        self.send(name, route::THRESHOLD_PUT, &path, &body.to_string())
            .await
    }

    async fn send(
        &self,
        name: &str,
        route: &str,
        path: &[(&str, &str)],
        body: &str,
    ) -> (i64, Value) {
        let mut event: Value =
            serde_json::from_str(include_str!("../../../fixtures/request.json")).unwrap();
        event["routeKey"] = json!(route);
        for (parameter, value) in path {
            event["pathParameters"][parameter] = json!(value);
        }
        event["headers"]["content-type"] = json!("application/json");
        event["body"] = json!(body);
        event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] = json!(user(name));
        let event = LambdaEvent::new(serde_json::from_value(event).unwrap(), Context::default());
        let answer = runtime::http::respond(event, async |request| match request.route.as_str() {
            route::THRESHOLD_LIST => list(self, &request).await,
            _ => put(self, &request).await,
        });
        let answer = serde_json::to_value(answer.await.unwrap()).unwrap();
        let body = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        (answer["statusCode"].as_i64().unwrap(), body)
    }
}

impl Thresholds for World {
    async fn kept(&self, user: &UserId, device: &DeviceId) -> Result<Option<Kept>, StoreError> {
        let is_annas = user.as_str() == "anna" && device.as_str() == "SN-1";
        Ok(is_annas.then(|| self.kept.lock().unwrap().clone()))
    }

    async fn keep(
        &self,
        _: &UserId,
        _: &DeviceId,
        kept: &Kept,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut stored = self.kept.lock().unwrap();
        *stored = kept.clone();
        stored.version += 1;
        Ok(true)
    }
}
