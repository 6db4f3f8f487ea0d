//! Where the pipeline keeps what it hands on and what it deploys from.

use serde_json::json;
use stratosphere::services::aws::s3;
use stratosphere::services::aws::s3::bucket;
use stratosphere::value::ExpString;

use crate::policy::Statement;
use crate::stack::Stack;
use crate::value::{arn, reference, sub};

/// Days for which what one stage hands to the next is kept.
const ARTIFACTS_DAYS: i32 = 90;

/// Days for which what was overwritten can be had back.
const OVERWRITTEN_DAYS: i32 = 90;

/// Keys of what a build finds again in the next one.
pub(super) const CACHE: &str = "cache";

const NO_LOG: &str = "only the roles of this stack have rights in it; CloudTrail has the calls of whoever else comes";

/// Rules that ask for what would protect nothing here.
const SUPPRESSED: [(&str, &str); 5] = [
    (
        "s3_bucket_default_encryption_kms_check",
        "S3 encrypts it with keys of its own; a key in KMS costs for each call, and every role \
         here would need rights on it",
    ),
    ("s3_bucket_logging_enabled_check", NO_LOG),
    ("CKV_AWS_18", NO_LOG),
    (
        "s3_bucket_object_lock_enabled_check",
        "it holds what can be built again from the repository, in versions",
    ),
    (
        "s3_event_notifications_enabled_check",
        "nobody waits for what is put there: the pipeline knows when a stage has ended",
    ),
];

/// A defined bucket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket(&'static str);

impl Bucket {
    /// For what one stage of the pipeline hands to the next, and the caches of the
    /// builds.
    ///
    /// Logical ids: `Artifacts`, `ArtifactsPolicy`.
    pub(super) fn define_artifacts(stack: &mut Stack) -> Self {
        Self::define(stack, "Artifacts", Some(ARTIFACTS_DAYS))
    }

    /// For what stacks are made of: templates and the zips of functions. These stay,
    /// since CloudFormation may need them to go back to a former state.
    ///
    /// Logical ids: `Outputs`, `OutputsPolicy`.
    pub(super) fn define_outputs(stack: &mut Stack) -> Self {
        Self::define(stack, "Outputs", None)
    }

    fn define(stack: &mut Stack, id: &'static str, expire_after: Option<i32>) -> Self {
        let mut rule = bucket::Rule! {
            status: "Enabled",
            abort_incomplete_multipart_upload: bucket::AbortIncompleteMultipartUpload! {
                days_after_initiation: 7,
            },
            noncurrent_version_expiration: bucket::NoncurrentVersionExpiration! {
                noncurrent_days: OVERWRITTEN_DAYS,
            },
        };
        rule.expiration_in_days = expire_after;
        let encryption = bucket::ServerSideEncryptionByDefault! { sse_algorithm: "AES256" };
        stack
            .add(
                id,
                &s3::Bucket! {
                    bucket_encryption: bucket::BucketEncryption! {
                        server_side_encryption_configuration: vec![
                            bucket::ServerSideEncryptionRule! {
                                server_side_encryption_by_default: encryption,
                            },
                        ],
                    },
                    lifecycle_configuration: bucket::LifecycleConfiguration! { rules: vec![rule] },
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
                    versioning_configuration: bucket::VersioningConfiguration! {
                        status: "Enabled",
                    },
                },
            )
            .retain();
        for (rule, reason) in SUPPRESSED {
            stack.resource(id).suppress(rule, reason);
        }
        let bucket = Self(id);
        bucket.refuse_without_tls(stack);
        bucket
    }

    fn refuse_without_tls(self, stack: &mut Stack) {
        let statement = json!({
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [self.arn(), self.objects("*")],
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        });
        let policy = s3::BucketPolicy! {
            bucket: self.name(),
            policy_document: json!({ "Version": "2012-10-17", "Statement": [statement] }),
        };
        stack.add(format!("{}Policy", self.0), &policy).suppress(
            "s3_bucket_policy_ssl_requests_only_check",
            "it is there; the rule wants Fn::Join for the objects, which cfn-lint refuses in \
             favour of Fn::Sub",
        );
    }

    pub(super) fn id(self) -> &'static str {
        self.0
    }

    pub(super) fn name(self) -> ExpString {
        reference(self.0)
    }

    pub(super) fn arn(self) -> ExpString {
        arn(self.0)
    }

    /// The ARN of the objects whose keys fit a pattern.
    pub(super) fn objects(self, pattern: &str) -> ExpString {
        sub(format!("${{{}.Arn}}/{pattern}", self.0))
    }

    /// The rights to fetch and store what is handed from stage to stage.
    pub(super) fn hand_on(self) -> [Statement; 2] {
        [
            Statement::allow(&["s3:GetBucketAcl", "s3:GetBucketLocation"], self.arn()),
            Statement::allow_pattern(
                &["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
                vec![self.objects("*")],
                "CodePipeline and CodeBuild choose the keys",
            ),
        ]
    }

    /// The rights that `cdk` needs to upload what a stack is made of.
    pub(super) fn publish(self) -> [Statement; 2] {
        [
            Statement::allow(
                &[
                    "s3:GetBucketLocation",
                    "s3:GetEncryptionConfiguration",
                    "s3:ListBucket",
                ],
                self.arn(),
            ),
            Statement::allow_pattern(
                &["s3:GetObject", "s3:PutObject"],
                vec![self.objects("*")],
                "a key is the hash of what it holds",
            ),
        ]
    }

    /// The right to read what a stack is made of.
    pub(super) fn read(self) -> Statement {
        Statement::allow_pattern(
            &["s3:GetObject"],
            vec![self.objects("*")],
            "a key is the hash of what it holds",
        )
    }
}
