//! Rows as the old solution wrote them, moved on a real DynamoDB engine and
//! read as the API's functions read them.

mod world;

use adapters::{DynamoCommands, DynamoEvents, DynamoOwners, DynamoRegistrations, DynamoSettings};
use contract::table;
use domain::command::CommandStatus;
use domain::id::{DeviceId, UserId};
use domain::page::Limit;
use domain::registration::{Products, Registrations, Status};
use domain::settings::{OwnSettings, UserSettings};
use domain::{alert, command, event};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use self::world::{CERTIFICATE, Cloud, ago};

#[tokio::test]
async fn an_owner_finds_devices_events_alerts_commands_and_settings_again() {
    let cloud = Cloud::new().await;
    cloud.fill().await;
    let report = cloud.migrate(true).await.unwrap();
    assert_eq!(
        report,
        "reference: 2 moved\nthings: 2 moved\nregistrations: 3 moved\n\
         settings: 1 moved, 1 not\n    1: it holds addresses of the old stack\n\
         events: 4 moved, 2 not\n    \
         1: it is older than a year, as long as events and commands are kept\n    \
         1: the owner has no row for the device in the table of registrations\n\
         commands: 2 moved\n"
    );

    let (anna, ben) = (user("new-anna"), user("new-ben"));
    let device = DeviceId::new("SN-1").unwrap();
    let limit = Limit::parse(None, 100).unwrap();
    let registrations = cloud.registrations();
    let of_anna = registrations.of_user(&anna, None, limit).await.unwrap();
    let [hall] = of_anna.items.as_slice() else {
        panic!("{of_anna:?}")
    };
    assert_eq!(
        (hall.name.as_str(), hall.status),
        ("Hall", Status::Complete)
    );
    assert_eq!(hall.certificate.as_ref().unwrap().as_str(), CERTIFICATE);
    assert_eq!(hall.details["color"], "white");
    assert!(
        hall.details["commands"].is_object(),
        "the model came with it"
    );
    let of_ben = registrations.of_user(&ben, None, limit).await.unwrap();
    let statuses: Vec<_> = of_ben.items.iter().map(|it| it.status).collect();
    assert_eq!(statuses, [Status::Deleted, Status::Pending]);

    let (owners, events, settings) = (cloud.owners(), cloud.events(), cloud.settings());
    let page = event::of_device(&owners, &events, &anna, &device, None, limit, None).await;
    let page = page.unwrap().items;
    let ids: Vec<_> = page.iter().map(|it| it.id.to_string()).collect();
    assert_eq!(ids, [world::id(2), world::id(1)], "newest first");
    assert_eq!(page[0].value, Some(json!(85.5)));
    assert_eq!(page[0].message_id.as_str(), "m-2");
    let unread = alert::count(&settings, &events, &anna).await.unwrap();
    assert_eq!(unread, 1, "what was acknowledged stays so");
    // Ben let go of the device: history, and nothing to read.
    let history = event::of_user(&events, &ben, None, None, limit, None)
        .await
        .unwrap();
    assert_eq!(history.items.len(), 1);
    assert_eq!(alert::count(&settings, &events, &ben).await.unwrap(), 0);

    let commands = cloud.commands();
    let query = command::Query {
        status: None,
        limit,
        after: None,
    };
    let page = command::page(&owners, &commands, &anna, &device, &query, Timestamp::now()).await;
    let page = page.unwrap().items;
    let ended: Vec<_> = page
        .iter()
        .map(|it| (it.status, it.reason.as_deref()))
        .collect();
    assert_eq!(
        ended,
        [
            (CommandStatus::Failed, Some("timeout")),
            (CommandStatus::Success, None)
        ]
    );
    assert!(page.iter().all(|it| !it.open && it.desired.is_empty()));

    let own = OwnSettings::get(&settings, &anna)
        .await
        .unwrap()
        .unwrap()
        .setting;
    assert!(own.send_notification);
}

#[tokio::test]
async fn nothing_is_written_without_being_asked_for() {
    let cloud = Cloud::new().await;
    cloud.fill().await;
    let report = cloud.migrate(false).await.unwrap();
    assert!(
        report.contains("events: 4 would be moved, 2 not"),
        "{report}"
    );
    for name in world::NEW {
        assert_eq!(cloud.rows(name).await, 0, "{name}");
    }
    assert_eq!(cloud.asked(), [""; 0]);
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let cloud = Cloud::new().await;
    cloud.fill().await;
    cloud.migrate(true).await.unwrap();
    let before = cloud.dump().await;
    let report = cloud.migrate(true).await.unwrap();
    assert!(
        report.contains("registrations: 0 moved, 3 there already"),
        "{report}"
    );
    assert!(
        report.contains("events: 0 moved, 4 there already"),
        "{report}"
    );
    assert_eq!(cloud.dump().await, before);
}

#[tokio::test]
async fn what_somebody_has_done_since_stays() {
    let cloud = Cloud::new().await;
    cloud.fill().await;
    cloud.migrate(true).await.unwrap();
    let anna = user("new-anna");
    let other = UserSettings {
        send_notification: false,
        ..UserSettings::default()
    };
    let later = Timestamp::now() + 1.second();
    OwnSettings::put(&cloud.settings(), &anna, &other, later)
        .await
        .unwrap();
    // Anna lets go of the device, and nobody has it.
    cloud.release("SN-1", "T-100").await;
    let before = cloud.dump().await;
    cloud.migrate(true).await.unwrap();
    assert_eq!(cloud.dump().await, before);
}

#[tokio::test]
async fn a_device_that_somebody_else_has_registered_here_is_theirs() {
    let cloud = Cloud::new().await;
    cloud.fill().await;
    cloud.put(table::REFERENCE, &json!({
        "deviceId": "SN-1", "modelNumber": "T-100", "details": {}, "claimedBy": "carl", "claims": 1,
    })).await;
    let report = cloud.migrate(true).await.unwrap();
    assert!(
        report.contains("1: somebody else has registered the device here since"),
        "{report}"
    );
    // Her history is hers all the same, and nothing of it waits to be read.
    let events = cloud.events();
    let (anna, limit) = (user("new-anna"), Limit::parse(None, 100).unwrap());
    let page = event::of_user(&events, &anna, None, None, limit, None)
        .await
        .unwrap();
    assert_eq!(page.items.len(), 3);
    assert_eq!(
        alert::count(&cloud.settings(), &events, &anna)
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn things_get_their_owner_and_certificates_the_stacks_policy() {
    let cloud = Cloud::new().await;
    cloud.fill().await;
    cloud.migrate(true).await.unwrap();
    let asked = cloud.asked();
    for line in [
        "POST /things/SN-1",
        "PATCH /things/SN-1",
        "PUT /target-policies/Stack-Device",
        "POST /things/SN-2",
        &format!("POST /target-policies/{CERTIFICATE}"),
        &format!("DELETE /policies/{CERTIFICATE}"),
    ] {
        assert!(asked.iter().any(|it| it == line), "{line} in {asked:?}");
    }
}

#[tokio::test]
async fn a_run_goes_on_where_the_last_one_ended() {
    let cloud = Cloud::new().await;
    cloud.fill().await;
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("progress");
    let place =
        json!({"events": {"after": {"deviceId": "SN-1", "id": world::id(1)}}, "commands": "end"});
    std::fs::write(&note, place.to_string()).unwrap();
    let report = cloud.migrate_from(Some(note.clone())).await.unwrap();
    assert!(report.contains("registrations: 3 moved"), "{report}");
    assert!(!report.contains("commands:"), "{report}");
    assert_eq!(cloud.rows(table::COMMANDS).await, 0);
    let reached: Value = serde_json::from_slice(&std::fs::read(&note).unwrap()).unwrap();
    assert_eq!(reached["events"], "end");
}

#[tokio::test]
async fn a_row_that_nobody_can_read_is_refused_with_its_reason() {
    for (change, reason) in [
        (
            json!({"type": "panic"}),
            "`type` is \"panic\"; known are `error`, `warning`, `info` and `diagnostic`",
        ),
        (
            json!({"createdAt": "yesterday"}),
            "`createdAt` is not a time in RFC 3339",
        ),
        (
            json!({"type": null}),
            "the row cannot be read: invalid type: null, expected a string",
        ),
    ] {
        let cloud = Cloud::new().await;
        cloud.fill().await;
        let mut event = world::event(9, "SN-1", "old-anna", &ago(1));
        event
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        cloud.put(world::EVENTS, &event).await;
        let report = cloud.migrate(true).await.unwrap();
        assert!(report.contains(reason), "{report}");
        assert!(report.contains("events: 4 moved, 3 not"), "{report}");
    }
}

fn user(id: &str) -> UserId {
    UserId::new(id).unwrap()
}

impl Cloud {
    fn registrations(&self) -> DynamoRegistrations {
        let (registrations, reference) = (table::REGISTRATIONS.into(), table::REFERENCE.into());
        DynamoRegistrations::new(self.dynamo.clone(), registrations, reference)
    }

    fn owners(&self) -> DynamoOwners {
        DynamoOwners::new(self.dynamo.clone(), table::REGISTRATIONS.into())
    }

    fn events(&self) -> DynamoEvents {
        DynamoEvents::new(self.dynamo.clone(), table::EVENTS.into())
    }

    fn commands(&self) -> DynamoCommands {
        DynamoCommands::new(self.dynamo.clone(), table::COMMANDS.into())
    }

    fn settings(&self) -> DynamoSettings {
        DynamoSettings::new(self.dynamo.clone(), table::SETTINGS.into())
    }

    /// Does to a product what the deletion of its device does.
    async fn release(&self, device: &str, model: &str) {
        let rows = self
            .registrations()
            .of_serial(&DeviceId::new(device).unwrap())
            .await;
        assert_eq!(rows.unwrap()[0].claims, 1);
        self.put(
            table::REFERENCE,
            &json!({
                "deviceId": device, "modelNumber": model, "details": {}, "claims": 1,
            }),
        )
        .await;
    }
}
