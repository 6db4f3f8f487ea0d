//! How many calls to AWS each operation on commands and on a device's status
//! makes: the budget in `docs/data-model.md`.

use adapters::{DynamoCommands, DynamoOwners, IotCommandTopic, IotConnectivity, IotShadows};
use contract::table;
use domain::command::{self, CommandStatus, Wanted};
use domain::id::CommandName;
use domain::memory::{command, device, user};
use domain::owner::OwnedError;
use domain::page::Limit;
use domain::status;
use serde_json::json;
use uuid::Uuid;

use crate::service::Service;

/// The device is the caller's, or not: the calls are the same, so that neither
/// their number nor their time tells a stranger which.
const OWNED: [bool; 2] = [true, false];

#[tokio::test]
async fn commands_of_a_device_take_two_calls() {
    for (owned, status) in OWNED.into_iter().zip([None, Some(CommandStatus::Failed)]) {
        let world = World::new(owned).await;
        let (user, device) = (user("anna"), device("SN-1"));
        let limit = Limit::parse(None, 20).unwrap();
        let (owners, commands) = (world.owners(), world.commands());
        let page = command::page(&owners, &commands, &user, &device, status, limit, None).await;
        assert_eq!(page.is_ok(), owned);
        assert_eq!(world.calls(), ["GetItem", "Query"]);
    }
}

#[tokio::test]
async fn one_command_takes_two_calls() {
    for owned in OWNED {
        let world = World::new(owned).await;
        let (user, device) = (user("anna"), device("SN-1"));
        let id = command("anna", "SN-1", 7).id;
        let found = command::one(&world.owners(), &world.commands(), &user, &device, id).await;
        assert_eq!(found.is_ok(), owned);
        assert_eq!(world.calls(), ["GetItem", "GetItem"]);
    }
}

#[tokio::test]
async fn sending_a_command_takes_three_calls() {
    for (owned, expected) in OWNED.into_iter().zip([
        &[
            "GetItem",
            "POST /topics/smartproduct%2Fcommands%2FSN-1?qos=1",
            "PutItem",
        ][..],
        &["GetItem"],
    ]) {
        let world = World::new(owned).await;
        let topic = IotCommandTopic::new(aws_sdk_iotdataplane::Client::new(&world.aws.sdk));
        let (user, device) = (user("anna"), device("SN-1"));
        let name = CommandName::new("reboot").unwrap();
        let wanted = Wanted::new(name, json!(null), None).unwrap();
        let id = command("anna", "SN-1", 7).id;
        let (owners, commands) = (world.owners(), world.commands());
        let sent = command::create(&owners, &commands, &topic, &user, &device, wanted, id).await;
        assert_eq!(sent.is_ok(), owned);
        assert_eq!(world.calls(), expected);
    }
}

#[tokio::test]
async fn the_status_of_a_device_takes_three_calls() {
    for owned in OWNED {
        let world = World::new(owned).await;
        let shadows = IotShadows::new(aws_sdk_iotdataplane::Client::new(&world.aws.sdk));
        let index = IotConnectivity::new(aws_sdk_iot::Client::new(&world.aws.sdk));
        let (user, device) = (user("anna"), device("SN-1"));
        let status = status::of_device(&world.owners(), &shadows, &index, &user, &device).await;
        match owned {
            true => assert_eq!(status.unwrap().connected, Some(false)),
            false => assert!(matches!(status, Err(OwnedError::NotOwner))),
        }
        assert_eq!(
            world.calls(),
            ["GET /things/SN-1/shadow", "GetItem", "POST /indices/search"]
        );
    }
}

/// All of AWS in one: its one answer has what each call looks for in it.
struct World {
    aws: Service,
}

impl World {
    async fn new(owned: bool) -> Self {
        let time = domain::time::text(domain::memory::at(0));
        let mut answer = json!({"Count": 0, "ScannedCount": 0, "Items": [], "state": {}});
        if owned {
            answer["Item"] = json!({
                "userId": {"S": "anna"},
                "deviceId": {"S": "SN-1"},
                "registrationId": {"S": Uuid::from_u128(1).to_string()},
                "deviceName": {"S": "Hall"},
                "status": {"S": "pending"},
                "commandId": {"S": command("anna", "SN-1", 7).id.to_string()},
                "command": {"S": "reboot"},
                "value": {"S": "null"},
                "createdAt": {"S": time},
                "updatedAt": {"S": time},
            });
        }
        let aws = Service::answering(200, &answer.to_string()).await;
        Self { aws }
    }

    /// The calls so far, sorted: the operation, or the path where it is named there.
    fn calls(&self) -> Vec<String> {
        let mut calls: Vec<_> = self
            .aws
            .asked()
            .iter()
            .map(|asked| match asked.header("x-amz-target") {
                Some(target) => target.rsplit('.').next().unwrap_or_default().to_owned(),
                None => asked.line.clone(),
            })
            .collect();
        calls.sort();
        calls
    }

    fn owners(&self) -> DynamoOwners {
        let client = aws_sdk_dynamodb::Client::new(&self.aws.sdk);
        DynamoOwners::new(client, table::REGISTRATIONS.into())
    }

    fn commands(&self) -> DynamoCommands {
        let client = aws_sdk_dynamodb::Client::new(&self.aws.sdk);
        DynamoCommands::new(client, table::COMMANDS.into())
    }
}
