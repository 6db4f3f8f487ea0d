//! Custom resources: what CloudFormation cannot make by itself, the stack's own
//! helper makes.

use contract::{env, resource, table};
use serde_json::{Value, json};
use stratosphere::services::aws::iam;
use stratosphere::value::ExpString;

use crate::base::Tables;
use crate::function::Function;
use crate::policy::{self, Statement};
use crate::stack::{Resource, Stack};
use crate::value::{attribute, literal, reference, sub};

/// The binary it needs.
pub const SERVICES: &[&str] = &["custom-resource"];

/// Seconds of one request: attempts for 40 seconds, and time to say how they ended.
const TIMEOUT: i32 = 60;

/// Seconds until CloudFormation takes a request for failed that is not answered,
/// instead of an hour: enough for Lambda's own two repetitions.
const SERVICE_TIMEOUT: i32 = 300;

/// The function that makes them.
#[derive(Debug)]
pub struct Helper(Function);

/// Logical id of the account's broker.
const BROKER: &str = "IotEndpoint";

/// The account's broker; it is the same for every stack in an account and region.
#[derive(Clone, Copy, Debug)]
pub struct Broker(());

impl Broker {
    /// Its host name.
    #[must_use]
    pub fn address(&self) -> ExpString {
        attribute(BROKER, resource::ADDRESS)
    }

    /// Its host name, in a pattern of `Fn::Sub`.
    #[must_use]
    pub fn address_in_pattern(&self) -> String {
        format!("${{{BROKER}.{}}}", resource::ADDRESS)
    }

    /// `{scheme}://{host name}`, for clients that speak MQTT over WebSocket.
    #[must_use]
    pub fn origin(&self, scheme: &str) -> ExpString {
        sub(format!("{scheme}://{}", self.address_in_pattern()))
    }
}

/// Defines the helper, with the rights to make what may come and go: a resource
/// that is switched off is deleted after everything else has been updated. Rights
/// of a resource that brings its own, by [`Helper::allow`], go after it.
///
/// It gets no failure destination. CloudFormation, which invokes it, waits for
/// the answer and says why it failed; and the event holds the address at which
/// anybody may answer.
///
/// Logical ids: `CustomResourceService…`.
pub fn define(stack: &mut Stack, tables: &Tables) -> Helper {
    let mut helper = Function::new(
        "CustomResourceService",
        "custom-resource",
        "Makes what CloudFormation cannot make",
        TIMEOUT,
    );
    helper.env(env::SETTINGS_TABLE, tables.settings.name());
    tables.settings.grant_rows(
        &mut helper,
        &[
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:UpdateItem",
        ],
        table::FOUND,
    );
    helper.grant(Statement::allow_pattern(
        &[
            "iot:GetIndexingConfiguration",
            "iot:UpdateIndexingConfiguration",
        ],
        vec![literal("*")],
        "the indexing of things is one setting of the whole account, which has no ARN",
    ));
    helper.grant(Statement::allow_pattern(
        &["iot:DescribeEndpoint"],
        vec![literal("*")],
        "the broker of the account has no ARN; the call tells its address and nothing else",
    ));
    helper.grant(stack.target().cloud.read_offers());
    helper.define(stack);
    Helper(helper)
}

impl Helper {
    /// Has the account's things indexed while the resource is there.
    ///
    /// Logical id: `FleetIndexing`, which is its physical id as well.
    pub fn index_things(&self, stack: &mut Stack) {
        self.make(stack, "FleetIndexing", resource::FLEET_INDEXING, []);
    }

    /// Finds the address of the account's broker.
    ///
    /// Logical id: `IotEndpoint`, which is its physical id as well.
    pub fn find_broker(&self, stack: &mut Stack) -> Broker {
        self.make(stack, BROKER, resource::IOT_ENDPOINT, []);
        Broker(())
    }

    /// Logical id of its role, for a component that adds to its rights.
    #[must_use]
    pub fn role(&self) -> String {
        self.0.role()
    }

    /// Adds to the helper's rights what one resource needs. It has to be made after
    /// them, and so goes before them.
    ///
    /// Logical id: `id`.
    pub fn allow(&self, stack: &mut Stack, id: &str, statements: &[Statement]) {
        let rights = stack.add(
            id,
            &iam::Policy! {
                policy_name: literal(id),
                policy_document: policy::document(statements),
                roles: vec![reference(&self.0.role())],
            },
        );
        policy::explain(rights, statements);
    }

    /// Adds a resource of one of the kinds in [`contract::resource`].
    ///
    /// Its logical id is its physical id as well.
    pub fn make<'a>(
        &self,
        stack: &'a mut Stack,
        logical_id: &str,
        kind: &str,
        properties: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> &'a mut Resource {
        let of_all = [
            ("ServiceToken", json!(self.0.arn())),
            ("ServiceTimeout", json!(SERVICE_TIMEOUT)),
        ];
        let properties = of_all.into_iter().chain(properties);
        let properties = properties.map(|(name, value)| (name.to_owned(), value));
        stack.add_custom(logical_id, kind, properties.collect())
    }
}
