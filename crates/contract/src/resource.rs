//! Types of the custom resources that the stack's own helper makes.

/// The files of the web console, and its configuration.
pub const CONSOLE_CONTENT: &str = "Custom::ConsoleContent";
/// The account's index of things holds their registry entries and connections.
pub const FLEET_INDEXING: &str = "Custom::FleetIndexing";
/// The account's broker; its attribute [`ADDRESS`] is its host name.
pub const IOT_ENDPOINT: &str = "Custom::IotEndpoint";
/// Attribute of [`IOT_ENDPOINT`].
pub const ADDRESS: &str = "Address";
