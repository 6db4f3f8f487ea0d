//! CloudFront: the console's files, and the API under `/api` of the same origin.

use serde_json::{Value, json};
use stratosphere::services::aws::cloudfront;
use stratosphere::services::aws::cloudfront::{function, originaccesscontrol};

use super::{BUCKET, DISTRIBUTION, headers};
use crate::api;
use crate::base::Base;
use crate::stack::Stack;
use crate::value::{attribute, reference};

/// Logical ids.
const ACCESS: &str = "ConsoleAccess";
const PAGES: &str = "ConsolePages";

/// Policies of CloudFront itself. Files are kept as long as their own
/// `Cache-Control` says, compressed; of the API nothing is kept, and it gets
/// everything that the browser has sent but its `Host`.
const CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const ALL_VIEWER_EXCEPT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

/// Ids of the origins, inside of the distribution.
const FILES: &str = "files";
const API: &str = "api";

const NO_LOG: &str = "the files are the same for everybody, and API Gateway logs each call of the API; \
     another log would only add the addresses of people";

const OWN_NAME: &str = "it has the name and the certificate of CloudFront, which decides what it \
                        speaks; docs/operations.md says how to give it a name of one's own";

/// Defines the distribution, how it reads the bucket, and what makes one page of
/// all addresses.
///
/// That is a function and not an error page: error pages are the whole
/// distribution's, and would take the place of the API's own errors.
pub(super) fn define(stack: &mut Stack, base: &Base) {
    stack.add(
        ACCESS,
        &cloudfront::OriginAccessControl! {
            origin_access_control_config: originaccesscontrol::OriginAccessControlConfig! {
                name: super::named(),
                origin_access_control_origin_type: "s3",
                signing_behavior: "always",
                signing_protocol: "sigv4",
            },
        },
    );
    stack.add(
        PAGES,
        &cloudfront::Function! {
            name: super::named(),
            auto_publish: true,
            function_code: include_str!("pages.js"),
            function_config: function::FunctionConfig! {
                comment: "Answers each address of the console with its page",
                runtime: "cloudfront-js-2.0",
            },
        },
    );
    let cloud = stack.target().cloud;
    let configuration = configuration(stack, base);
    let distribution = stack
        .add_plain(
            DISTRIBUTION,
            "AWS::CloudFront::Distribution",
            json!({ "DistributionConfig": configuration }),
        )
        .suppress("cloudfront_access_logs_enabled_check", NO_LOG)
        .suppress("CKV_AWS_86", NO_LOG)
        .suppress("cloudfront_custom_ssl_certificate_check", OWN_NAME)
        .suppress("cloudfront_security_policy_check", OWN_NAME)
        .suppress("cloudfront_sni_enabled_check", OWN_NAME)
        .suppress("CKV_AWS_174", OWN_NAME)
        .suppress(
            "CKV_AWS_68",
            "the files are public, and the API wants a token for each route and throttles it; a \
             firewall would cost a monthly fee and something for each request",
        )
        .suppress(
            "cloudfront_origin_failover_enabled_check",
            "the console is of no use without the API and the users of its region, so there is \
             nothing to fail over to",
        );
    cloud.explain_plain_http(distribution);
}

/// Written as JSON, since locally the port of an origin is an attribute, for
/// which the typed resource has no place.
fn configuration(stack: &Stack, base: &Base) -> Value {
    let cloud = stack.target().cloud;
    let [page_protocol, api_protocol] = cloud.viewer_protocols();
    let mut api_origin = cloud.api_origin(api::API, &base.broker);
    api_origin["Id"] = API.into();
    json!({
        "Comment": { "Fn::Sub": "Web console of ${AWS::StackName}" },
        "Enabled": true,
        "HttpVersion": "http2and3",
        "IPV6Enabled": true,
        // North America and Europe; the others are served from there.
        "PriceClass": "PriceClass_100",
        "DefaultRootObject": "index.html",
        "ViewerCertificate": { "CloudFrontDefaultCertificate": true },
        "Origins": [
            {
                "Id": FILES,
                "DomainName": attribute(BUCKET, "RegionalDomainName"),
                "OriginAccessControlId": reference(ACCESS),
                "S3OriginConfig": { "OriginAccessIdentity": "" },
            },
            api_origin,
        ],
        "DefaultCacheBehavior": {
            "TargetOriginId": FILES,
            "ViewerProtocolPolicy": page_protocol,
            "AllowedMethods": ["GET", "HEAD"],
            "CachePolicyId": CACHING_OPTIMIZED,
            "ResponseHeadersPolicyId": headers::policy(),
            "Compress": true,
            "FunctionAssociations": [{
                "EventType": "viewer-request",
                "FunctionARN": attribute(PAGES, "FunctionARN"),
            }],
        },
        "CacheBehaviors": [{
            "PathPattern": "/api/*",
            "TargetOriginId": API,
            "ViewerProtocolPolicy": api_protocol,
            "AllowedMethods": ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"],
            "CachePolicyId": CACHING_DISABLED,
            "OriginRequestPolicyId": ALL_VIEWER_EXCEPT_HOST,
            "ResponseHeadersPolicyId": headers::policy(),
            "Compress": true,
        }],
    })
}
