//! Which devices are connected, as far as the fleet index can say.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::id::{DeviceId, UserId};

/// The fleet index.
///
/// It may be busy, switched off or still being built, and no answer of ours
/// fails for that: what it cannot say is unknown, which the implementation logs.
pub trait Connectivity: Sync {
    /// The connection of `device`; `None` where nothing is known of it. One that
    /// has never been connected is known: as disconnected, since no time and
    /// for no reason.
    fn of_device(&self, device: &DeviceId) -> impl Future<Output = Option<Connection>> + Send;

    /// The connected ones of the devices that `user` has.
    fn of_user(&self, user: &UserId) -> impl Future<Output = Connected> + Send;
}

/// What is known of a device's connection.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Connection {
    /// Whether there is one.
    pub connected: bool,
    /// Since when it is so.
    pub since: Option<Timestamp>,
    /// Why the last one ended, in the broker's words.
    pub disconnect_reason: Option<String>,
}

/// The connected devices of a user.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Connected {
    /// Those that are known.
    pub devices: BTreeSet<DeviceId>,
    /// Whether there are no other ones.
    pub complete: bool,
}

impl Connected {
    /// Whether `device`, one of the user's, is connected; `None` where that is
    /// unknown.
    #[must_use]
    pub fn holds(&self, device: &DeviceId) -> Option<bool> {
        match self.devices.contains(device) {
            true => Some(true),
            false => self.complete.then_some(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::device;

    #[test]
    fn a_device_that_is_not_found_is_disconnected_only_where_all_are_known() {
        let connected = |complete| Connected {
            devices: BTreeSet::from([device("SN-1")]),
            complete,
        };
        assert_eq!(connected(true).holds(&device("SN-1")), Some(true));
        assert_eq!(connected(false).holds(&device("SN-1")), Some(true));
        assert_eq!(connected(true).holds(&device("SN-2")), Some(false));
        assert_eq!(connected(false).holds(&device("SN-2")), None);
        assert_eq!(Connected::default().holds(&device("SN-1")), None);
    }
}
