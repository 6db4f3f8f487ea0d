//! Types of the custom resources that a stack's own helper makes.

/// The account's index of things holds their registry entries and connections.
pub const FLEET_INDEXING: &str = "Custom::FleetIndexing";
/// The account's broker; its attribute [`ADDRESS`] is its host name.
pub const IOT_ENDPOINT: &str = "Custom::IotEndpoint";
/// Attribute of [`IOT_ENDPOINT`].
pub const ADDRESS: &str = "Address";
/// The flags of the manifest in the pipeline's repository: a commit where they are
/// others.
pub const MANIFEST_COMMIT: &str = "Custom::ManifestCommit";
/// The stack that the pipeline deploys: deleted before the pipeline is.
pub const SOLUTION_STACK: &str = "Custom::SolutionStack";
