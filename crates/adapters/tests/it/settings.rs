//! Settings on a real DynamoDB engine.

use adapters::DynamoSettings;
use contract::table;
use domain::id::{SettingId, UserId};
use domain::settings::{EventType, OwnSettings, Settings, SolutionSettings, UserSettings};
use jiff::Timestamp;

use crate::engine;

#[tokio::test]
async fn defaults_are_created_once_and_never_overwrite() {
    let client = engine::dynamodb().await;
    let settings = DynamoSettings::new(client.clone(), table::SETTINGS.into());
    let user = UserId::new("user-1").unwrap();
    assert_eq!(settings.of_user(&user).await.unwrap(), None);

    settings
        .create_default(&user, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    assert_eq!(
        settings.of_user(&user).await.unwrap(),
        Some(UserSettings::default())
    );

    client
        .update_item()
        .table_name(table::SETTINGS)
        .key(
            table::SETTING_ID,
            aws_sdk_dynamodb::types::AttributeValue::S("user-1".into()),
        )
        .update_expression("SET setting.sendNotification = :yes")
        .expression_attribute_values(":yes", aws_sdk_dynamodb::types::AttributeValue::Bool(true))
        .send()
        .await
        .unwrap();
    settings
        .create_default(&user, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    assert!(
        settings
            .of_user(&user)
            .await
            .unwrap()
            .unwrap()
            .send_notification
    );
}

#[tokio::test]
async fn a_table_that_is_not_there_is_a_broken_store() {
    let client = engine::dynamodb().await;
    let settings = DynamoSettings::new(client, "Elsewhere".into());
    let error = settings
        .of_user(&UserId::new("user-1").unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.cause, domain::store::Cause::Broken);
    assert_eq!(error.to_string(), "could not read the settings of a user");
}

#[tokio::test]
async fn a_user_s_choice_replaces_the_default_and_keeps_its_first_time() {
    let client = engine::dynamodb().await;
    let settings = DynamoSettings::new(client, table::SETTINGS.into());
    let user = UserId::new("user-1").unwrap();
    let (first, later) = (Timestamp::UNIX_EPOCH, Timestamp::from_second(60).unwrap());
    settings.create_default(&user, first).await.unwrap();

    let chosen = UserSettings {
        alert_level: [EventType::Info].into(),
        send_notification: true,
    };
    let stored = OwnSettings::put(&settings, &user, &chosen, later)
        .await
        .unwrap();
    assert_eq!(
        (&stored.setting, stored.created_at, stored.updated_at),
        (&chosen, first, later)
    );
    assert_eq!(
        OwnSettings::get(&settings, &user).await.unwrap(),
        Some(stored)
    );

    let none = UserSettings {
        alert_level: [].into(),
        send_notification: false,
    };
    OwnSettings::put(&settings, &user, &none, later)
        .await
        .unwrap();
    assert_eq!(settings.of_user(&user).await.unwrap(), Some(none));
}

#[tokio::test]
async fn lesson_2_a_setting_of_the_solution_never_is_a_user_s() {
    let client = engine::dynamodb().await;
    let settings = DynamoSettings::new(client, table::SETTINGS.into());
    let (user, id) = (
        UserId::new("user-1").unwrap(),
        SettingId::new("user-1").unwrap(),
    );
    let now = Timestamp::UNIX_EPOCH;

    let odd: serde_json::Map<_, _> =
        serde_json::from_str(r#"{"a": 1e300, "b": 18446744073709551615, "c": "", "d": null}"#)
            .unwrap();
    let stored = SolutionSettings::put(&settings, &id, &odd, now)
        .await
        .unwrap();
    assert_eq!(stored.setting, odd);
    assert_eq!(
        SolutionSettings::get(&settings, &id).await.unwrap(),
        Some(stored)
    );
    assert_eq!(settings.of_user(&user).await.unwrap(), None);
}
