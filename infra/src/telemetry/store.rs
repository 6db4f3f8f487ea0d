//! The bucket of telemetry.

use contract::output;
use serde_json::json;
use stratosphere::services::aws::s3;
use stratosphere::services::aws::s3::bucket;
use stratosphere::value::ExpString;

use crate::stack::Stack;
use crate::value::{arn, reference, sub};

const NO_LOG: &str = "it holds measurements without names of people; who reads it is in CloudTrail where \
     that is asked for, and logs of access would outgrow the data";

const BUCKET: &str = "TelemetryBucket";

/// Folder of the dataset.
pub(super) const DATA: &str = "telemetry";
/// Folder of what Firehose could not bring into the dataset.
pub(super) const ERRORS: &str = "errors";
/// Folder of Athena's answers.
pub(super) const ANSWERS: &str = "athena";

/// Days after which files are rarely asked for.
const RARELY_READ: i32 = 60;
/// Days for which an error may wait for somebody to look at it.
const KEEP_ERRORS: i32 = 90;
/// Days for which an answer can be fetched again.
const KEEP_ANSWERS: i32 = 7;
/// Days for which something deleted or overwritten can be brought back.
const KEEP_DELETED: i32 = 30;

/// The bucket, which is there whether telemetry is switched on or not: it is kept
/// when the component goes, and a second one could not have its place.
#[derive(Clone, Copy, Debug)]
pub struct Store(());

impl Store {
    /// Defines the bucket, in which telemetry is kept for `keep_days`.
    ///
    /// Logical ids: `TelemetryBucket`, `TelemetryBucketPolicy`.
    pub fn define(stack: &mut Stack, keep_days: i32) -> Self {
        let store = Self(());
        let encryption = bucket::ServerSideEncryptionRule! {
            server_side_encryption_by_default: bucket::ServerSideEncryptionByDefault! {
                sse_algorithm: "AES256",
            },
        };
        stack
            .add(
                BUCKET,
                &s3::Bucket! {
                    bucket_encryption: bucket::BucketEncryption! {
                        server_side_encryption_configuration: vec![encryption],
                    },
                    lifecycle_configuration: bucket::LifecycleConfiguration! {
                        rules: rules(keep_days),
                    },
                    ownership_controls: bucket::OwnershipControls! {
                        rules: vec![bucket::OwnershipControlsRule! {
                            object_ownership: "BucketOwnerEnforced",
                        }],
                    },
                    public_access_block_configuration: bucket::PublicAccessBlockConfiguration! {
                        block_public_acls: true,
                        block_public_policy: true,
                        ignore_public_acls: true,
                        restrict_public_buckets: true,
                    },
                    versioning_configuration: bucket::VersioningConfiguration! { status: "Enabled" },
                },
            )
            .retain()
            .suppress(
                "s3_bucket_default_encryption_kms_check",
                "S3 encrypts with keys of its own; one of ours would cost a call for each file, and \
                 who may read the bucket could use it as well",
            )
            .suppress("s3_bucket_logging_enabled_check", NO_LOG)
            .suppress("CKV_AWS_18", NO_LOG)
            .suppress(
                "s3_bucket_object_lock_enabled_check",
                "measurements have to be deleted where an owner asks for it",
            )
            .suppress(
                "s3_event_notifications_enabled_check",
                "nobody waits for a file: questions find it by its folder",
            );
        if stack.target().cloud.insists_on_tls() {
            store.refuse_without_tls(stack);
        }
        stack.output(
            output::TELEMETRY_BUCKET,
            "Bucket that keeps telemetry",
            json!(store.name()),
        );
        store
    }

    fn refuse_without_tls(self, stack: &mut Stack) {
        let statement = json!({
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [self.arn(), self.objects("*")],
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        });
        stack
            .add(
                format!("{BUCKET}Policy"),
                &s3::BucketPolicy! {
                    bucket: self.name(),
                    policy_document: json!({ "Version": "2012-10-17", "Statement": [statement] }),
                },
            )
            .retain()
            .suppress(
                "s3_bucket_policy_ssl_requests_only_check",
                "it does; the rule knows the ARN of all objects by Fn::Join only, for which cfn-lint \
                 wants Fn::Sub",
            );
    }

    /// Its name.
    pub(super) fn name(self) -> ExpString {
        reference(BUCKET)
    }

    /// Its ARN.
    pub(super) fn arn(self) -> ExpString {
        arn(BUCKET)
    }

    /// ARN of the objects that `pattern` names.
    pub(super) fn objects(self, pattern: &str) -> ExpString {
        sub(format!("${{{BUCKET}.Arn}}/{pattern}"))
    }

    /// Where the dataset is, as Athena reads it.
    pub(super) fn data(self) -> String {
        format!("s3://${{{BUCKET}}}/{DATA}/")
    }

    /// Where Athena puts its answers.
    pub(super) fn answers(self) -> ExpString {
        sub(format!("s3://${{{BUCKET}}}/{ANSWERS}/"))
    }
}

fn rules(keep_days: i32) -> Vec<bucket::Rule_> {
    let cheaper = bucket::Transition! {
        storage_class: "STANDARD_IA",
        transition_in_days: RARELY_READ,
    };
    vec![
        bucket::Rule! {
            id: "Telemetry",
            status: "Enabled",
            prefix: format!("{DATA}/").as_str(),
            transitions: vec![cheaper],
            expiration_in_days: keep_days,
        },
        expire("Errors", ERRORS, KEEP_ERRORS),
        expire("Answers", ANSWERS, KEEP_ANSWERS),
        bucket::Rule! {
            id: "Remains",
            status: "Enabled",
            abort_incomplete_multipart_upload: bucket::AbortIncompleteMultipartUpload! {
                days_after_initiation: 7,
            },
            noncurrent_version_expiration: bucket::NoncurrentVersionExpiration! {
                noncurrent_days: KEEP_DELETED,
            },
        },
    ]
}

fn expire(id: &str, folder: &str, days: i32) -> bucket::Rule_ {
    bucket::Rule! {
        id: id,
        status: "Enabled",
        prefix: format!("{folder}/").as_str(),
        expiration_in_days: days,
    }
}
