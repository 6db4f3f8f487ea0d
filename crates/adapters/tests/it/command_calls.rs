//! How many calls to AWS each operation on commands and on a device's status
//! makes: the budget in `docs/data-model.md`.

use adapters::{
    DynamoCommands, DynamoOwners, DynamoTargets, IotCommandTopic, IotConnectivity, IotShadows,
};
use contract::table;
use domain::command::{
    self, Answered, Checked, Command, CommandStatus, CreateError, Query, Sending, Upkeep, Wanted,
};
use domain::event::Delivery;
use domain::id::{CommandName, IdempotencyKey};
use domain::memory::{Noted, at, command, device, user};
use domain::owner::OwnedError;
use domain::page::Limit;
use domain::status;
use serde_json::{Value, json};
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
        let query = Query {
            status,
            limit: Limit::parse(None, 20).unwrap(),
            after: None,
        };
        let (owners, commands) = (world.owners(), world.commands());
        let page = command::page(&owners, &commands, &user, &device, &query, at(8)).await;
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
        let (owners, commands) = (world.owners(), world.commands());
        let found = command::one(&owners, &commands, &user, &device, id, at(8)).await;
        assert_eq!(found.is_ok(), owned);
        assert_eq!(world.calls(), ["GetItem", "GetItem"]);
    }
}

#[tokio::test]
async fn sending_a_command_takes_four_calls_and_three_where_it_changes_no_state() {
    for (owned, name, expected) in [
        (
            true,
            "set-temp",
            &["GetItem", PATCH, PUBLISH, "PutItem"][..],
        ),
        (true, "reboot", &["GetItem", PUBLISH, "PutItem"]),
        (true, "explode", &["GetItem"]),
        (false, "set-temp", &["GetItem"]),
    ] {
        let world = match owned {
            true => {
                World::with(Row {
                    product: true,
                    ..Row::of("pending")
                })
                .await
            }
            false => World::new(owned).await,
        };
        let sent = world.send(name, None).await;
        assert_eq!(sent.is_ok(), owned && name != "explode");
        assert_eq!(world.calls(), expected, "{name}");
    }
}

#[tokio::test]
async fn with_a_key_it_takes_four_calls_as_well_the_first_time_and_again() {
    for (used, expected) in [
        (
            false,
            ["BatchGetItem", PATCH, PUBLISH, "TransactWriteItems"],
        ),
        (true, ["BatchGetItem", "GetItem", PATCH, PUBLISH]),
    ] {
        let world = World::with(Row {
            used,
            ..Row::of("pending")
        })
        .await;
        world.send("set-temp", Some("k")).await.unwrap();
        assert_eq!(world.calls(), expected, "{used}");
    }
    let world = World::with(Row {
        used: true,
        ..Row::of("success")
    })
    .await;
    world.send("set-temp", Some("k")).await.unwrap();
    assert_eq!(world.calls(), ["BatchGetItem", "GetItem"]);
}

#[tokio::test]
async fn an_answer_takes_two_calls_and_up_to_four_more_where_the_device_refused() {
    for (status, state, expected) in [
        ("success", json!({}), &["Query", "UpdateItem"][..]),
        (
            "failed",
            json!({"desired": {"targetTemperature": 60}}),
            &[
                "GET /things/SN-1/shadow",
                PATCH,
                "Query",
                "Query",
                "UpdateItem",
                "UpdateItem",
            ],
        ),
        (
            "failed",
            json!({"desired": {"targetTemperature": 70}}),
            &[
                "GET /things/SN-1/shadow",
                "Query",
                "Query",
                "UpdateItem",
                "UpdateItem",
            ],
        ),
    ] {
        let world = World::with(Row {
            state,
            ..Row::of(status)
        })
        .await;
        let (owners, commands, shadows) = (world.owners(), world.commands(), world.shadows());
        let upkeep = Upkeep {
            owners: &owners,
            commands: &commands,
            shadows: &shadows,
        };
        let id = command("anna", "SN-1", 7).id.to_string();
        let delivery = Delivery {
            device: "SN-1".into(),
            payload: json!({"commandId": id, "status": status})
                .to_string()
                .into_bytes(),
            received: at(8),
        };
        let answered = command::answer(&upkeep, &Noted::default(), delivery, at(8)).await;
        assert!(matches!(answered, Ok(Answered::Ended(_))), "{answered:?}");
        assert_eq!(world.calls(), expected, "{status}");
    }
}

#[tokio::test]
async fn a_look_at_a_desired_state_takes_three_calls_and_one_where_it_is_not_ours() {
    for (owned, checked, expected) in [
        (
            true,
            Checked::Same,
            &["GET /things/SN-1/shadow", "Query", "Query"][..],
        ),
        (false, Checked::NotOurs, &["Query"]),
    ] {
        let world = World::new(owned).await;
        let (owners, commands, shadows) = (world.owners(), world.commands(), world.shadows());
        let upkeep = Upkeep {
            owners: &owners,
            commands: &commands,
            shadows: &shadows,
        };
        let found = command::check_desired(&upkeep, &device("SN-1"), None, at(90_000)).await;
        assert_eq!(found.unwrap(), checked);
        assert_eq!(world.calls(), expected);
    }
}

#[tokio::test]
async fn a_sweep_that_finds_nothing_takes_four_calls() {
    let world = World::new(false).await;
    let (owners, commands, shadows) = (world.owners(), world.commands(), world.shadows());
    let upkeep = Upkeep {
        owners: &owners,
        commands: &commands,
        shadows: &shadows,
    };
    let sweep = command::sweep(&upkeep, at(8), 1_000).await;
    assert!(sweep.failed.is_empty() && sweep.finished == 0);
    assert_eq!(world.calls(), ["Query"; 4]);
}

const PUBLISH: &str = "POST /topics/smartproduct%2Fcommands%2FSN-1?qos=1";
const PATCH: &str = "POST /things/SN-1/shadow";

#[tokio::test]
async fn the_status_of_a_device_takes_three_calls() {
    for owned in OWNED {
        let world = World::new(owned).await;
        let shadows = world.shadows();
        let index = IotConnectivity::new(aws_sdk_iot::Client::new(&world.aws.sdk));
        let (user, device) = (user("anna"), device("SN-1"));
        let status = status::of_device(&world.owners(), &shadows, &index, &user, &device).await;
        match owned {
            true => assert!(status.is_ok()),
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

/// The row of a registration and of a command in one.
struct Row {
    /// Status of the command, once it was changed.
    status: &'static str,
    /// Whether a row that is read by itself is a registration with its product.
    product: bool,
    /// Whether the command was sent under the key that is asked for.
    used: bool,
    /// What the shadow holds.
    state: Value,
}

impl Row {
    fn of(status: &'static str) -> Self {
        Self {
            status,
            product: false,
            used: false,
            state: json!({}),
        }
    }
}

impl World {
    /// There is one, or nothing at all.
    async fn new(owned: bool) -> Self {
        match owned {
            true => Self::with(Row::of("pending")).await,
            false => {
                let nothing = json!({"Count": 0, "ScannedCount": 0, "Items": [], "state": {}});
                Self::answering(&nothing).await
            }
        }
    }

    async fn with(row: Row) -> Self {
        let id = command("anna", "SN-1", 7).id.to_string();
        let time = domain::time::text(at(0));
        let details = json!({"commands": {"M": {
            "reboot": {"M": {}},
            "set-temp": {"M": {
                "value": {"M": {"type": {"S": "number"}}},
                "desired": {"M": {"targetTemperature": {"S": "$value"}}},
            }},
        }}});
        let item = json!({
            "userId": {"S": "anna"},
            "deviceId": {"S": "SN-1"},
            "activeDevice": {"S": "SN-1"},
            "registrationId": {"S": Uuid::from_u128(1).to_string()},
            "deviceName": {"S": "Hall"},
            // A status of registrations and of commands.
            "status": {"S": "pending"},
            "commandId": {"S": id},
            "command": {"S": "set-temp"},
            "value": {"S": "70"},
            "desired": {"S": "{\"targetTemperature\":70}"},
            "due": {"S": domain::time::text(at(60_007))},
            "open": {"S": "0"},
            "createdAt": {"S": time},
            "updatedAt": {"S": time},
        });
        let key = json!({
            "sentAs": {"S": id},
            "registrationId": {"S": Uuid::from_u128(1).to_string()},
            "expiresAt": {"N": "4102444800"},
        });
        let keys = if row.used { vec![key] } else { vec![] };
        let mut ended = item.clone();
        ended["status"] = json!({"S": row.status});
        // Those of a command are a text.
        let mut product = item.clone();
        product["details"] = json!({"M": details});
        let one = if row.product { &product } else { &ended };
        let answer = json!({
            "Count": 1, "ScannedCount": 1, "Items": [item], "Item": one, "Attributes": ended,
            "Responses": {table::REGISTRATIONS: [product], table::COMMANDS: keys},
            "state": row.state, "version": 3,
        });
        Self::answering(&answer).await
    }

    async fn answering(answer: &Value) -> Self {
        Self {
            aws: Service::answering(200, &answer.to_string()).await,
        }
    }

    /// Sends `SN-1` a command a second after the one that is stored.
    async fn send(&self, name: &str, key: Option<&str>) -> Result<Command, CreateError> {
        let dynamo = aws_sdk_dynamodb::Client::new(&self.aws.sdk);
        let ports = Sending {
            targets: &DynamoTargets::new(
                dynamo,
                table::REGISTRATIONS.into(),
                table::COMMANDS.into(),
            ),
            commands: &self.commands(),
            shadows: &self.shadows(),
            topic: &IotCommandTopic::new(aws_sdk_iotdataplane::Client::new(&self.aws.sdk)),
        };
        let value = if name == "reboot" {
            Value::Null
        } else {
            json!(70)
        };
        let wanted = Wanted::new(CommandName::new(name).unwrap(), value, None).unwrap();
        let key = key.map(|it| IdempotencyKey::new(it).unwrap());
        let (user, device) = (user("anna"), device("SN-1"));
        let id = command("anna", "SN-1", 1_007).id;
        command::create(&ports, &user, &device, wanted, key.as_ref(), id).await
    }

    /// The calls so far, sorted: the operation, or the path where it is named there.
    fn calls(&self) -> Vec<String> {
        let mut calls: Vec<_> = self
            .aws
            .asked()
            .iter()
            .map(|asked| match asked.header("x-amz-target") {
                Some(target) => target.rsplit('.').next().unwrap_or_default().to_owned(),
                None => match asked.line.split_once("&messageExpiry=") {
                    Some((line, _)) => line.to_owned(),
                    None => asked.line.clone(),
                },
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

    fn shadows(&self) -> IotShadows {
        IotShadows::new(aws_sdk_iotdataplane::Client::new(&self.aws.sdk))
    }
}
