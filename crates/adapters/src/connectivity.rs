//! Which devices are connected: the fleet index of IoT Core, `AWS_Things`.
//!
//! Its query language has operators (`-`, `:`, `*`, `AND`), so ids stand in
//! quotation marks, which no id can hold. It does not tell upper from lower
//! case, so what it finds is compared once more
//! (<https://docs.aws.amazon.com/iot/latest/developerguide/query-syntax.html>).

use std::error::Error;
use std::iter::successors;

use aws_sdk_iot::Client;
use aws_sdk_iot::config::retry::RetryConfig;
use aws_sdk_iot::operation::search_index::SearchIndexOutput;
use aws_sdk_iot::types::{ThingConnectivity, ThingDocument};
use domain::connectivity::{Connected, Connection, Connectivity};
use domain::id::{DeviceId, UserId};
use domain::store::StoreError;
use jiff::Timestamp;
use tracing::warn;

use crate::aws::failed;

/// Attribute of a thing: the user who has registered the device.
pub(crate) const OWNER: &str = "owner";

/// Most things of one answer; more is refused.
const MOST: i32 = 100;

/// Most calls for the devices of a user, so that one request does not use up
/// what the index answers in a second: 500 connected devices are found.
const CALLS: usize = 5;

/// The registry and the connections of all things of the account.
#[derive(Clone, Debug)]
pub struct IotConnectivity {
    client: Client,
}

impl IotConnectivity {
    /// Asks through `client`.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    async fn search(
        &self,
        query: String,
        next: Option<String>,
    ) -> Result<SearchIndexOutput, StoreError> {
        self.client
            .search_index()
            .query_string(query)
            .max_results(MOST)
            .set_next_token(next)
            .customize()
            // The index takes few calls a second. An answer that says
            // "unknown" now is better than a complete one in some seconds.
            .config_override(
                aws_sdk_iot::config::Builder::new().retry_config(RetryConfig::disabled()),
            )
            .send()
            .await
            .map_err(|err| failed("ask the fleet index", err))
    }
}

impl Connectivity for IotConnectivity {
    async fn of_device(&self, device: &DeviceId) -> Option<Connection> {
        let query = format!("thingName:\"{device}\"");
        let found = self.search(query, None).await.inspect_err(log).ok()?;
        let mut things = found.things.unwrap_or_default().into_iter();
        match things.find(|it| it.thing_name.as_deref() == Some(device.as_str())) {
            Some(thing) => connection(thing.connectivity?),
            // What the index has not seen yet has never been connected.
            None => Some(Connection::default()),
        }
    }

    async fn of_user(&self, user: &UserId) -> Connected {
        let mut connected = Connected::default();
        let mut next = None;
        for _ in 0..CALLS {
            let query = format!("attributes.{OWNER}:\"{user}\" AND connectivity.connected:true");
            let Ok(found) = self.search(query, next).await.inspect_err(log) else {
                break;
            };
            let things = found.things.unwrap_or_default();
            let things = things.into_iter().filter(|it| is_of(it, user));
            let names = things.filter_map(|it| DeviceId::new(it.thing_name?).ok());
            connected.devices.extend(names);
            next = found.next_token;
            if next.is_none() {
                connected.complete = true;
                break;
            }
        }
        connected
    }
}

/// `None` where connections are not indexed.
fn connection(found: ThingConnectivity) -> Option<Connection> {
    Some(Connection {
        connected: found.connected?,
        // Epoch milliseconds, 0 for a thing that has never been connected.
        since: found
            .timestamp
            .filter(|it| *it > 0)
            .and_then(|it| Timestamp::from_millisecond(it).ok()),
        disconnect_reason: found.disconnect_reason.filter(|it| !it.is_empty()),
    })
}

fn is_of(thing: &ThingDocument, user: &UserId) -> bool {
    let owner = thing.attributes.as_ref().and_then(|it| it.get(OWNER));
    owner.is_some_and(|owner| owner == user.as_str())
}

/// Here, and not where requests are answered, because they do not fail for it.
fn log(err: &StoreError) {
    let chain = successors(Some(err as &dyn Error), |it| (*it).source());
    let chain: Vec<_> = chain.map(ToString::to_string).collect();
    warn!(
        error.chain = chain.join(": "),
        "whether devices are connected is unknown: {err}"
    );
}
