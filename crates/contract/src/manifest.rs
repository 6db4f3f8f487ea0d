//! What everybody who writes or checks `cdk-manifest.json` must agree on.

/// File of the repository.
pub const FILE: &str = "cdk-manifest.json";

/// The key with everything in it.
pub const DEFAULT: &str = "default";
/// Key of the version.
pub const VERSION: &str = "version";
/// Key of the consent to send anonymous usage data.
pub const SEND_ANONYMOUS_USAGE: &str = "sendAnonymousUsage";
/// Key of a component's flag.
pub const DEPLOY: &str = "deploy";

/// Key of the REST API.
pub const API: &str = "api";
/// Key of the web console.
pub const OWNERAPP: &str = "ownerapp";
/// Key of each component.
pub const COMPONENTS: [&str; 6] = ["jitr", "events", API, OWNERAPP, "telemetry", "defender"];

/// Why the console is refused where there is no API; `found` is what makes the
/// console deployed.
#[must_use]
pub fn console_without_api(found: &str) -> String {
    format!(
        "default.ownerapp.deploy: {found}, but the console needs the API; \
         set it to false, or default.api.deploy to true"
    )
}

/// Why a manifest without any component is refused.
#[must_use]
pub fn nothing_to_deploy() -> String {
    let flags = COMPONENTS.map(|component| format!("default.{component}.deploy"));
    format!(
        "default: found nothing to deploy; set at least one of {} to true",
        flags.join(", ")
    )
}
