//! Settings on a real DynamoDB engine.

use adapters::DynamoSettings;
use contract::table;
use domain::id::UserId;
use domain::settings::{Settings, UserSettings};
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
