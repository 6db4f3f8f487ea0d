//! An account for a test: the old tables and ours in one DynamoDB engine, and
//! as much of IoT Core as is asked.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use anyhow::Result;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use contract::{index, table};
use dynoxide::Database;
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::convert::{Registrations, World};
use crate::progress::Progress;
use crate::report::Report;
use crate::source::Source;
use crate::tables::{Migration, Places, Sources};
use crate::target::Target;
use crate::things::Things;
use crate::users::Users;

/// Id of the certificate that SN-1 has.
pub(crate) const CERTIFICATE: &str =
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// Our tables.
pub(crate) const NEW: [&str; 5] = [
    table::REFERENCE,
    table::REGISTRATIONS,
    table::SETTINGS,
    table::EVENTS,
    table::COMMANDS,
];

/// The old table of events.
pub(crate) const EVENTS: &str = "OldEvents";

type Keys = &'static [&'static str];
type Indexes = &'static [(&'static str, Keys)];
type Table = (&'static str, Keys, Indexes);

/// All tables, their keys and indexes.
const TABLES: &[Table] = &[
    ("OldReference", &["deviceId", "modelNumber"], &[]),
    ("OldRegistrations", &["userId", "deviceId"], &[]),
    ("OldSettings", &["settingId"], &[]),
    (EVENTS, &["deviceId", "id"], &[]),
    ("OldCommands", &["deviceId", "commandId"], &[]),
    (
        table::REFERENCE,
        &[table::DEVICE_ID, table::MODEL_NUMBER],
        &[],
    ),
    (
        table::REGISTRATIONS,
        &[table::USER_ID, table::DEVICE_ID],
        &[(index::REGISTRATIONS_BY_DEVICE, &[table::ACTIVE_DEVICE])],
    ),
    (table::SETTINGS, &[table::SETTING_ID], &[]),
    (
        table::EVENTS,
        &[table::USER_DEVICE, table::ID],
        &[
            (index::EVENTS_BY_DEVICE, &[table::USER_DEVICE, table::ORDER]),
            (index::EVENTS_BY_USER, &[table::USER_ID, table::ORDER]),
            (index::EVENTS_UNREAD, &[table::UNREAD, table::ORDER]),
        ],
    ),
    (
        table::COMMANDS,
        &[table::USER_DEVICE, table::COMMAND_ID],
        &[(index::COMMANDS_OPEN, &[table::OPEN, table::DUE])],
    ),
];

/// The account.
pub(crate) struct Cloud {
    pub(crate) dynamo: Client,
    iot: aws_sdk_iot::Client,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Cloud {
    /// One with empty tables.
    pub(crate) async fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let dynamo = Client::new(&sdk(&listener));
        let database = Database::memory().unwrap();
        tokio::spawn(dynoxide::server::serve_on(listener, database));
        for (name, keys, indexes) in TABLES {
            create(&dynamo, name, keys, indexes).await;
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let iot = aws_sdk_iot::Client::new(&sdk(&listener));
        let asked = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(serve_iot(listener, Arc::clone(&asked)));
        Self { dynamo, iot, asked }
    }

    /// Writes what the old solution would have: Anna has SN-1, which Ben had
    /// before her; Ben waits for SN-2.
    pub(crate) async fn fill(&self) {
        for device in ["SN-1", "SN-2"] {
            let details = json!({"color": "white"});
            self.put(
                "OldReference",
                &json!({"deviceId": device, "modelNumber": "T-100", "details": details}),
            )
            .await;
        }
        for (user, device, name, status, days) in [
            ("old-anna", "SN-1", "Hall", "complete", 100),
            ("old-ben", "SN-1", "Cellar", "deleted", 300),
            ("old-ben", "SN-2", "Attic", "pending", 5),
        ] {
            let row = json!({
                "userId": user, "deviceId": device, "deviceName": name, "modelNumber": "T-100",
                "details": {"color": "white"}, "status": status,
                "createdAt": ago(days), "updatedAt": ago(days - 1),
            });
            self.put("OldRegistrations", &row).await;
        }
        self.put(
            "OldSettings",
            &json!({
                "settingId": "old-anna", "createdAt": ago(100), "updatedAt": ago(3),
                "setting": {"alertLevel": ["error", "warning", "info"], "sendNotification": true},
            }),
        )
        .await;
        self.put(
            "OldSettings",
            &json!({
                "settingId": "app-config", "createdAt": ago(100), "updatedAt": ago(100),
                "setting": {"idp": "us-east-1_Old"},
            }),
        )
        .await;
        for (number, device, user, days) in [
            (1, "SN-1", "old-anna", 50),
            (2, "SN-1", "old-anna", 10),
            (3, "SN-1", "old-ben", 200),
            // When she had it the time before.
            (4, "SN-1", "old-anna", 150),
            (5, "SN-1", "old-anna", 400),
            (6, "SN-9", "old-anna", 10),
        ] {
            self.put(EVENTS, &event(number, device, user, &ago(days)))
                .await;
        }
        for (command, status, days) in [("c-1", "success", 20), ("c-2", "pending", 1)] {
            let row = json!({
                "deviceId": "SN-1", "commandId": command, "userId": "old-anna", "status": status,
                "reason": "", "details": {"command": "set-temp", "value": "72"},
                "createdAt": ago(days), "updatedAt": ago(days),
            });
            self.put("OldCommands", &row).await;
        }
    }

    /// Moves all tables, or looks at them; the report.
    pub(crate) async fn migrate(&self, write: bool) -> Result<String> {
        self.run(write, None).await
    }

    /// Moves all tables from where an earlier run noted that it had come.
    pub(crate) async fn migrate_from(&self, progress: Option<PathBuf>) -> Result<String> {
        self.run(true, progress).await
    }

    async fn run(&self, write: bool, progress: Option<PathBuf>) -> Result<String> {
        let model = json!({"commands": {"set-temp": {"value": {"type": "number"}}}});
        let Value::Object(model) = model else {
            unreachable!()
        };
        let world = World {
            users: Users::parse("old,new\nold-anna,new-anna\nold-ben,new-ben\n")?,
            models: BTreeMap::from([("T-100".to_owned(), model)]),
            now: Timestamp::now(),
        };
        let mut migration = Migration {
            client: &self.dynamo,
            world: &world,
            places: write.then(|| Places {
                tables: Target::new(&self.dynamo, str::to_owned),
                things: Things::new(self.iot.clone(), "Stack", true),
            }),
            progress: Progress::load(progress)?,
            report: Report::new(write, None)?,
            known: Registrations::new(),
        };
        let table = |name: &str| Some(Source::Table(name.to_owned()));
        let sources = Sources {
            reference: table("OldReference"),
            registrations: table("OldRegistrations"),
            settings: table("OldSettings"),
            events: table(EVENTS),
            commands: table("OldCommands"),
        };
        migration.all(&sources).await?;
        Ok(migration.report.to_string())
    }

    /// Writes a row as it is.
    pub(crate) async fn put(&self, table: &str, row: &Value) {
        let item = serde_dynamo::to_item(row).unwrap();
        let put = self
            .dynamo
            .put_item()
            .table_name(table)
            .set_item(Some(item));
        put.send().await.unwrap();
    }

    /// How many rows a table has.
    pub(crate) async fn rows(&self, table: &str) -> usize {
        self.all(table).await.len()
    }

    /// All rows of our tables.
    pub(crate) async fn dump(&self) -> Vec<String> {
        let mut rows = Vec::new();
        for name in NEW {
            rows.extend(
                self.all(name)
                    .await
                    .iter()
                    .map(|row| format!("{name} {}", json!(row))),
            );
        }
        rows.sort();
        rows
    }

    async fn all(&self, table: &str) -> Vec<Map<String, Value>> {
        let found = self.dynamo.scan().table_name(table).send().await.unwrap();
        serde_dynamo::from_items(found.items.unwrap()).unwrap()
    }

    /// What IoT Core was asked: method and path.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// An event of a device as the old solution stored it; the first is acknowledged.
pub(crate) fn event(number: u32, device: &str, user: &str, time: &str) -> Value {
    json!({
        "deviceId": device, "id": id(number), "userId": user, "messageId": format!("m-{number}"),
        "message": "Too hot", "details": {"eventId": "E01", "sensor": "temp"}, "value": 85.5,
        "timestamp": 1_565_000_000_000_i64, "type": "error", "sentAt": time,
        "ack": number == 1, "suppress": false, "createdAt": time, "updatedAt": time,
    })
}

/// The id that the old solution drew for an event.
pub(crate) fn id(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// So many days ago, as the old solution wrote times.
pub(crate) fn ago(days: i64) -> String {
    let time = Timestamp::now() - (24 * days).hours();
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn sdk(listener: &TcpListener) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "test",
        )))
        .endpoint_url(format!("http://{}", listener.local_addr().unwrap()))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

async fn serve_iot(listener: TcpListener, asked: Arc<Mutex<Vec<String>>>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(answer_iot(client, Arc::clone(&asked)));
    }
}

/// SN-1 is a thing with a certificate, SN-2 is none yet.
async fn answer_iot(client: TcpStream, asked: Arc<Mutex<Vec<String>>>) -> Option<()> {
    let mut client = BufReader::new(client);
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            client
                .read_line(&mut line)
                .await
                .ok()
                .filter(|it| *it > 0)?;
            if line.trim().is_empty() {
                break;
            }
            head.push(line.trim().to_lowercase());
        }
        let length = head
            .iter()
            .find_map(|it| it.strip_prefix("content-length: ")?.parse().ok());
        client
            .read_exact(&mut vec![0; length.unwrap_or(0)])
            .await
            .ok()?;
        let (request, _) = head.first()?.rsplit_once(' ')?;
        let line = request
            .replacen("sn-", "SN-", 1)
            .replace("stack-device", "Stack-Device");
        let (method, path) = line.split_once(' ')?;
        let line = format!("{} {}", method.to_uppercase(), path.split('?').next()?);
        let arn = format!("arn:aws:iot:us-east-1:123456789012:cert/{CERTIFICATE}");
        let (status, error, body) = match line.as_str() {
            "GET /things/SN-1/principals" => (200, "", json!({"principals": [arn]})),
            "GET /things/SN-2/principals" => (404, "ResourceNotFoundException", json!({})),
            "POST /things/SN-1" => (409, "ResourceAlreadyExistsException", json!({})),
            _ => (200, "", json!({})),
        };
        asked.lock().unwrap().push(line);
        let body = body.to_string();
        let error = match error {
            "" => String::new(),
            name => format!("x-amzn-errortype: {name}\r\n"),
        };
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\n{error}content-length: {length}\r\n\r\n{body}"
        );
        client.write_all(answer.as_bytes()).await.ok()?;
    }
}

async fn create(client: &Client, name: &str, keys: Keys, indexes: &[(&str, Keys)]) {
    let names = keys
        .iter()
        .chain(indexes.iter().flat_map(|(_, keys)| keys.iter()));
    let mut names: Vec<&str> = names.copied().collect();
    names.sort_unstable();
    names.dedup();
    let attributes = names.into_iter().map(|name| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap()
    });
    let all = Projection::builder()
        .projection_type(ProjectionType::All)
        .build();
    let indexes: Vec<_> = indexes
        .iter()
        .map(|(name, keys)| {
            let index = GlobalSecondaryIndex::builder().index_name(*name);
            let index = index.set_key_schema(Some(schema(keys)));
            index.projection(all.clone()).build().unwrap()
        })
        .collect();
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes.collect()))
        .set_key_schema(Some(schema(keys)))
        .set_global_secondary_indexes(Some(indexes).filter(|it| !it.is_empty()))
        .send()
        .await
        .unwrap();
}

fn schema(keys: Keys) -> Vec<KeySchemaElement> {
    keys.iter()
        .zip([KeyType::Hash, KeyType::Range])
        .map(|(name, kind)| {
            let key = KeySchemaElement::builder().attribute_name(*name);
            key.key_type(kind).build().unwrap()
        })
        .collect()
}
