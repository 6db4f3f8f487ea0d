//! DynamoDB tables: on demand, encrypted, recoverable and kept.

use serde_json::json;
use stratosphere::services::aws::dynamodb;
use stratosphere::services::aws::dynamodb::table;
use stratosphere::value::ExpString;

use crate::function::Function;
use crate::policy::Statement;
use crate::stack::Stack;
use crate::value::{arn, named, reference, sub};

/// Keys of a table, all of type string.
#[derive(Clone, Copy, Debug)]
pub struct TableProps<'a> {
    /// Partition key, and sort key if the table has one.
    pub key: &'a [&'a str],
    /// Global secondary indexes, all attributes projected.
    pub indexes: &'a [Index<'a>],
    /// Attribute with the epoch second after which a row may go.
    pub expires: Option<&'a str>,
}

/// A global secondary index.
#[derive(Clone, Copy, Debug)]
pub struct Index<'a> {
    /// As the functions name it in a query.
    pub name: &'a str,
    /// Partition key, and sort key if the index has one.
    pub key: &'a [&'a str],
}

/// A defined table; hands out names and rights.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    id: &'static str,
}

impl Table {
    /// Defines the table `{stack name}-{id}`.
    ///
    /// The name is set, not generated, so an update that would replace the
    /// table fails instead of starting an empty one.
    pub fn define(stack: &mut Stack, id: &'static str, props: &TableProps<'_>) -> Self {
        let indexes: Vec<_> = props.indexes.iter().map(index).collect();
        let mut properties = dynamodb::Table! {
            table_name: named(id),
            billing_mode: "PAY_PER_REQUEST",
            attribute_definitions: attributes(props),
            key_schema: key_schema(props.key),
            deletion_protection_enabled: true,
            point_in_time_recovery_specification: table::PointInTimeRecoverySpecification! {
                point_in_time_recovery_enabled: true,
            },
            sse_specification: table::SSESpecification! { sse_enabled: true },
        };
        properties.global_secondary_indexes = (!indexes.is_empty()).then_some(indexes);
        properties.time_to_live_specification = props.expires.map(|attribute| {
            table::TimeToLiveSpecification! { attribute_name: attribute, enabled: true }
        });
        stack.add(id, &properties).retain().suppress(
            "CKV_AWS_119",
            "it is encrypted with the key of KMS that AWS manages for DynamoDB; one of our own would \
             cost a monthly fee, and whoever may read the table could use that one, too",
        );
        Self { id }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> ExpString {
        reference(self.id)
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> ExpString {
        arn(self.id)
    }

    /// Lets a function read one row by its key.
    pub fn grant_get(&self, function: &mut Function) {
        self.grant(function, "dynamodb:GetItem");
    }

    /// Lets `function` read rows by their keys, together with rows of other tables.
    pub fn grant_batch_get(&self, function: &mut Function) {
        self.grant(function, "dynamodb:BatchGetItem");
    }

    /// Lets a function write whole rows, transactions included.
    pub fn grant_put(&self, function: &mut Function) {
        self.grant(function, "dynamodb:PutItem");
    }

    /// Lets a function change rows, transactions included.
    pub fn grant_update(&self, function: &mut Function) {
        self.grant(function, "dynamodb:UpdateItem");
    }

    /// Lets a function make a transaction depend on rows that it does not change.
    pub fn grant_check(&self, function: &mut Function) {
        self.grant(function, "dynamodb:ConditionCheckItem");
    }

    /// Lets a function do `actions` with the rows whose partition key begins
    /// with `prefix`.
    ///
    /// The emulator does not know the condition key and lets every row through.
    pub fn grant_rows(&self, function: &mut Function, actions: &[&'static str], prefix: &str) {
        let statement = Statement::allow(actions, arn(self.id)).when(json!({
            "ForAllValues:StringLike": { "dynamodb:LeadingKeys": [format!("{prefix}*")] }
        }));
        function.grant(statement);
    }

    /// Lets a function query the table itself.
    pub fn grant_query(&self, function: &mut Function) {
        self.grant(function, "dynamodb:Query");
    }

    /// Lets a function query one index.
    pub fn grant_query_index(&self, function: &mut Function, index: &str) {
        let index = sub(format!("${{{}.Arn}}/index/{index}", self.id));
        function.grant(Statement::allow(&["dynamodb:Query"], index));
    }

    fn grant(&self, function: &mut Function, action: &'static str) {
        function.grant(Statement::allow(&[action], arn(self.id)));
    }
}

/// Every key attribute once, in the order of its first use.
fn attributes(props: &TableProps<'_>) -> Vec<table::AttributeDefinition_> {
    let keys = props.indexes.iter().flat_map(|index| index.key);
    let mut names: Vec<&str> = Vec::new();
    for name in props.key.iter().chain(keys) {
        if !names.contains(name) {
            names.push(name);
        }
    }
    names
        .into_iter()
        .map(|name| table::AttributeDefinition! { attribute_name: name, attribute_type: "S" })
        .collect()
}

fn key_schema(key: &[&str]) -> Vec<table::KeySchema_> {
    key.iter()
        .zip(["HASH", "RANGE"])
        .map(|(&name, kind)| table::KeySchema! { attribute_name: name, key_type: kind })
        .collect()
}

fn index(index: &Index<'_>) -> table::GlobalSecondaryIndex_ {
    table::GlobalSecondaryIndex! {
        index_name: index.name,
        key_schema: key_schema(index.key),
        projection: table::Projection! { projection_type: "ALL" },
    }
}
