//! What browsers are told about the console, apart from its files.

use stratosphere::services::aws::cloudfront;
use stratosphere::services::aws::cloudfront::responseheaderspolicy as headers;
use stratosphere::value::ExpString;

use crate::base::Base;
use crate::stack::Stack;
use crate::value::{reference, sub};

/// Logical id of the policy.
const POLICY: &str = "ConsoleHeaders";

/// Two years in seconds, for which a browser does not try plain HTTP any more.
const ONLY_TLS: i32 = 2 * 365 * 24 * 60 * 60;

/// The policy.
pub(super) fn policy() -> ExpString {
    reference(POLICY)
}

/// Defines the policy.
pub(super) fn define(stack: &mut Stack, base: &Base) {
    let security = headers::SecurityHeadersConfig! {
        content_security_policy: headers::ContentSecurityPolicy! {
            content_security_policy: content_security_policy(stack, base),
            r#override: true,
        },
        content_type_options: headers::ContentTypeOptions! { r#override: true },
        frame_options: headers::FrameOptions! { frame_option: "DENY", r#override: true },
        referrer_policy: headers::ReferrerPolicy! {
            referrer_policy: "same-origin",
            r#override: true,
        },
        strict_transport_security: headers::StrictTransportSecurity! {
            access_control_max_age_sec: ONLY_TLS,
            include_subdomains: false,
            r#override: true,
        },
    };
    // The console needs none of what a browser asks its user for.
    let permissions = headers::CustomHeader! {
        header: "permissions-policy",
        value: "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        r#override: true,
    };
    stack.add(
        POLICY,
        &cloudfront::ResponseHeadersPolicy! {
            response_headers_policy_config: headers::ResponseHeadersPolicyConfig! {
                name: super::named(),
                comment: "What browsers are told about the console",
                security_headers_config: security,
                custom_headers_config: headers::CustomHeadersConfig! { items: vec![permissions] },
            },
        },
    );
}

/// Scripts, styles and images come from the console's own files; the font is
/// inside of its styles. Data come from the API beside them, the user pool, and the broker.
fn content_security_policy(stack: &Stack, base: &Base) -> ExpString {
    let [users, broker] = stack.target().cloud.console_peers(&base.broker);
    sub([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src data:",
        &format!("connect-src 'self' {users} {broker}"),
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
    .join("; "))
}
