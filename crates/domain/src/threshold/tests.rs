use std::sync::Mutex;

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::memory::{at, device, user};

#[tokio::test]
async fn an_owner_sees_what_the_model_says_and_what_was_changed() {
    let world = World::new();
    let all = list(&world, &user("anna"), &device("SN-1")).await.unwrap();
    let names: Vec<_> = all.iter().map(|it| (&*it.field, &*it.name)).collect();
    assert_eq!(
        names,
        [("lux", "glare"), ("lux", "night"), ("water", "reserve")]
    );
    assert!(all.iter().all(|it| it.own == Adjustment::default()));

    world.change("glare", above(Some(40.0))).await.unwrap();
    let all = list(&world, &user("anna"), &device("SN-1")).await.unwrap();
    assert_eq!(all[0].limits().above, 40.0);
    assert_eq!(all[0].model.above, 35.0);
    assert_eq!(all[1].own, Adjustment::default());
}

#[tokio::test]
async fn what_is_not_said_stays_and_nothing_is_the_models_again() {
    let world = World::new();
    world.change("glare", above(Some(40.0))).await.unwrap();
    let seconds = Change {
        seconds: Some(Some(60)),
        ..Change::default()
    };
    let changed = world.change("glare", seconds).await.unwrap();
    let limits = Limits {
        above: 40.0,
        below: 33.0,
        seconds: 60,
    };
    assert_eq!(changed.limits(), limits);
    assert_eq!(changed.own.apply(&changed.model), Some(limits));

    let off = Change {
        enabled: Some(Some(false)),
        above: Some(None),
        ..Change::default()
    };
    let changed = world.change("glare", off).await.unwrap();
    assert_eq!(changed.limits().above, 35.0);
    assert_eq!(changed.own.apply(&changed.model), None);

    let back = Change {
        seconds: Some(None),
        enabled: Some(None),
        ..Change::default()
    };
    world.change("glare", back).await.unwrap();
    assert_eq!(world.stored().adjustments, Adjustments::default());
}

#[tokio::test]
async fn limits_that_break_a_rule_are_refused_and_change_nothing() {
    let world = World::new();
    let below = |to| Change {
        below: Some(Some(to)),
        ..Change::default()
    };
    let far = Change {
        seconds: Some(Some(86_401)),
        ..Change::default()
    };
    for (change, told) in [
        (
            above(Some(20.0)),
            "the threshold must have a `below` that is not over its `above`, not 33 and 20",
        ),
        (
            below(36.0),
            "the threshold must have a `below` that is not over its `above`, not 36 and 35",
        ),
        (
            above(Some(f64::INFINITY)),
            "the threshold must have a `below` that is not over its `above`, not 33 and inf",
        ),
        (
            far,
            "the threshold must have `seconds` from 0 to 86400, not 86401",
        ),
    ] {
        let error = world.change("glare", change).await.unwrap_err();
        assert_eq!(error.to_string(), told);
    }
    assert_eq!(world.stored().version, 0);
    // Both at once may go where one alone may not.
    let both = Change {
        below: Some(Some(10.0)),
        ..above(Some(20.0))
    };
    world.change("glare", both).await.unwrap();
    // And then the model's own `below` does not fit any more.
    let back = Change {
        below: Some(None),
        ..Change::default()
    };
    assert!(world.change("glare", back).await.is_err());
}

#[tokio::test]
async fn there_is_none_but_the_models_own_and_it_is_the_owners_only() {
    let world = World::new();
    let missing = world
        .change("reserve", Change::default())
        .await
        .unwrap_err();
    assert_eq!(
        missing.to_string(),
        "`lux` has no threshold `reserve`: `GET /devices/{deviceId}/thresholds` lists those that there are"
    );
    for (name, serial) in [("ben", "SN-1"), ("anna", "SN-2")] {
        let listed = list(&world, &user(name), &device(serial)).await;
        assert!(matches!(listed, Err(OwnedError::NotOwner)));
        let at_once = (
            &FieldName::new("lux").unwrap(),
            &ThresholdName::new("glare").unwrap(),
        );
        let changed = adjust(
            &world,
            &user(name),
            &device(serial),
            at_once,
            above(None),
            at(0),
        )
        .await;
        assert!(matches!(
            changed,
            Err(AdjustError::Owned(OwnedError::NotOwner))
        ));
    }
}

#[tokio::test]
async fn of_two_at_once_none_is_lost() {
    let world = World::new();
    // Somebody has changed another one since it was read.
    *world.faster.lock().unwrap() = 1;
    world.change("glare", above(Some(40.0))).await.unwrap();
    let kept = world.stored();
    assert_eq!(kept.adjustments.of("lux", "glare").above, Some(40.0));
    assert_eq!(kept.adjustments.of("lux", "night").above, Some(7.0));

    *world.faster.lock().unwrap() = 100;
    let busy = world.change("glare", above(Some(41.0))).await.unwrap_err();
    assert!(busy.to_string().contains("change a threshold"), "{busy}");
}

fn above(to: Option<f64>) -> Change {
    Change {
        above: Some(to),
        ..Change::default()
    }
}

/// `SN-1` is Anna's.
struct World {
    kept: Mutex<Kept>,
    /// How many others are faster.
    faster: Mutex<usize>,
}

impl World {
    fn new() -> Self {
        let low = json!({ "type": "info" });
        let details = json!({ "telemetry": {
            "lux": { "type": "number", "thresholds": {
                "glare": { "above": 35, "below": 33, "seconds": 900, "low": low },
                "night": { "above": 5, "low": low },
            } },
            "water": { "type": "integer", "thresholds": { "reserve": { "above": 5, "low": low } } },
            "other": { "type": "number" },
        } });
        let kept = Kept {
            registration: RegistrationId(Uuid::from_u128(1)),
            details: details.as_object().unwrap().clone(),
            adjustments: Adjustments::default(),
            version: 0,
        };
        Self {
            kept: Mutex::new(kept),
            faster: Mutex::default(),
        }
    }

    async fn change(&self, name: &str, change: Change) -> Result<Adjusted, AdjustError> {
        let (field, name) = (
            FieldName::new("lux").unwrap(),
            ThresholdName::new(name).unwrap(),
        );
        adjust(
            self,
            &user("anna"),
            &device("SN-1"),
            (&field, &name),
            change,
            at(0),
        )
        .await
    }

    fn stored(&self) -> Kept {
        self.kept.lock().unwrap().clone()
    }
}

impl Thresholds for World {
    async fn kept(&self, user: &UserId, device: &DeviceId) -> Result<Option<Kept>, StoreError> {
        let is_annas = user.as_str() == "anna" && device.as_str() == "SN-1";
        Ok(is_annas.then(|| self.stored()))
    }

    async fn keep(
        &self,
        _: &UserId,
        _: &DeviceId,
        kept: &Kept,
        _: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut stored = self.kept.lock().unwrap();
        let mut faster = self.faster.lock().unwrap();
        if *faster > 0 {
            *faster -= 1;
            let night = Adjustment {
                above: Some(7.0),
                ..Adjustment::default()
            };
            let of_lux = stored.adjustments.0.entry("lux".to_owned()).or_default();
            of_lux.insert("night".to_owned(), night);
            stored.version += 1;
        }
        if stored.version != kept.version {
            return Ok(false);
        }
        *stored = kept.clone();
        stored.version += 1;
        Ok(true)
    }
}
