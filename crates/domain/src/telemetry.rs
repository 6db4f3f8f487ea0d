//! Telemetry: what devices measure, made into rows of one dataset.
//!
//! A message is a flat object of measurements. It becomes one row, however many
//! of its values are good; what is no message at all is kept apart. Who measured
//! is what the topic says; nothing in a payload names a device.

mod clock;
pub mod history;
mod lookup;
mod message;
mod pewma;
mod plan;
mod row;
mod threshold;
mod transform;
mod unit;
mod watch;

pub use self::clock::{EARLIEST, LATEST, Moment};
pub use self::lookup::{Plans, Source, Sources};
pub use self::message::{InvalidMessage, LARGEST, parse};
pub use self::pewma::{Anomaly, Moments, Pewma};
pub use self::plan::{Column, Columns, Plan};
pub use self::row::{Partition, Row, Watched};
pub use self::threshold::{Crossing, FRESH, State, Way};
pub use self::transform::{Outcome, Reason, Record, transform};
pub use self::unit::{Unit, twin_of};
pub use self::watch::{
    Finding, Owed, Reach, Rules, Sample, Series, Told, Watch, Watches, Written, watch,
};

#[cfg(test)]
mod tests;
