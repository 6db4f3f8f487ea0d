//! The bucket of the console's files. Only CloudFront reads it.

use serde_json::{Value, json};
use stratosphere::services::aws::s3;
use stratosphere::services::aws::s3::bucket;
use stratosphere::value::ExpString;

use super::{BUCKET, DISTRIBUTION};
use crate::policy;
use crate::stack::Stack;
use crate::value::{arn, reference, sub};

/// Days for which a file that was replaced or removed can still be had back.
const OLD_VERSIONS: i32 = 30;

/// Every file in it.
pub(super) fn objects() -> ExpString {
    sub(format!("${{{BUCKET}.Arn}}/*"))
}

const NO_LOG: &str = "CloudFront alone reads it, and what CloudFront is asked for says nothing: every \
     visitor gets the same files";

/// Defines the bucket and its policy.
///
/// It goes with the console: each deployment makes its content again. The content
/// empties it when it is deleted, since only an empty bucket can be.
pub(super) fn define(stack: &mut Stack) {
    let everything_is_private = bucket::PublicAccessBlockConfiguration! {
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
    };
    let old_versions = bucket::Rule! {
        id: "OldVersions",
        status: "Enabled",
        noncurrent_version_expiration: bucket::NoncurrentVersionExpiration! {
            noncurrent_days: OLD_VERSIONS,
        },
        abort_incomplete_multipart_upload: bucket::AbortIncompleteMultipartUpload! {
            days_after_initiation: 1,
        },
    };
    stack
        .add(
            BUCKET,
            &s3::Bucket! {
                bucket_encryption: bucket::BucketEncryption! {
                    server_side_encryption_configuration: vec![bucket::ServerSideEncryptionRule! {
                        server_side_encryption_by_default: bucket::ServerSideEncryptionByDefault! {
                            sse_algorithm: "AES256",
                        },
                    }],
                },
                lifecycle_configuration: bucket::LifecycleConfiguration! {
                    rules: vec![old_versions],
                },
                ownership_controls: bucket::OwnershipControls! {
                    rules: vec![bucket::OwnershipControlsRule! {
                        object_ownership: "BucketOwnerEnforced",
                    }],
                },
                public_access_block_configuration: everything_is_private,
                versioning_configuration: bucket::VersioningConfiguration! { status: "Enabled" },
            },
        )
        .dispose()
        .suppress(
            "s3_bucket_default_encryption_kms_check",
            "what everybody can read at the console's address is no secret; S3's own key costs \
             nothing for each request",
        )
        .suppress("s3_bucket_logging_enabled_check", NO_LOG)
        .suppress("CKV_AWS_18", NO_LOG)
        .suppress(
            "s3_event_notifications_enabled_check",
            "nothing has to happen when a file changes; the stack is what changes it",
        )
        .suppress(
            "s3_bucket_object_lock_enabled_check",
            "each deployment replaces the files, and the stack removes them when it goes",
        );
    define_policy(stack);
}

fn define_policy(stack: &mut Stack) {
    let tls = stack.target().cloud.insists_on_tls();
    let statements: Vec<Value> = [read_by_cloudfront()]
        .into_iter()
        .chain(tls.then(refuse_without_tls))
        .collect();
    let policy = stack.add(
        format!("{BUCKET}Policy"),
        &s3::BucketPolicy! {
            bucket: reference(BUCKET),
            policy_document: json!({ "Version": "2012-10-17", "Statement": statements }),
        },
    );
    policy.remark(
        policy::WILDCARDS,
        json!([{
            "Resource": [objects()],
            "Reason": "all files of the console, whose names change with each build",
        }]),
    );
    let why = if tls {
        "it does; the rule knows the ARN of all objects by Fn::Join only, for which cfn-lint wants \
         Fn::Sub"
    } else {
        "the emulator serves plain HTTP on the loopback device only"
    };
    policy.suppress("s3_bucket_policy_ssl_requests_only_check", why);
}

/// Not its list: what is not there is refused like what nobody may read.
fn read_by_cloudfront() -> Value {
    let distribution = format!(
        "arn:${{AWS::Partition}}:cloudfront::${{AWS::AccountId}}:distribution/${{{DISTRIBUTION}}}"
    );
    json!({
        "Effect": "Allow",
        "Principal": { "Service": "cloudfront.amazonaws.com" },
        "Action": "s3:GetObject",
        "Resource": objects(),
        "Condition": { "StringEquals": { "aws:SourceArn": sub(distribution) } },
    })
}

fn refuse_without_tls() -> Value {
    json!({
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn(BUCKET), objects()],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    })
}
