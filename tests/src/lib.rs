//! What the end-to-end tests and the benchmark share: a deployed stack, its
//! owners, its devices, and ways to look at what became of a message.
//!
//! Everything here is a real client of the deployed product: HTTP with a token
//! of the user pool, MQTT by `mosquitto_pub` and `mosquitto_sub` on mutual TLS,
//! and the AWS API for what an operator may see. `scripts/test e2e` starts a
//! local cloud, deploys and sets the environment that [`Stack::connect`] reads.
//!
//! Each test has users, serials, a CA and folders of its own, so that all of
//! them can run at once on one stack.

mod api;
mod athena;
mod aws;
mod device;
mod fleet;
mod flood;
mod formation;
mod history;
mod invoke;
mod live;
mod mqtt;
mod operator;
mod outage;
mod owner;
mod product;
mod queue;
mod remote;
mod rows;
mod site;
mod stack;
mod token;
mod wait;

pub use api::{Answer, Api, patiently};
pub use athena::Found;
pub use aws::{Ask, Aws, Parameters, elements};
pub use device::{Ca, Device, Identity};
pub use fleet::Fleet;
pub use flood::Flood;
pub use formation::Formation;
pub use live::{Address, Listener, live_path};
pub use mqtt::{Delivery, Mqtt, Subscription};
pub use owner::Owner;
pub use product::Product;
pub use queue::Queue;
pub use remote::Remote;
pub use rows::white_thermostat;
pub use site::Site;
pub use stack::{Stack, variable};
pub use wait::{eventually, quiet, within};

/// Model of every device in the tests.
pub const MODEL: &str = "thermostat-1";

/// A serial number that no other test, and no other run, has.
#[must_use]
pub fn serial() -> String {
    format!("T-{}", uuid::Uuid::new_v4().simple())
}
