//! Ids that the old tables do not have. They are made of what a row says, so
//! that the same row gets the same id however often it is moved.

use domain::command::CommandId;
use domain::id::{DeviceId, RegistrationId};
use jiff::Timestamp;
use uuid::{Builder, Uuid};

/// Names what is derived here, and nothing else.
const MOVED: Uuid = Uuid::from_u128(0x6f1e_9c07_54a3_5d0c_9b1e_2d7c_a8f4_0b61);

/// Of the registration that a row of the old table is.
pub(crate) fn registration(
    old_user: &str,
    device: &DeviceId,
    created: Timestamp,
) -> RegistrationId {
    RegistrationId(at(created, &format!("registration#{old_user}#{device}")))
}

/// Of whatever registration the same user had of the device before: its row was
/// overwritten.
pub(crate) fn earlier_registration(old_user: &str, device: &DeviceId) -> RegistrationId {
    RegistrationId(at(
        Timestamp::UNIX_EPOCH,
        &format!("earlier#{old_user}#{device}"),
    ))
}

/// Of a command: ours begin with the time at which they were sent.
pub(crate) fn command(old: &str, created: Timestamp) -> CommandId {
    CommandId(at(created, &format!("command#{old}")))
}

/// A UUID of version 7 whose drawn bits are a hash of `name`.
fn at(time: Timestamp, name: &str) -> Uuid {
    let [.., a, b, c, d, e, f, g, h, i, j] = Uuid::new_v5(&MOVED, name.as_bytes()).into_bytes();
    let millis = u64::try_from(time.as_millisecond()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &[a, b, c, d, e, f, g, h, i, j]).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_version_7_and_stay_the_same() {
        let device = DeviceId::new("SN-1").unwrap();
        let time: Timestamp = "2020-01-02T03:04:05Z".parse().unwrap();
        let one = registration("anna", &device, time);
        assert_eq!(one, registration("anna", &device, time));
        assert_eq!(one.0.get_version_num(), 7);
        assert_ne!(one, registration("ben", &device, time));
        assert_ne!(one, earlier_registration("anna", &device));
        let command = command("x", time);
        assert_eq!(command.time(), time);
        assert_eq!(CommandId::new(&command.to_string()), Ok(command));
    }
}
