//! The web console: files in a private bucket, and CloudFront in front of them
//! and of the API, so that both have one origin.

mod bucket;
mod distribution;
mod headers;

use contract::{output, resource};
use serde_json::{Value, json};
use stratosphere::services::aws::iam;
use stratosphere::value::ExpString;

use crate::base::Base;
use crate::content;
use crate::custom_resource::Helper;
use crate::manifest::Manifest;
use crate::policy::{self, Statement};
use crate::stack::Stack;
use crate::value::{arn, reference, sub};

/// The binaries it needs; the helper that fills the bucket is always there.
pub const SERVICES: &[&str] = &[];

/// Logical ids.
const BUCKET: &str = "ConsoleBucket";
const DISTRIBUTION: &str = "ConsoleDistribution";
const CONTENT: &str = "ConsoleContent";
const RIGHTS: &str = "ConsoleContentRights";

/// Defines the bucket, the distribution and the content.
///
/// Logical ids: `Console…`.
pub fn define(stack: &mut Stack, manifest: &Manifest, base: &Base, helper: &Helper) {
    bucket::define(stack);
    headers::define(stack, base);
    distribution::define(stack, base);
    define_rights(stack, helper);
    define_content(stack, manifest, base, helper);
    let url = stack.target().cloud.console_url(DISTRIBUTION, &base.broker);
    stack.output(output::CONSOLE_URL, "Address of the web console", url);
}

/// Names in CloudFront are those of the account in every region.
fn named() -> ExpString {
    sub("${AWS::StackName}-${AWS::Region}-console")
}

/// What the helper may do for the console. A policy of its own: it names what
/// refers to the helper, and goes when the bucket goes, after the bucket was emptied.
fn define_rights(stack: &mut Stack, helper: &Helper) {
    let code = &stack.target().code;
    let archive = format!(
        "arn:${{AWS::Partition}}:s3:::{}/{}",
        code.bucket_pattern(),
        code.key(content::NAME)
    );
    let distribution = format!(
        "arn:${{AWS::Partition}}:cloudfront::${{AWS::AccountId}}:distribution/${{{DISTRIBUTION}}}"
    );
    let statements = [
        Statement::allow(&["s3:GetObject"], sub(archive)),
        Statement::allow(&["s3:ListBucket", "s3:ListBucketVersions"], arn(BUCKET)),
        Statement::allow_pattern(
            &["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObject"],
            vec![bucket::objects()],
            "the files of the console, whose names change with each build",
        ),
        Statement::allow(&["cloudfront:CreateInvalidation"], sub(distribution)),
    ];
    let rights = stack.add(
        RIGHTS,
        &iam::Policy! {
            policy_name: "Console",
            policy_document: policy::document(&statements),
            roles: vec![reference(&helper.role())],
        },
    );
    policy::explain(rights, &statements);
}

/// The archive's name is made of its content, so that new content is an update.
fn define_content(stack: &mut Stack, manifest: &Manifest, base: &Base, helper: &Helper) {
    let target = stack.target();
    let properties = [
        ("SourceBucket", json!(target.code.bucket())),
        ("SourceKey", json!(target.code.key(content::NAME))),
        ("Bucket", json!(reference(BUCKET))),
        ("DistributionId", json!(reference(DISTRIBUTION))),
        ("Configuration", configuration(stack, manifest, base)),
    ];
    helper
        .make(stack, CONTENT, resource::CONSOLE_CONTENT, properties)
        .after(RIGHTS);
}

/// What the page reads as `/config.json`; none of it is a secret.
fn configuration(stack: &Stack, manifest: &Manifest, base: &Base) -> Value {
    let mut values = json!({
        "apiUrl": "/api",
        "region": { "Ref": "AWS::Region" },
        "userPoolId": base.users.pool(),
        "userPoolClientId": base.users.client(),
        "telemetryTopic": manifest.telemetry.env.telemetry_topic,
        "hasHistory": manifest.has_history().to_string(),
    });
    if let Some(endpoint) = stack.target().cloud.user_pool_endpoint(&base.broker) {
        values["userPoolEndpoint"] = json!(endpoint);
    }
    values
}
