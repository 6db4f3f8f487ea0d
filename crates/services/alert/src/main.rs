//! Sends the alert of an event: to the owner's console and phone, and to the
//! topic of all alerts.

mod config;
mod handler;

use adapters::{DynamoEvents, DynamoSettings, IotConsole, SnsAlertTopic, SnsTextMessages};
use domain::alert::Channels;
use lambda_runtime::service_fn;

use crate::config::Config;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    runtime::init_logs();
    let config = Config::from_env()?;
    let sdk = runtime::sdk_config()?;

    let dynamo = aws_sdk_dynamodb::Client::new(&sdk);
    let sns = aws_sdk_sns::Client::new(&sdk);
    let users = aws_sdk_cognitoidentityprovider::Client::new(&sdk);
    let settings_table = config.settings_table;
    let settings = &DynamoSettings::new(dynamo.clone(), settings_table.clone());
    let events = &DynamoEvents::new(dynamo.clone(), config.events_table);
    let channels = &Channels {
        console: IotConsole::new(aws_sdk_iotdataplane::Client::new(&sdk)),
        topic: SnsAlertTopic::new(sns.clone(), config.alert_topic_arn),
        texts: SnsTextMessages::new(users, config.user_pool_id, dynamo, settings_table, sns),
    };

    lambda_runtime::run(service_fn(|event| {
        Box::pin(handler::handle(settings, events, channels, event))
    }))
    .await
}
