//! A DynamoDB engine for a test: our tables, empty, in this process.

use std::net::Ipv4Addr;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use aws_types::SdkConfig;
use aws_types::region::Region;
use contract::{index, table};
use dynoxide::Database;

/// Starts an engine of its own with the five tables, called by their logical ids.
pub(crate) async fn dynamodb() -> Client {
    with_database().await.0
}

/// The same, and the engine's inside, for more rows than a client writes in a test.
pub(crate) async fn with_database() -> (Client, Database) {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let database = Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database.clone()));

    let client = Client::new(&sdk(endpoint));
    for (name, keys, indexes) in TABLES {
        create(&client, name, keys, indexes).await;
    }
    (client, database)
}

/// Configuration of a client that talks to `endpoint` and to nobody else.
pub(crate) fn sdk(endpoint: String) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "test",
        )))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

type Keys = &'static [&'static str];
type Table = (&'static str, Keys, &'static [(&'static str, Keys)]);

/// Name, keys and indexes of each table: `infra` has a test that the template says the same.
const TABLES: &[Table] = &[
    (table::SETTINGS, &[table::SETTING_ID], &[]),
    (
        table::REGISTRATIONS,
        &[table::USER_ID, table::DEVICE_ID],
        &[(index::REGISTRATIONS_BY_DEVICE, &[table::ACTIVE_DEVICE])],
    ),
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
    (
        table::REFERENCE,
        &[table::DEVICE_ID, table::MODEL_NUMBER],
        &[],
    ),
];

async fn create(client: &Client, name: &str, keys: Keys, indexes: &[(&str, Keys)]) {
    let mut names: Vec<&str> = keys
        .iter()
        .chain(indexes.iter().flat_map(|(_, keys)| keys.iter()))
        .copied()
        .collect();
    names.sort_unstable();
    names.dedup();
    let attributes = names.into_iter().map(|name| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap()
    });
    let indexes: Vec<_> = indexes
        .iter()
        .map(|(name, keys)| {
            GlobalSecondaryIndex::builder()
                .index_name(*name)
                .set_key_schema(Some(schema(keys)))
                .projection(
                    Projection::builder()
                        .projection_type(ProjectionType::All)
                        .build(),
                )
                .build()
                .unwrap()
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
            KeySchemaElement::builder()
                .attribute_name(*name)
                .key_type(kind)
                .build()
                .unwrap()
        })
        .collect()
}
