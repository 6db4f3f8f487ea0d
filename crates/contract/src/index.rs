//! Global secondary indexes. `docs/data-model.md` says what each one serves.

/// Registrations by `activeDevice`: at most one row for a device, its present
/// registration. Rows of deleted registrations are not in it.
pub const REGISTRATIONS_BY_DEVICE: &str = "byDevice";
/// Events by (`userDevice`, `order`): one device's timeline.
pub const EVENTS_BY_DEVICE: &str = "byDevice";
/// Events by (`userId`, `order`): the timeline of all devices of a user.
pub const EVENTS_BY_USER: &str = "byUser";
/// Events by (`unread`, `order`): only what is neither acknowledged nor
/// suppressed, so that what was read costs nothing.
pub const EVENTS_UNREAD: &str = "unread";
/// Commands by (`open`, `due`): only those about which something is left to do,
/// so that history costs nothing.
pub const COMMANDS_OPEN: &str = "open";
